/**
 * Puts checks into a linked module: that every access is inside of the chip's memory, and that no stack grows past its end;
 * and counts what its loops do, so that code takes time.
 *
 * Most accesses go to SRAM. For those two instructions of arithmetic and a comparison stand before the access. All others
 * call a function that is appended to the module, which knows of PSRAM too. It ends in `port_check_failed`, which the
 * firmware has for that.
 *
 * With a watch every access is also compared with a window of addresses, that of the memory of copies in flight: `port_touched` is
 * told of those in it, before they happen.
 */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { accessOf, OPCODE, readInstruction, TYPE, type Access, type Instruction } from './instructions.ts'
import { loopCosts } from './loop-costs.ts'
import { OffsetMapWriter } from './offset-map.ts'
import {
  countImports,
  KIND,
  listOf,
  readExports,
  readParameterCounts,
  readSections,
  SECTION,
  writeSections,
  type Section,
} from './sections.ts'

/** Addresses that are memory. */
export interface Window {
  /** First address. */
  readonly start: number
  /** Address behind the last. */
  readonly end: number
}

/** The memory of a chip. */
export interface MemoryWindows {
  /** Internal memory. */
  readonly sram: Window
  /** Where PSRAM begins, if there can be some; how much there is tells the global `psram_end`. */
  readonly psramStart: number
}

/** Exported globals that are added: the host sets them in every instance. */
export const CHECK_GLOBALS = {
  /** Lowest address of the stack in use; 0 for no check. */
  stackLimit: 'stack_limit',
  /** Address behind the last of the PSRAM that is fitted; at first, where it begins. */
  psramEnd: 'psram_end',
  /** With a watch: the first address of the window, and its bytes; 0 for none. */
  watchStart: 'watch_start',
  watchBytes: 'watch_bytes',
  /** Cycles that code may yet run until it tells: whoever is told sets it anew. */
  workLeft: 'work_left',
} as const

/** As many as can be counted: static data is put in place before there is anybody to be told. */
const NOT_YET = 0x7fffffff

/** What the firmware has for us. */
const REPORTS = {
  access: 'port_check_failed',
  stack: 'port_stack_failed',
  touched: 'port_touched',
  stackPointer: '__stack_pointer',
} as const
/** What it may have: called when there are no cycles left. */
const WORKED = 'port_worked'

const EMPTY_BLOCK = 0x40

/** Numbers of what the checks use. */
interface Names {
  readonly stackPointer: number
  readonly stackLimit: number
  readonly psramEnd: number
  readonly accessFailed: number
  readonly stackFailed: number
  /** Cycles that are left, and who is told when there are none; undefined if nobody is. */
  readonly work: { readonly left: number; readonly told: number } | undefined
  /** Appended: checks an access that is not to SRAM. */
  readonly checkAccess: number
  /** Appended: checks a range of any length. */
  readonly checkRange: number
  /** What a watch needs, if there is one. */
  readonly watch: WatchNames | undefined
}

interface WatchNames {
  readonly start: number
  readonly bytes: number
  readonly touched: number
  /** Appended: tells of an access, and of a range. */
  readonly tellAccess: number
  readonly tellRange: number
}

/**
 * Puts the checks in.
 *
 * @param wasm - A module as it is linked.
 * @param memory - The memory of its chip.
 * @param watched - Whether accesses are watched too.
 * @throws Error if the module has not what the checks need.
 */
