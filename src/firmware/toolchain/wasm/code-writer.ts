/** Writes instructions of WebAssembly: those that the checks are made of. */
import { ByteWriter } from './byte-writer.ts'
import { OPCODE } from './instructions.ts'

/** The type of a block that leaves nothing on the stack. */
const EMPTY_BLOCK = 0x40

/** Code that grows. */
export class CodeWriter extends ByteWriter {
  /** Instructions with nothing behind the opcode. */
  op(...opcodes: readonly number[]): this {
    return this.raw(opcodes)
  }

  /** Pushes a local. */
  get(local: number): this {
    return this.u8(OPCODE.localGet).unsigned(local)
  }

  /** Takes a value off the stack, into a local. */
  set(local: number): this {
    return this.u8(OPCODE.localSet).unsigned(local)
  }

  /** The same, but the value stays on the stack too. */
  tee(local: number): this {
    return this.u8(OPCODE.localTee).unsigned(local)
  }

  /** Pushes a global. */
  getGlobal(index: number): this {
    return this.u8(OPCODE.globalGet).unsigned(index)
  }

  /** Takes a value off the stack, into a global. */
  setGlobal(index: number): this {
    return this.u8(OPCODE.globalSet).unsigned(index)
  }

  /** Pushes a number of 32 bits. */
  constant(value: number): this {
    return this.u8(OPCODE.i32Const).signed(value)
  }

  /** Calls a function. */
  call(index: number): this {
    return this.u8(OPCODE.call).unsigned(index)
  }

  /** What follows, to its `end`, is done if the value on the stack is not 0. */
  if(): this {
    return this.op(OPCODE.if, EMPTY_BLOCK)
  }
}
