/** Checks in modules: what they let pass runs as before, what they stop is told exactly. */
import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { addChecks, CHECK_GLOBALS } from './checks.ts'
import { accessOf, OPCODE, prefixed, readInstruction, TYPE } from './instructions.ts'
import { OffsetMap } from './offset-map.ts'
import { KIND, readSections, SECTION, writeSections } from './sections.ts'

const PAGE = 65536
const sram = { start: PAGE, end: 2 * PAGE }
const psramStart = 3 * PAGE
const psramEnd = 3 * PAGE + 4096
const windows = { sram, psramStart }

/** Every opcode that accesses memory. */
const ACCESSES = [
  ...Array.from({ length: 0x100 }, (_, i) => i),
  ...Array.from({ length: 0x60 }, (_, i) => prefixed(0xfd, i)),
  ...Array.from({ length: 0x50 }, (_, i) => prefixed(0xfe, i)),
].filter((opcode) => accessOf(opcode) !== undefined)

/** Two that wait for another thread: they run, but not in a test without one. */
const WAITS = new Set([prefixed(0xfe, 1), prefixed(0xfe, 2)])

function opcodeBytes(opcode: number): number[] {
  if (opcode < 0x100) return [opcode]
  return [opcode >> 16, ...new ByteWriter().unsigned(opcode & 0xffff).bytes]
}

function constant(type: number, value: number): number[] {
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
function accessCode(opcode: number, offset: number, value: number): number[] {
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
function moduleOf(code: readonly number[], locals: readonly number[] = []): Uint8Array {
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

function run(
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

const untouched = run(moduleOf([]), 0).memory

const fitted = { [CHECK_GLOBALS.psramEnd]: psramEnd }

const isInside = (address: number, bytes: number): boolean =>
  (address >= sram.start && address + bytes <= sram.end) || (address >= psramStart && address + bytes <= psramEnd)

describe('an access', () => {
  /** Places around every edge there is, and anywhere. */
  const places = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(0, sram.start, sram.end, psramStart, psramEnd, 4 * PAGE),
        fc.integer({ min: -20, max: 20 }),
      )
      .map(([edge, off]) => Math.max(0, edge + off)),
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.integer({ min: sram.start, max: sram.end }),
  )
  const offsets = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 0xffffffff }))

  it.each(ACCESSES.map((opcode) => [opcode.toString(16), opcode]))(
    '0x%s runs as without checks inside, and is told outside',
    (_, opcode) => {
      const access = accessOf(opcode)
      if (access === undefined) throw new Error('no access')
      fc.assert(
        fc.property(places, offsets, fc.integer({ min: -2, max: 2 }), (place, offset, value) => {
          // The place is what matters: the address is what the offset leaves of it, if it can be.
          const address = place >= offset ? place - offset : place
          const end = address + offset
          const plain = moduleOf(accessCode(opcode, offset, value))
          expect(WebAssembly.validate(plain as Uint8Array<ArrayBuffer>)).toBe(true)
          const checked = addChecks(plain, windows)
          if (isInside(end, access.bytes) && WAITS.has(opcode)) return
          const got = run(checked, address, fitted)
          if (isInside(end, access.bytes)) expect(got).toEqual(run(plain, address))
          else if (end < 2 ** 32) {
            expect(got.outcome).toEqual({ fault: [end | 0, access.bytes, access.writes ? 1 : 0] })
            expect(got.memory).toEqual(untouched)
          } else {
            // Past all addresses: a fault or a trap, and nothing has changed.
            expect(got.outcome).not.toBe('ran')
            expect(got.memory).toEqual(untouched)
          }
        }),
        { numRuns: 20 },
      )
    },
  )

  it('to PSRAM is outside while none is fitted', () => {
    const checked = addChecks(moduleOf(accessCode(0x28, 0, 0)), windows)
    expect(run(checked, psramStart).outcome).toEqual({ fault: [psramStart, 4, 0] })
    expect(run(checked, psramStart, fitted).outcome).toBe('ran')
  })

  it('to a variable, whose address is a constant, is checked when it is outside', () => {
    const at = (address: number): number[] => [...constant(TYPE.i32, address), 0x28, 2, 0, 0x1a]
    expect(run(addChecks(moduleOf(at(16)), windows), 0).outcome).toEqual({ fault: [16, 4, 0] })
    const inside = moduleOf(at(sram.start))
    expect(run(addChecks(inside, windows), 0).outcome).toBe('ran')
    // Nothing was put in.
    const codeOf = (wasm: Uint8Array): number =>
      readSections(wasm).find(({ id }) => id === SECTION.code)?.content.length ?? 0
    expect(codeOf(addChecks(moduleOf(at(16)), windows))).toBeGreaterThan(codeOf(addChecks(inside, windows)) + 10)
  })
})