export function addChecks(wasm: Uint8Array, memory: MemoryWindows, watched = false): Uint8Array {
  const sections = readSections(wasm)
  const section = (id: number): Section | undefined => sections.find((one) => one.id === id)
  const exports = readExports(section(SECTION.export))
  const imported = countImports(section(SECTION.import))
  const functions = listOf(section(SECTION.function))
  const globals = listOf(section(SECTION.global))
  const types = listOf(section(SECTION.type))
  const code = section(SECTION.code)
  if (code === undefined) throw new Error('the module has no code')

  const indexOf = (name: string): number => {
    const found = exports.get(name)
    if (found === undefined) throw new Error(`the module exports no ${name}`)
    return found.index
  }
  const worked = exports.get(WORKED)
  const firstFunction = imported.functions + functions.count
  const firstGlobal = imported.globals + globals.count
  const names: Names = {
    stackPointer: indexOf(REPORTS.stackPointer),
    accessFailed: indexOf(REPORTS.access),
    stackFailed: indexOf(REPORTS.stack),
    stackLimit: firstGlobal,
    psramEnd: firstGlobal + 1,
    work: worked === undefined ? undefined : { left: firstGlobal + 2, told: worked.index },
    checkAccess: firstFunction,
    checkRange: firstFunction + 1,
    watch: watched
      ? {
          start: firstGlobal + 3,
          bytes: firstGlobal + 4,
          touched: indexOf(REPORTS.touched),
          tellAccess: firstFunction + 2,
          tellRange: firstFunction + 3,
        }
      : undefined,
  }

  const parameterCounts = readParameterCounts(section(SECTION.type))
  const map = new OffsetMapWriter()
  const typeReader = new ByteReader(functions.entries)
  const reader = new ByteReader(code.content)
  const count = reader.unsigned()
  const appended = [checkAccess(names, memory), checkRange(names, memory)]
  if (names.watch !== undefined) appended.push(tellAccess(names.watch), tellRange(names.watch))
  const bodies = new ByteWriter().unsigned(count + appended.length)
  for (let i = 0; i < count; i++) {
    const parameters = parameterCounts[typeReader.unsigned()] ?? 0
    const body = reader.part(reader.unsigned())
    const checked = new CheckedBody(body, parameters, names, memory)
    bodies.unsigned(checked.bytes.length)
    for (const [newAt, oldAt] of checked.places) map.add(bodies.length + newAt, oldAt)
    bodies.raw(checked.bytes)
  }
  for (const body of appended) bodies.block(body)

  const mutableGlobal = (initial: number): number[] => [
    TYPE.i32,
    1,
    ...new ByteWriter().u8(OPCODE.i32Const).signed(initial).u8(OPCODE.end).bytes,
  ]
  const exportOf = (name: string, index: number): Uint8Array =>
    new ByteWriter().name(name).u8(KIND.global).unsigned(index).bytes
  const replaced = new Map<number, Uint8Array>([
    [SECTION.type, extended(types, [functionType(4), functionType(3)])],
    // For an access and for a range, in turn.
    [
      SECTION.function,
      extended(
        functions,
        appended.map((_, i) => leb(types.count + (i % 2))),
      ),
    ],
    [
      SECTION.global,
      extended(
        globals,
        [0, memory.psramStart, NOT_YET, ...(watched ? [0, 0] : [])].map((initial) => mutableGlobal(initial)),
      ),
    ],
    [
      SECTION.export,
      extended(listOf(section(SECTION.export)), [
        exportOf(CHECK_GLOBALS.stackLimit, names.stackLimit),
        exportOf(CHECK_GLOBALS.psramEnd, names.psramEnd),
        exportOf(CHECK_GLOBALS.workLeft, firstGlobal + 2),
        ...(names.watch === undefined
          ? []
          : [
              exportOf(CHECK_GLOBALS.watchStart, names.watch.start),
              exportOf(CHECK_GLOBALS.watchBytes, names.watch.bytes),
            ]),
      ]),
    ],
    [SECTION.code, bodies.bytes],
  ])
  const written = sections.map(({ id, name, content }) => ({ id, name, content: replaced.get(id) ?? content }))
  // What follows the code does not move it.
  const newCode = readSections(writeSections(written)).find(({ id }) => id === SECTION.code)?.start ?? 0
  return writeSections([...written, map.section(newCode, code.start)])
}

const leb = (value: number): Uint8Array => new ByteWriter().unsigned(value).bytes

/** So many numbers of 32 bits go in, nothing comes out. */
const functionType = (parameters: number): number[] => [
  0x60,
  parameters,
  ...Array.from({ length: parameters }, () => TYPE.i32),
  0,
]

