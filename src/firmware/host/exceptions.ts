/** What the panic handler calls the processor's exceptions: each architecture has its own words, and its own register of the address. */
import { hex } from '../../errors.ts'
import type { Processor } from '../../targets/target.ts'

/** The causes, in the words of one architecture. */
export interface Exceptions {
  /** An instruction that is none. */
  readonly illegal: string
  /** A call of what is no function. */
  readonly fetch: string
  /** A read where there is no memory. */
  readonly load: string
  /** A write where there is no memory. */
  readonly store: string
  /** An atomic access of an address that is no multiple of its size. */
  readonly alignment: string
  /** The register that has the address, as it is printed. */
  readonly addressRegister: string
}

const WORDS: Readonly<Record<Processor['architecture'], Exceptions>> = {
  xtensa: {
    illegal: 'IllegalInstruction',
    fetch: 'InstrFetchProhibited',
    load: 'LoadProhibited',
    store: 'StoreProhibited',
    alignment: 'LoadStoreAlignment',
    addressRegister: 'EXCVADDR',
  },
  riscv: {
    illegal: 'Illegal instruction',
    fetch: 'Instruction access fault',
    load: 'Load access fault',
    store: 'Store access fault',
    alignment: 'Store address misaligned',
    addressRegister: 'MTVAL   ',
  },
}

/**
 * On Xtensa an exception. RISC-V has none: there the quotient is -1 and the program goes on, with a number that nobody meant. As
 * C leaves it undefined, it ends the firmware here on every chip.
 */
const DIVISION = 'IntegerDivideByZero'

/** Below this there is nothing: a pointer that was NULL, and a field of what it pointed to. */
const NULL_POINTER_END = 0x1000

/** ESP-IDF's line for what the processor refuses. */
function guruMeditation(cause: string, core: number): string {
  return `Guru Meditation Error: Core  ${core} panic'ed (${cause}). Exception was unhandled.`
}

/** What ESP-IDF says when an interrupt does not end: nothing was refused. */
export const INTERRUPT_WATCHDOG = "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0)."

/** The panics of a processor. */
export class ExceptionWords {
  readonly #words: Exceptions

  /** @param processor - The chip's; undefined for a target that is no chip. */
  constructor(processor: Processor | undefined) {
    this.#words = WORDS[processor?.architecture ?? 'xtensa']
  }

  /** An access where there is no memory. */
  access(address: number, isWrite: boolean, core: number): string {
    const { load, store, addressRegister } = this.#words
    const what = address < NULL_POINTER_END ? ' (a null pointer)' : ''
    return `${guruMeditation(isWrite ? store : load, core)}\n${addressRegister}: ${hex(address)}${what}`
  }

  /** What WebAssembly has trapped for, in the chip's words. */
  trap(message: string, core: number): string {
    const { illegal, fetch, load, alignment } = this.#words
    const traps: readonly (readonly [RegExp, string])[] = [
      [/unreachable/, illegal],
      [/divide by zero|remainder by zero|integer overflow|divide result unrepresentable/, DIVISION],
      [/table index|function signature mismatch|null function/, fetch],
      [/memory access out of bounds/, load],
      [/unaligned/, alignment],
    ]
    return guruMeditation(traps.find(([pattern]) => pattern.test(message))?.[1] ?? message, core)
  }
}
