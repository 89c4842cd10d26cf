/** Small WebAssembly modules for tests of the checks: made by hand, and run in a memory whose every change is seen. */
import { createHash } from 'node:crypto'

import { ByteWriter } from '../../src/firmware/toolchain/wasm/byte-writer.ts'
import type { MemoryWindows, Window } from '../../src/firmware/toolchain/wasm/check-names.ts'
import { CHECK_GLOBALS } from '../../src/firmware/toolchain/wasm/checks.ts'
import { accessOf, OPCODE, prefixed, TYPE } from '../../src/firmware/toolchain/wasm/instructions.ts'
import { KIND, SECTION, writeSections } from '../../src/firmware/toolchain/wasm/sections.ts'

/** Bytes of a page of memory. */
export const PAGE = 65536
/** Internal memory: the second page of four. */
export const sram: Window = { start: PAGE, end: 2 * PAGE }
/** Where PSRAM begins, and where it ends if it is fitted: in the fourth page. */
export const psramStart: number = 3 * PAGE
export const psramEnd: number = 3 * PAGE + 4096
/** All of it, as checks are told. */
export const windows: MemoryWindows = { sram, psramStart }

/** Every opcode that accesses memory. */
export const ACCESSES: readonly number[] = [
  ...Array.from({ length: 0x100 }, (_, i) => i),
  ...Array.from({ length: 0x60 }, (_, i) => prefixed(0xfd, i)),
  ...Array.from({ length: 0x50 }, (_, i) => prefixed(0xfe, i)),
].filter((opcode) => accessOf(opcode) !== undefined)

/** Two that wait for another thread: they run, but not in a test without one. */
export const WAITS: ReadonlySet<number> = new Set([prefixed(0xfe, 1), prefixed(0xfe, 2)])

/** An opcode as it stands in the code. */
export function opcodeBytes(opcode: number): number[] {
  if (opcode < 0x100) return [opcode]
  return [opcode >> 16, ...new ByteWriter().unsigned(opcode & 0xffff).bytes]
}

/** Code that pushes a number. */
export function constant(type: number, value: number): number[] {
  const writer = new ByteWriter()
  switch (type) {
    case TYPE.i32:
      writer.u8(0x41).signed(value)
      break
    case TYPE.i64:
      writer.u8(0x42).signed(value)
      break
    case TYPE.f32:
      writer.u8(0x43).raw(new Uint8Array(Float32Array.of(value).buffer))
      break
    case TYPE.f64:
      writer.u8(0x44).raw(new Uint8Array(Float64Array.of(value).buffer))
      break
    default:
      writer.raw([0xfd, 12]).raw(new Uint8Array(Float64Array.of(value, value).buffer))
  }
  return [...writer.bytes]
}

/** An access at the address that is the function's parameter; what it gives is dropped. */
export function accessCode(opcode: number, offset: number, value: number): number[] {
  const access = accessOf(opcode)
  if (access === undefined) throw new Error('no access')
  const isAtomic = opcode >> 16 === 0xfe
  const isStore = (opcode >= 0x36 && opcode <= 0x3e) || (isAtomic && opcode >= 0xfe0017 && opcode <= 0xfe001d)
  const isVectorStore = opcode === prefixed(0xfd, 11) || (opcode >= prefixed(0xfd, 88) && opcode <= prefixed(0xfd, 91))
  const hasLane = opcode >= prefixed(0xfd, 84) && opcode <= prefixed(0xfd, 91)
  return [
    OPCODE.localGet,
    0,
    ...access.operands.flatMap((type) => constant(type, value)),
    ...opcodeBytes(opcode),
    // Atomics say their natural alignment; for others none is as good.
    isAtomic ? Math.log2(access.bytes) : 0,
    ...new ByteWriter().unsigned(offset).bytes,
    ...(hasLane ? [0] : []),
    ...(isStore || isVectorStore ? [] : [0x1a]),
  ]
}