function extended(
  list: { readonly count: number; readonly entries: Uint8Array },
  more: readonly ArrayLike<number>[],
): Uint8Array {
  const writer = new ByteWriter().unsigned(list.count + more.length).raw(list.entries)
  for (const entry of more) writer.raw(entry)
  return writer.bytes
}

/** The body of a function, with checks in it. */
class CheckedBody {
  /** Its bytes. */
  readonly bytes: Uint8Array
  /** Places in it and where they were: see {@link OffsetMapWriter}. */
  readonly places: [newAt: number, oldAt: number][] = []

  readonly #names: Names
  readonly #memory: MemoryWindows
  readonly #code = new ByteWriter()
  readonly #firstLocal: number
  /** Types of the locals that the checks need. */
  readonly #locals: { readonly type: number; readonly place: number }[] = []

  constructor(body: ByteReader, parameters: number, names: Names, memory: MemoryWindows) {
    this.#names = names
    this.#memory = memory
    const declarations = body.unsigned()
    const declared = body.at
    let locals = parameters
    for (let i = 0; i < declarations; i++) {
      locals += body.unsigned()
      body.u8()
    }
    const declaredBytes = body.bytes.subarray(declared, body.at)
    this.#firstLocal = locals

    const loops = names.work === undefined ? [] : [...loopCosts(new ByteReader(body.bytes, body.at, body.end))]
    this.#place(body.at)
    let before: Instruction | undefined
    while (body.more) {
      const start = body.at
      const instruction = readInstruction(body)
      const bare = this.#code.length
      this.#check(instruction, before)
      if (this.#code.length > bare) {
        // What was put in counts as the instruction that it is for.
        this.places.push([bare, start])
        this.#place(start)
      }
      this.#code.raw(body.bytes.subarray(start, body.at))
      const cost = instruction.opcode === OPCODE.loop ? loops.shift() : undefined
      if (cost !== undefined) {
        // A part of the loop's first line: each turn begins here.
        this.places.push([this.#code.length, start])
        this.#work(() => this.#constant(cost))
        this.#place(body.at)
      }
      before = instruction
    }
    const head = new ByteWriter().unsigned(declarations + this.#locals.length).raw(declaredBytes)
    for (const { type } of this.#locals) head.unsigned(1).u8(type)
    for (const place of this.places) place[0] += head.length
    this.bytes = head.raw(this.#code.bytes).bytes
  }

  #place(oldAt: number): void {
    this.places.push([this.#code.length, oldAt])
  }

  #check(instruction: Instruction, before: Instruction | undefined): void {
    const { opcode, immediate } = instruction
    const access = accessOf(opcode)
    if (access !== undefined) {
      const { watch } = this.#names
      if (watch !== undefined) this.#watchAccess(access, immediate, watch)
      if (!this.#isKnownGood(access, immediate, before)) this.#checkAccess(access, immediate)
      return
    }
    switch (opcode) {
      case OPCODE.globalSet:
        if (immediate === this.#names.stackPointer) this.#checkStack()
        return
      case OPCODE.memoryInit:
      case OPCODE.memoryFill:
        this.#checkRanges([true])
        return
      case OPCODE.memoryCopy:
        this.#checkRanges([true, false])
        return
    }
  }

  /** Loads from where a variable lies: the address is a constant. */
  #isKnownGood({ operands, bytes }: Access, offset: number, before: Instruction | undefined): boolean {
    if (operands.length > 0 || before?.opcode !== OPCODE.i32Const) return false
    const address = (before.immediate >>> 0) + offset
    const { start, end } = this.#memory.sram
    return address >= start && address + bytes <= end
  }

  #checkAccess({ bytes, writes, operands }: Access, offset: number): void {
    const { start, end } = this.#memory.sram
    const address = this.#local(TYPE.i32, 0)
    const above = operands.map((type, i) => this.#local(type, i + 1))
    this.#set(above)
    this.#op(OPCODE.localTee, address)
      .#constant(start - offset)
      .#op(OPCODE.i32Sub)
    this.#constant(end - start - bytes).#op(OPCODE.i32GtU)
    this.#if()
    this.#op(OPCODE.localGet, address)
      .#constant(offset)
      .#constant(bytes)
      .#constant(writes ? 1 : 0)
    this.#op(OPCODE.call, this.#names.checkAccess).#op(OPCODE.end)
    this.#op(OPCODE.localGet, address)
    this.#get(above)
  }

  /** Tells of an access in the window. */
  #watchAccess({ bytes, writes, operands }: Access, offset: number, watch: WatchNames): void {
    const address = this.#local(TYPE.i32, 0)
    const above = operands.map((type, i) => this.#local(type, i + 1))
    this.#set(above)
    this.#op(OPCODE.localTee, address).#constant(offset).#op(OPCODE.i32Add)
    this.#op(OPCODE.globalGet, watch.start).#op(OPCODE.i32Sub).#op(OPCODE.globalGet, watch.bytes).#op(OPCODE.i32LtU)
    this.#if()
    this.#op(OPCODE.localGet, address)
      .#constant(offset)
      .#constant(bytes)
      .#constant(writes ? 1 : 0)
    this.#op(OPCODE.call, watch.tellAccess).#op(OPCODE.end)
    this.#op(OPCODE.localGet, address)
    this.#get(above)
  }

  /** Two addresses or an address and something else, and a length on top. */
  #checkRanges(writes: readonly boolean[]): void {
    const locals = [0, 1, 2].map((i) => this.#local(TYPE.i32, i))
    const length = locals[2] ?? 0
    this.#set(locals)
    writes.forEach((isWrite, i) => {
      this.#op(OPCODE.localGet, locals[i] ?? 0)
        .#op(OPCODE.localGet, length)
        .#constant(isWrite ? 1 : 0)
      this.#op(OPCODE.call, this.#names.checkRange)
      const { watch } = this.#names
      if (watch === undefined) return
      this.#op(OPCODE.localGet, locals[i] ?? 0)
        .#op(OPCODE.localGet, length)
        .#constant(isWrite ? 1 : 0)
      this.#op(OPCODE.call, watch.tellRange)
    })
    // A byte in a cycle, about as fast as processors of these chips copy.
    this.#work(() => this.#op(OPCODE.localGet, length))
    this.#get(locals)
  }

  /** Counts cycles, which are pushed, and tells when enough have been worked. */
  #work(cycles: () => unknown): void {
    const { work } = this.#names
    if (work === undefined) return
    this.#op(OPCODE.globalGet, work.left)
    cycles()
    this.#op(OPCODE.i32Sub).#op(OPCODE.globalSet, work.left)
    this.#op(OPCODE.globalGet, work.left).#constant(0).#op(OPCODE.i32LtS)
    this.#if()
    this.#op(OPCODE.call, work.told).#op(OPCODE.end)
  }

  #checkStack(): void {
    const pointer = this.#local(TYPE.i32, 0)
    this.#op(OPCODE.localTee, pointer).#op(OPCODE.globalGet, this.#names.stackLimit).#op(OPCODE.i32LtU)
    this.#if()
    this.#op(OPCODE.call, this.#names.stackFailed).#op(OPCODE.end).#op(OPCODE.localGet, pointer)
  }

  /** A local of a type, the same for the same place on the stack. */
  #local(type: number, place: number): number {
    let index = this.#locals.findIndex((one) => one.type === type && one.place === place)
    if (index < 0) index = this.#locals.push({ type, place }) - 1
    return this.#firstLocal + index
  }

  /** Takes values off the stack, the uppermost into the last. */
  #set(locals: readonly number[]): void {
    for (const local of [...locals].reverse()) this.#op(OPCODE.localSet, local)
  }

  #get(locals: readonly number[]): void {
    for (const local of locals) this.#op(OPCODE.localGet, local)
  }

  #op(opcode: number, immediate?: number): this {
    this.#code.u8(opcode)
    if (immediate !== undefined) this.#code.unsigned(immediate)
    return this
  }

