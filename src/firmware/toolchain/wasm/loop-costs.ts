/**
 * What a turn of each loop costs, in cycles of a processor as microcontrollers have them: roughly one for an instruction that
 * does something. Nobody knows it exactly: what counts is that code takes time, the more the more it does.
 */
import type { ByteReader } from './byte-reader.ts'
import { accessOf, OPCODE, readInstruction } from './instructions.ts'

/** With what it does before it comes to a loop of its own. */
const CALL_CYCLES = 20
const ACCESS_CYCLES = 2

/** Values that are named, and structure: they are parts of the instructions around them. */
const FREE: ReadonlySet<number> = new Set([
  OPCODE.block,
  OPCODE.loop,
  OPCODE.end,
  OPCODE.localGet,
  OPCODE.localSet,
  OPCODE.localTee,
  OPCODE.i32Const,
  OPCODE.i64Const,
  OPCODE.f32Const,
  OPCODE.f64Const,
])

const BLOCKS: ReadonlySet<number> = new Set([OPCODE.block, OPCODE.loop, OPCODE.if, OPCODE.try, OPCODE.tryTable])

/**
 * Costs of the loops of a function, in the order in which they begin. What loops within a loop cost is theirs alone.
 *
 * @param code - Its instructions.
 */
export function loopCosts(code: ByteReader): readonly number[] {
  const costs: number[] = []
  /** Blocks around: the number of the loop that each is or is in. */
  const around: (number | undefined)[] = []
  while (code.more) {
    const { opcode } = readInstruction(code)
    const loop = around.at(-1)
    if (loop !== undefined) costs[loop] = (costs[loop] ?? 0) + costOf(opcode)
    if (opcode === OPCODE.loop) around.push(costs.push(1) - 1)
    else if (BLOCKS.has(opcode)) around.push(loop)
    else if (opcode === OPCODE.end) around.pop()
  }
  return costs
}

function costOf(opcode: number): number {
  if (FREE.has(opcode)) return 0
  if (opcode === OPCODE.call || opcode === OPCODE.callIndirect) return CALL_CYCLES
  return accessOf(opcode) === undefined ? 1 : ACCESS_CYCLES
}