/** A module with a function `run(i32)`, and what checks need. The stack pointer is global 0. */
export function moduleOf(code: readonly number[], locals: readonly number[] = []): Uint8Array {
  const section = (
    id: number,
    count: number,
    ...bytes: readonly ArrayLike<number>[]
  ): Parameters<typeof writeSections>[0][number] => {
    const writer = new ByteWriter().unsigned(count)
    for (const one of bytes) writer.raw(one)
    return { id, name: '', content: writer.bytes }
  }
  const named = (name: string, ...rest: readonly number[]): Uint8Array => new ByteWriter().name(name).raw(rest).bytes
  const body = new ByteWriter().unsigned(locals.length)
  for (const type of locals) body.unsigned(1).u8(type)
  body.raw(code).u8(OPCODE.end)
  return writeSections([
    section(SECTION.type, 3, [0x60, 3, 0x7f, 0x7f, 0x7f, 0], [0x60, 0, 0], [0x60, 1, 0x7f, 0]),
    section(
      SECTION.import,
      4,
      named('port'),
      named('fault', KIND.function, 0),
      named('port'),
      named('stack', KIND.function, 1),
      named('port'),
      named('touched', KIND.function, 0),
      named('env'),
      named('memory', KIND.memory, 3, 4, 4),
    ),
    section(SECTION.function, 1, [2]),
    section(SECTION.global, 1, [TYPE.i32, 1, ...constant(TYPE.i32, sram.end), OPCODE.end]),
    section(
      SECTION.export,
      5,
      named('port_check_failed', KIND.function, 0),
      named('port_stack_failed', KIND.function, 1),
      named('port_touched', KIND.function, 2),
      named('__stack_pointer', KIND.global, 0),
      named('run', KIND.function, 3),
    ),
    section(SECTION.code, 1, new ByteWriter().block(body.bytes).bytes),
  ])
}

const PATTERN = Uint8Array.from({ length: 4 * PAGE }, (_, at) => (at * 31) & 0xff)

/** What ended a run: a fault that a check found, a trap of the machine, or nothing. */
type Outcome = { fault: number[] } | { stack: true } | { trap: string } | 'ran'

class Fault extends Error {
  readonly what: number[]
  constructor(what: number[]) {
    super('fault')
    this.what = what
  }
}

/**
 * Runs a module's function in a new memory of four pages.
 *
 * @returns What ended it, and a digest of the memory then.
 */
export function run(
  wasm: Uint8Array,
  argument: number,
  globals: Readonly<Record<string, number>> = {},
  touched: (...what: number[]) => void = () => undefined,
): { outcome: Outcome; memory: string } {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true })
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(PATTERN)
  const digest = (): string => createHash('md5').update(bytes).digest('hex')
  const stop = (...what: number[]): never => {
    throw new Fault(what)
  }
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory },
    port: { fault: stop, stack: () => stop(), touched },
  })
  for (const [name, value] of Object.entries(globals)) (exports[name] as WebAssembly.Global).value = value
  try {
    ;(exports['run'] as (value: number) => void)(argument)
    return { outcome: 'ran', memory: digest() }
  } catch (error) {
    if (error instanceof Fault)
      return { outcome: error.what.length === 0 ? { stack: true } : { fault: error.what }, memory: digest() }
    return { outcome: { trap: (error as Error).message }, memory: digest() }
  }
}

/** The digest of memory that nobody has written. */
export const untouched: string = run(moduleOf([]), 0).memory

/** Globals of a chip with PSRAM. */
export const fitted: Readonly<Record<string, number>> = { [CHECK_GLOBALS.psramEnd]: psramEnd }

/** Whether an access lies in memory that is there, with PSRAM. */
export const isInside = (address: number, bytes: number): boolean =>
  (address >= sram.start && address + bytes <= sram.end) || (address >= psramStart && address + bytes <= psramEnd)