  #constant(value: number): this {
    this.#code.u8(OPCODE.i32Const).signed(value)
    return this
  }

  #if(): void {
    this.#code.u8(OPCODE.if).u8(EMPTY_BLOCK)
  }
}

/** Code of an appended function. */
class Appended {
  readonly #writer = new ByteWriter()

  /** @param locals - How many numbers of 32 bits it needs beside its parameters. */
  constructor(locals: number) {
    this.#writer.unsigned(1).unsigned(locals).u8(TYPE.i32)
  }

  get bytes(): Uint8Array {
    return this.#writer.u8(OPCODE.end).bytes
  }

  op(...opcodes: readonly number[]): this {
    this.#writer.raw(opcodes)
    return this
  }

  get(local: number): this {
    this.#writer.u8(OPCODE.localGet).unsigned(local)
    return this
  }

  set(local: number): this {
    this.#writer.u8(OPCODE.localSet).unsigned(local)
    return this
  }

  global(index: number): this {
    this.#writer.u8(OPCODE.globalGet).unsigned(index)
    return this
  }

  constant(value: number): this {
    this.#writer.u8(OPCODE.i32Const).signed(value)
    return this
  }

  call(index: number): this {
    this.#writer.u8(OPCODE.call).unsigned(index)
    return this
  }

