/** The functions that checks append to a module: what is too long to stand before each access. */
import type { CheckNames, MemoryWindows, WatchNames } from './check-names.ts'
import { CodeWriter } from './code-writer.ts'
import { OPCODE, TYPE } from './instructions.ts'

/**
 * The bodies of the functions, in the order of their numbers: for an access `(address, offset, bytes, writes)` and for a range
 * `(address, bytes, writes)`, in turn.
 *
 * @param names - What they call and read.
 * @param memory - The memory of the chip.
 */
export function checkFunctions(names: CheckNames, memory: MemoryWindows): Uint8Array[] {
  const checks = [checkAccess(names, memory), checkRange(names, memory)]
  return names.watch === undefined ? checks : [...checks, tellAccess(names.watch), tellRange(names.watch)]
}

/** The beginning of a body: how many numbers of 32 bits it needs beside its parameters. */
const bodyWith = (locals: number): CodeWriter => new CodeWriter().unsigned(1).unsigned(locals).u8(TYPE.i32)

/** Returns for an access to PSRAM that is there. */
function checkAccess({ psramEnd, accessFailed }: CheckNames, { psramStart }: MemoryWindows): Uint8Array {
  const [address, offset, bytes, writes, sum] = [0, 1, 2, 3, 4] as const
  const code = bodyWith(1)
  code.get(address).get(offset).op(OPCODE.i32Add).set(sum)
  // Past the end of all addresses there is nothing, and none of that is to be mistaken for what is at the beginning.
  code.get(sum).get(address).op(OPCODE.i32GeU).if()
  returnIfInside(code, sum, bytes, psramStart, () => code.getGlobal(psramEnd).constant(psramStart).op(OPCODE.i32Sub))
  code.op(OPCODE.end)
  return code.get(sum).get(bytes).get(writes).call(accessFailed).op(OPCODE.unreachable, OPCODE.end).bytes
}

/** Returns for a range in SRAM or in PSRAM, and for nothing at all. */
function checkRange({ psramEnd, accessFailed }: CheckNames, { sram, psramStart }: MemoryWindows): Uint8Array {
  const [address, bytes, writes] = [0, 1, 2] as const
  const code = bodyWith(0)
  code.get(bytes).op(OPCODE.i32Eqz).if().op(OPCODE.return, OPCODE.end)
  returnIfInside(code, address, bytes, sram.start, () => code.constant(sram.end - sram.start))
  returnIfInside(code, address, bytes, psramStart, () =>
    code.getGlobal(psramEnd).constant(psramStart).op(OPCODE.i32Sub),
  )
  return code.get(address).get(bytes).get(writes).call(accessFailed).op(OPCODE.unreachable, OPCODE.end).bytes
}

/** Tells of an access. */
function tellAccess({ touched }: WatchNames): Uint8Array {
  const [address, offset, bytes, writes] = [0, 1, 2, 3] as const
  const code = bodyWith(0)
  return code.get(address).get(offset).op(OPCODE.i32Add).get(bytes).get(writes).call(touched).op(OPCODE.end).bytes
}

/** Tells of a range while anything is watched. Whether it meets that is found out there. */
function tellRange({ bytes: watched, touched }: WatchNames): Uint8Array {
  const [address, bytes, writes] = [0, 1, 2] as const
  const code = bodyWith(0)
  code.getGlobal(watched).if().get(address).get(bytes).get(writes).call(touched)
  return code.op(OPCODE.end, OPCODE.end).bytes
}

/** Returns if a range lies in a window; sizes and places are compared so that nothing overflows. */
function returnIfInside(code: CodeWriter, address: number, bytes: number, start: number, size: () => unknown): void {
  code.get(bytes)
  size()
  code.op(OPCODE.i32LeU).if()
  code.get(address).constant(start).op(OPCODE.i32Sub)
  size()
  code.get(bytes).op(OPCODE.i32Sub, OPCODE.i32LeU).if()
  code.op(OPCODE.return, OPCODE.end, OPCODE.end)
}
