/** The firmware's module on one thread: an instance of its own over the chip's memory, and C functions called in it. */
import { invalidArgument } from '../../errors.ts'
import { CHECK_GLOBALS } from '../toolchain/wasm/checks.ts'

import { WATCHED_LENGTH, WATCHED_START } from './board-layout.ts'
import type { Board } from './board.ts'
import type { HostFunctions } from './host-module.ts'

/** The stack pointer's distance from the top, where C wants 16 bytes. */
const STACK_ALIGN = 16
/** Bytes that one instruction reads or writes at most. */
const LONGEST_ACCESS = 16

type CFunction = (...values: (number | bigint)[]) => unknown

/** An instance. */
export class FirmwareInstance {
  readonly #exports: WebAssembly.Exports
  readonly #table: WebAssembly.Table | undefined
  readonly #stackPointer: WebAssembly.Global | undefined
  readonly #stackLimit: WebAssembly.Global | undefined
  readonly #watchStart: WebAssembly.Global | undefined
  readonly #watchBytes: WebAssembly.Global | undefined
  readonly #workLeft: WebAssembly.Global | undefined
  #slice = 0

  /**
   * Makes an instance. The first one over a memory puts static data in place.
   *
   * @param module - The firmware.
   * @param memory - The chip's.
   * @param functions - What it imports from the host, by module.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it imports what nobody has.
   */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, functions: ReadonlyMap<string, HostFunctions>) {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { env: { memory } }
    for (const [name, members] of functions)
      imports[name] = { ...imports[name], ...(members as WebAssembly.ModuleImports) }
    checkImports(module, imports)
    this.#exports = new WebAssembly.Instance(module, imports).exports
    this.#table = this.#exports['__indirect_function_table'] as WebAssembly.Table | undefined
    this.#stackPointer = this.#exports['__stack_pointer'] as WebAssembly.Global | undefined
    this.#stackLimit = this.#exports[CHECK_GLOBALS.stackLimit] as WebAssembly.Global | undefined
    this.#watchStart = this.#exports[CHECK_GLOBALS.watchStart] as WebAssembly.Global | undefined
    this.#watchBytes = this.#exports[CHECK_GLOBALS.watchBytes] as WebAssembly.Global | undefined
    this.#workLeft = this.#exports[CHECK_GLOBALS.workLeft] as WebAssembly.Global | undefined
    if (this.#workLeft !== undefined) this.#workLeft.value = 0
  }

  /** Whether it exports a function. */
  has(name: string): boolean {
    return typeof this.#exports[name] === 'function'
  }

  /** An exported number. */
  global(name: string): number | undefined {
    const global = this.#exports[name]
    return global instanceof WebAssembly.Global ? Number(global.value) >>> 0 : undefined
  }

  /** Calls an exported function. */
  call(name: string, ...values: number[]): number {
    const found = this.#exports[name]
    if (typeof found !== 'function') throw invalidArgument(`the firmware does not export ${name}`)
    return Number((found as CFunction)(...values) ?? 0)
  }

  /** An exported function, to be called often. */
  find(name: string): ((...values: number[]) => number) | undefined {
    const found = this.#exports[name]
    return typeof found === 'function' ? (found as (...values: number[]) => number) : undefined
  }

  /** Calls a function by its pointer. A pointer that is none traps as on the chip. */
  callPointer(pointer: number, ...values: number[]): number {
    let found: unknown
    try {
      found = this.#table?.get(pointer)
    } catch {
      // Beyond the table.
    }
    if (typeof found !== 'function') throw new WebAssembly.RuntimeError('table index is out of bounds')
    return Number((found as CFunction)(...values) ?? 0)
  }

  /** Tells the checks how much PSRAM there is. */
  setPsramEnd(end: number): void {
    const global = this.#exports[CHECK_GLOBALS.psramEnd] as WebAssembly.Global | undefined
    if (global !== undefined && end !== 0) global.value = end | 0
  }

  /** C tells of accesses to the memory of copies that are in flight now. Without a watch in the module it does not. */
  watchFrom(board: Board): void {
    if (this.#watchStart === undefined || this.#watchBytes === undefined) return
    const length = board.load(WATCHED_LENGTH)
    // An access that begins before it may reach into it.
    this.#watchStart.value = (board.load(WATCHED_START) - (LONGEST_ACCESS - 1)) | 0
    this.#watchBytes.value = length === 0 ? 0 : (length + LONGEST_ACCESS - 1) | 0
  }

  /** Cycles that C has worked since the last time; it tells again after so many more. */
  takeWork(slice: number): number {
    if (this.#workLeft === undefined) return 0
    const worked = this.#slice - Number(this.#workLeft.value)
    this.#workLeft.value = this.#slice = slice
    return worked
  }

  /** C runs on this stack from now on. */
  setStack(low: number, bytes: number): void {
    if (this.#stackPointer === undefined) return
    // Lowered first, so that the pointer is never below the limit.
    if (this.#stackLimit !== undefined) this.#stackLimit.value = 0
    this.#stackPointer.value = ((low + bytes) & ~(STACK_ALIGN - 1)) | 0
    if (this.#stackLimit !== undefined) this.#stackLimit.value = low | 0
  }

  /** Where C's stack is: to be restored when an exception has left C. */
  get stackPointer(): number {
    return Number(this.#stackPointer?.value ?? 0)
  }
  set stackPointer(address: number) {
    if (this.#stackPointer !== undefined) this.#stackPointer.value = address | 0
  }
}

function checkImports(
  module: WebAssembly.Module,
  imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): void {
  const missing = WebAssembly.Module.imports(module).filter(
    ({ module: from, name }) => imports[from]?.[name] === undefined,
  )
  if (missing.length === 0) return
  const names = missing.map(({ module: from, name }) => `${from}.${name}`).join(', ')
  throw invalidArgument(`the firmware calls functions that there are not: ${names}`)
}