  if(): this {
    return this.op(OPCODE.if, EMPTY_BLOCK)
  }

  /** Returns if a range lies in a window; sizes and places are compared so that nothing overflows. */
  returnIfInside(address: number, bytes: number, start: number, size: () => this): this {
    this.get(bytes)
    size()
    this.op(OPCODE.i32LeU).if()
    this.get(address).constant(start).op(OPCODE.i32Sub)
    size()
    this.get(bytes).op(OPCODE.i32Sub, OPCODE.i32LeU).if()
    return this.op(OPCODE.return, OPCODE.end, OPCODE.end)
  }
}

/** `(address, offset, bytes, writes)`: returns for an access to PSRAM that is there. */
function checkAccess({ psramEnd, accessFailed }: Names, { psramStart }: MemoryWindows): Uint8Array {
  const [address, offset, bytes, writes, sum] = [0, 1, 2, 3, 4] as const
  const code = new Appended(1)
  code.get(address).get(offset).op(OPCODE.i32Add).set(sum)
  // Past the end of all addresses there is nothing, and none of that is to be mistaken for what is at the beginning.
  code.get(sum).get(address).op(OPCODE.i32GeU).if()
  code.returnIfInside(sum, bytes, psramStart, () => code.global(psramEnd).constant(psramStart).op(OPCODE.i32Sub))
  code.op(OPCODE.end)
  return code.get(sum).get(bytes).get(writes).call(accessFailed).op(OPCODE.unreachable).bytes
}

/** `(address, bytes, writes)`: returns for a range in SRAM or in PSRAM, and for nothing at all. */
function checkRange({ psramEnd, accessFailed }: Names, { sram, psramStart }: MemoryWindows): Uint8Array {
  const [address, bytes, writes] = [0, 1, 2] as const
  const code = new Appended(0)
  code.get(bytes).op(OPCODE.i32Eqz).if().op(OPCODE.return, OPCODE.end)
  code.returnIfInside(address, bytes, sram.start, () => code.constant(sram.end - sram.start))
  code.returnIfInside(address, bytes, psramStart, () => code.global(psramEnd).constant(psramStart).op(OPCODE.i32Sub))
  return code.get(address).get(bytes).get(writes).call(accessFailed).op(OPCODE.unreachable).bytes
}

/** `(address, offset, bytes, writes)`: tells of it. */
function tellAccess({ touched }: WatchNames): Uint8Array {
  const [address, offset, bytes, writes] = [0, 1, 2, 3] as const
  const code = new Appended(0)
  return code.get(address).get(offset).op(OPCODE.i32Add).get(bytes).get(writes).call(touched).bytes
}

/** `(address, bytes, writes)`: tells of it while anything is watched. Whether it meets that is found out there. */
function tellRange({ bytes: watched, touched }: WatchNames): Uint8Array {
  const [address, bytes, writes] = [0, 1, 2] as const
  const code = new Appended(0)
  code.global(watched).if().get(address).get(bytes).get(writes).call(touched)
  return code.op(OPCODE.end).bytes
}
