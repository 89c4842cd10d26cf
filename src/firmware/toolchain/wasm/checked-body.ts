/**
 * A function's body with checks in it: before each access to memory, each change of the stack pointer, and in each turn of a
 * loop.
 */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { CheckNames, MemoryWindows, WatchNames } from './check-names.ts'
import { CodeWriter } from './code-writer.ts'
import { accessOf, OPCODE, readInstruction, TYPE, type Access, type Instruction } from './instructions.ts'
import { loopCosts } from './loop-costs.ts'

/** The body of a function, with checks in it. */
export class CheckedBody {
  /** Its bytes. */
  readonly bytes: Uint8Array
  /** Places in it and where they were: see {@link OffsetMapWriter}. */
  readonly places: [newAt: number, oldAt: number][] = []

  readonly #names: CheckNames
  readonly #memory: MemoryWindows
  readonly #code = new CodeWriter()
  readonly #firstLocal: number
  /** Types of the locals that the checks need. */
  readonly #locals: { readonly type: number; readonly place: number }[] = []

  constructor(body: ByteReader, parameters: number, names: CheckNames, memory: MemoryWindows) {
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
        this.#work(() => this.#code.constant(cost))
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

  /** Has an access checked that is not to SRAM. */
  #checkAccess(access: Access, offset: number): void {
    const { start, end } = this.#memory.sram
    this.#callIf(access, offset, this.#names.checkAccess, () => {
      this.#code.constant(start - offset).op(OPCODE.i32Sub)
      this.#code.constant(end - start - access.bytes).op(OPCODE.i32GtU)
    })
  }

  /** Tells of an access in the window. */
  #watchAccess(access: Access, offset: number, { start, bytes, tellAccess }: WatchNames): void {
    this.#callIf(access, offset, tellAccess, () => {
      this.#code.constant(offset).op(OPCODE.i32Add)
      this.#code.getGlobal(start).op(OPCODE.i32Sub).getGlobal(bytes).op(OPCODE.i32LtU)
    })
  }

  /** Calls a function for an access, if what is made of its address on the stack is not 0. */
  #callIf({ bytes, writes, operands }: Access, offset: number, called: number, condition: () => void): void {
    const address = this.#local(TYPE.i32, 0)
    const above = operands.map((type, i) => this.#local(type, i + 1))
    this.#set(above)
    this.#code.tee(address)
    condition()
    this.#code.if()
    this.#code
      .get(address)
      .constant(offset)
      .constant(bytes)
      .constant(writes ? 1 : 0)
    this.#code.call(called).op(OPCODE.end)
    this.#code.get(address)
    this.#get(above)
  }

  /** Two addresses or an address and something else, and a length on top. */
  #checkRanges(writes: readonly boolean[]): void {
    const { checkRange, watch } = this.#names
    const locals = [0, 1, 2].map((i) => this.#local(TYPE.i32, i))
    const length = locals[2] ?? 0
    this.#set(locals)
    writes.forEach((isWrite, i) => {
      for (const called of watch === undefined ? [checkRange] : [checkRange, watch.tellRange]) {
        this.#code
          .get(locals[i] ?? 0)
          .get(length)
          .constant(isWrite ? 1 : 0)
          .call(called)
      }
    })
    // A byte in a cycle, about as fast as processors of these chips copy.
    this.#work(() => this.#code.get(length))
    this.#get(locals)
  }

  /** Counts cycles, which are pushed, and tells when enough have been worked. */
  #work(cycles: () => unknown): void {
    const { work } = this.#names
    if (work === undefined) return
    this.#code.getGlobal(work.left)
    cycles()
    this.#code.op(OPCODE.i32Sub).setGlobal(work.left)
    this.#code.getGlobal(work.left).constant(0).op(OPCODE.i32LtS)
    this.#code.if().call(work.told).op(OPCODE.end)
  }

  #checkStack(): void {
    const { stackLimit, stackFailed } = this.#names
    const pointer = this.#local(TYPE.i32, 0)
    this.#code.tee(pointer).getGlobal(stackLimit).op(OPCODE.i32LtU)
    this.#code.if().call(stackFailed).op(OPCODE.end).get(pointer)
  }

  /** A local of a type, the same for the same place on the stack. */
  #local(type: number, place: number): number {
    let index = this.#locals.findIndex((one) => one.type === type && one.place === place)
    if (index < 0) index = this.#locals.push({ type, place }) - 1
    return this.#firstLocal + index
  }

  /** Takes values off the stack, the uppermost into the last. */
  #set(locals: readonly number[]): void {
    for (const local of [...locals].reverse()) this.#code.set(local)
  }

  #get(locals: readonly number[]): void {
    for (const local of locals) this.#code.get(local)
  }
}
