import { expect, it } from 'vitest'

import { ByteReader } from './byte-reader.ts'
import { OPCODE } from './instructions.ts'
import { loopCosts } from './loop-costs.ts'

const EMPTY = 0x40
const I32_LOAD = [0x28, 2, 0]

const costs = (...code: number[]): readonly number[] => loopCosts(new ByteReader(Uint8Array.from(code)))

it('code outside of loops costs nothing', () => {
  expect(costs(OPCODE.i32Const, 1, OPCODE.i32Const, 2, OPCODE.i32Add, OPCODE.end)).toEqual([])
})

it('a turn costs what is done in it, and what an inner loop costs is its own', () => {
  expect(
    costs(
      OPCODE.loop,
      EMPTY,
      ...[OPCODE.localGet, 0, ...I32_LOAD, OPCODE.i32Const, 1, OPCODE.i32Add, OPCODE.localSet, 0],
      ...[OPCODE.loop, EMPTY, OPCODE.call, 3, OPCODE.end],
      ...[OPCODE.block, EMPTY, OPCODE.localGet, 0, OPCODE.if, EMPTY, OPCODE.call, 4, OPCODE.end, OPCODE.end],
      ...[OPCODE.i32Eqz, OPCODE.end],
      ...[OPCODE.loop, EMPTY, OPCODE.end, OPCODE.i32Eqz, OPCODE.end],
    ),
  ).toEqual([1 + 2 + 1 + (1 + 20) + 1, 1 + 20, 1])
})