describe('memory in bulk', () => {
  const COPY = [0xfc, 10, 0, 0]
  const FILL = [0xfc, 11, 0]

  it('is checked as a whole, source and destination', () => {
    const place = fc.constantFrom(
      0,
      100,
      sram.start,
      sram.start + 64,
      sram.end - 64,
      psramStart,
      psramEnd - 64,
      psramEnd,
    )
    const length = fc.constantFrom(0, 1, 64, 65, 5000, PAGE, PAGE + 1, -1)
    fc.assert(
      fc.property(place, place, length, (to, from, bytes) => {
        const code = [...constant(TYPE.i32, to), ...constant(TYPE.i32, from), ...constant(TYPE.i32, bytes), ...COPY]
        const plain = moduleOf(code)
        const got = run(addChecks(plain, windows), 0, fitted)
        const count = bytes >>> 0
        if (count === 0 || (isInside(to, count) && isInside(from, count))) expect(got).toEqual(run(plain, 0))
        else expect(got.outcome).toEqual({ fault: isInside(to, count) ? [from, bytes, 0] : [to, bytes, 1] })
      }),
      { numRuns: 400 },
    )
  })

  it('is filled only inside', () => {
    const fill = (to: number, bytes: number): number[] => [
      ...constant(TYPE.i32, to),
      ...constant(TYPE.i32, 7),
      ...constant(TYPE.i32, bytes),
      ...FILL,
    ]
    const inside = moduleOf(fill(sram.start, PAGE))
    expect(run(addChecks(inside, windows), 0)).toEqual(run(inside, 0))
    expect(run(addChecks(moduleOf(fill(sram.start, PAGE + 1)), windows), 0).outcome).toEqual({
      fault: [sram.start, PAGE + 1, 1],
    })
  })
})

describe('the stack pointer', () => {
  const code = [OPCODE.localGet, 0, OPCODE.globalSet, 0]

  it('may go down to the limit and no further', () => {
    const checked = addChecks(moduleOf(code), windows)
    const limit = { [CHECK_GLOBALS.stackLimit]: 0x10800 }
    expect(run(checked, 0x10800, limit).outcome).toBe('ran')
    expect(run(checked, 0x107ff, limit).outcome).toEqual({ stack: true })
    expect(run(checked, 0xfffffff0 | 0, limit).outcome).toBe('ran')
  })

  it('is not checked without a limit', () => {
    expect(run(addChecks(moduleOf(code), windows), 0).outcome).toBe('ran')
  })
})

