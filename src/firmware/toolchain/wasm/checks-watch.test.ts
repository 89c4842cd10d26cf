/** Accesses that are watched are told before they happen, and run as without a watch. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  ACCESSES,
  accessCode,
  constant,
  fitted,
  moduleOf,
  opcodeBytes,
  PAGE,
  run,
  WAITS,
  windows,
} from '../../../../test/support/wasm-module.ts'

import { addChecks, CHECK_GLOBALS } from './checks.ts'
import { accessOf, OPCODE, TYPE } from './instructions.ts'

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
