/** Checks in modules: what they let pass runs as before, what they stop is told exactly. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  ACCESSES,
  accessCode,
  constant,
  fitted,
  isInside,
  moduleOf,
  PAGE,
  psramEnd,
  psramStart,
  run,
  sram,
  untouched,
  WAITS,
  windows,
} from '../../../../test/support/wasm-module.ts'

import { addChecks, CHECK_GLOBALS } from './checks.ts'
import { accessOf, OPCODE, TYPE } from './instructions.ts'
import { readSections, SECTION, writeSections } from './sections.ts'

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

it('a module without what checks call is refused', () => {
  const wasm = moduleOf([])
  const without = readSections(wasm).filter(({ id }) => id !== SECTION.export)
  expect(() => addChecks(writeSections(without), windows)).toThrow('exports no __stack_pointer')
})