describe('places', () => {
  it('of instructions and of the checks before them are those of the module without checks', () => {
    const code = [
      ...accessCode(0x28, 4, 0),
      0x01,
      ...accessCode(0x36, 8, 1),
      ...accessCode(prefixed(0xfe, 0x1e), 0, 1),
      OPCODE.localGet,
      0,
      OPCODE.globalSet,
      0,
      0x01,
    ]
    const plain = moduleOf(code, [TYPE.i64, TYPE.i32])
    const checked = addChecks(plain, windows)
    const map = new OffsetMap(checked)
    const old = instructionsOf(plain)
    const made = instructionsOf(checked)
    // Instructions of the old code in the new one, in order; what is between them counts as the next.
    let next = 0
    for (const { at, bytes } of made) {
      const place = map.codeOffset(at)
      const expected = old[next]
      if (expected === undefined) throw new Error('more than there were')
      expect(place).toBe(expected.at - codeStart(plain))
      if (bytes === expected.bytes && isLast(made, at, map)) next++
    }
    expect(next).toBe(old.length)
  })

  it('are the same in a module without checks', () => {
    const plain = moduleOf([0x01, 0x01])
    expect(new OffsetMap(plain).codeOffset(codeStart(plain) + 5)).toBe(5)
  })

  const codeStart = (wasm: Uint8Array): number => readSections(wasm).find(({ id }) => id === SECTION.code)?.start ?? 0

  /** Whether it is the last that counts as its place. */
  const isLast = (made: readonly { at: number }[], at: number, map: OffsetMap): boolean => {
    const behind = made.find((one) => one.at > at)
    return behind === undefined || map.codeOffset(behind.at) !== map.codeOffset(at)
  }

  /** The first function's instructions, by place in the module. */
  function instructionsOf(wasm: Uint8Array): { at: number; bytes: string }[] {
    const code = new ByteReader(wasm, codeStart(wasm))
    code.unsigned()
    const body = code.part(code.unsigned())
    for (let declarations = body.unsigned(); declarations > 0; declarations--) body.take(2)
    const found: { at: number; bytes: string }[] = []
    while (body.more) {
      const at = body.at
      readInstruction(body)
      found.push({ at, bytes: Buffer.from(wasm.subarray(at, body.at)).toString('hex') })
    }
    return found
  }
})

it('a module without what checks call is refused', () => {
  const wasm = moduleOf([])
  const without = readSections(wasm).filter(({ id }) => id !== SECTION.export)
  expect(() => addChecks(writeSections(without), windows)).toThrow('exports no __stack_pointer')
})

describe('a watch', () => {
  const window = { start: PAGE + 1000, bytes: 64 }
  const watching = {
    ...fitted,
    [CHECK_GLOBALS.watchStart]: window.start,
    [CHECK_GLOBALS.watchBytes]: window.bytes,
  }
  const isWatched = (address: number): boolean => address >= window.start && address < window.start + window.bytes

  it.each(ACCESSES.filter((opcode) => !WAITS.has(opcode)).map((opcode) => [opcode.toString(16), opcode]))(
    'is told what 0x%s accesses in its window, before it does, and that runs as without',
    (_, opcode) => {
      const access = accessOf(opcode)
      if (access === undefined) throw new Error('no access')
      fc.assert(
        fc.property(
          fc.integer({ min: window.start - 40, max: window.start + window.bytes + 40 }),
          fc.constantFrom(0, 16, 1000),
          (address, offset) => {
            const plain = moduleOf(accessCode(opcode, offset, 1))
            const told: number[][] = []
            const got = run(addChecks(plain, windows, true), address - offset, watching, (...what) => told.push(what))
            expect(got).toEqual(run(plain, address - offset))
            expect(told).toEqual(isWatched(address) ? [[address, access.bytes, access.writes ? 1 : 0]] : [])
          },
        ),
        { numRuns: 20 },
      )
    },
  )

  it('is told of ranges, read and written, and of nothing while nothing is watched', () => {
    const [to, from, length] = [PAGE + 100, PAGE + 2000, 50]
    const number = (value: number): number[] => constant(TYPE.i32, value)
    const copy = [...number(to), ...number(from), ...number(length), ...opcodeBytes(OPCODE.memoryCopy), 0, 0]
    const checked = addChecks(moduleOf(copy), windows, true)
    const told: number[][] = []
    run(checked, 0, watching, (...what) => told.push(what))
    expect(told).toEqual([
      [to, length, 1],
      [from, length, 0],
    ])
    told.length = 0
    run(checked, 0, { ...watching, [CHECK_GLOBALS.watchBytes]: 0 }, (...what) => told.push(what))
    expect(told).toEqual([])
  })

  it('is not there where nobody asked for it', () => {
    const module = new WebAssembly.Module(addChecks(moduleOf([]), windows) as Uint8Array<ArrayBuffer>)
    const exported = WebAssembly.Module.exports(module).map(({ name }) => name)
    expect(exported).not.toContain(CHECK_GLOBALS.watchStart)
  })
})
