import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { Soc } from '../chip/soc.ts'
import { CONTROL_END } from '../microcode/layout.ts'

import { defaultConfig } from './config.ts'
import { rulesOf } from './driver-rules.ts'
import type { End } from './foreign-copy.ts'
import { checkLength, RangeCheck, type Memory } from './ranges.ts'

const MIB = 2 ** 20
const END = CONTROL_END + MIB

describe('length', () => {
  it.each([1, 2, 65536, 4294967295])('%d is a length', (length) => {
    expect(() => {
      checkLength(length)
    }).not.toThrow()
  })

  it.each([0, -1, 0.5, 1.5, NaN, Infinity, -Infinity])(
    '%d is ESP_ERR_INVALID_ARG: a whole number, 1 or more',
    (length) => {
      expectEspError(
        thrownBy(() => {
          checkLength(length)
        }),
        'ESP_ERR_INVALID_ARG',
        `length ${length}`,
        'whole number of bytes, 1 or more',
      )
    },
  )

  it('beyond what numbers tell apart it is ESP_ERR_INVALID_ARG', () => {
    expectEspError(
      thrownBy(() => {
        checkLength(2 ** 53)
      }),
      'ESP_ERR_INVALID_ARG',
      'length 9007199254740992',
      'whole number of bytes',
    )
  })

  it.each([undefined, null, true, {}, [], () => 1, Symbol('1')])(
    'what is no number is ESP_ERR_INVALID_ARG: %o',
    (length) => {
      expectEspError(
        thrownBy(() => {
          checkLength(length as number)
        }),
        'ESP_ERR_INVALID_ARG',
        'length',
      )
    },
  )

  it.each([
    ['64', /"64"|'64'|string/],
    [64n, /64n|bigint/i],
  ])('the message tells what only looks like a number from the number: %o', (length, tells) => {
    expectEspError(
      thrownBy(() => {
        checkLength(length as unknown as number)
      }),
      'ESP_ERR_INVALID_ARG',
      tells,
    )
  })
})

describe('ranges', () => {
  let soc: Soc
  let block: Uint8Array<SharedArrayBuffer>
  let address: number
  beforeAll(async () => {
    soc = await Soc.open('host', { engine: 'simulated', initialBytes: MIB, maximumBytes: END })
    block = soc.heap.alloc(1000)
    address = soc.addressOf(block)
  })
  afterAll(() => soc.close())

  const check = (sramTransAlign: number): RangeCheck =>
    new RangeCheck(soc, rulesOf(soc, { ...defaultConfig, sramTransAlign }))
  const resolve = (memory: unknown, length: number, align = 0): End =>
    check(align).resolve('dst', memory as Memory, length)

  it('an address stays what it is, a view becomes its address', () => {
    expect(resolve(address, 1000)).toBe(address)
    expect(resolve(block, 1000)).toBe(address)
    expect(resolve(block.subarray(10), 990)).toBe(address + 10)
    expect(resolve(new DataView(block.buffer, address + 3, 5), 5)).toBe(address + 3)
    expect(resolve(Buffer.from(block.buffer, address + 7, 1), 1)).toBe(address + 7)
    expect(resolve(new Float64Array(block.buffer, address, 2), 16)).toBe(address)
    expect(resolve(structuredClone(block), 1000)).toBe(address)
  })

  it('a copy may be shorter than its view, and as long, but not longer', () => {
    expect(resolve(block.subarray(0, 10), 1)).toBe(address)
    expect(resolve(block.subarray(0, 10), 10)).toBe(address)
    expectEspError(
      thrownBy(() => resolve(block.subarray(0, 10), 11)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      '10 bytes',
      11,
    )
    expectEspError(
      thrownBy(() => resolve(new Float64Array(block.buffer, address, 2), 17)),
      'ESP_ERR_INVALID_ARG',
      '16 bytes',
      17,
    )
    expectEspError(
      thrownBy(() => resolve(block.subarray(0, 0), 1)),
      'ESP_ERR_INVALID_ARG',
      '0 bytes',
    )
  })

  it('reaches from the end of the control area to the end of the memory', () => {
    expect(resolve(CONTROL_END, MIB)).toBe(CONTROL_END)
    expect(resolve(END - 1, 1)).toBe(END - 1)
    expectEspError(
      thrownBy(() => resolve(CONTROL_END - 1, 1)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      '0x03ffffff',
      '0x04000000',
    )
    expectEspError(
      thrownBy(() => resolve(END - 1, 2)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      '0x040fffff + 2',
      '0x04100000',
    )
    expectEspError(
      thrownBy(() => resolve(END, 1)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      '0x04100000',
    )
    expectEspError(
      thrownBy(() => resolve(CONTROL_END, 4294967295)),
      'ESP_ERR_INVALID_ARG',
      '4294967295',
    )
  })

  it('a view of the control area is refused like its address', () => {
    const control = new Uint8Array(block.buffer, 0x1000, 64)
    expectEspError(
      thrownBy(() => resolve(control, 64)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      '0x00001000',
      '0x04000000',
    )
    const across = new Uint8Array(block.buffer, CONTROL_END - 1, 64)
    expectEspError(
      thrownBy(() => resolve(across, 64)),
      'ESP_ERR_INVALID_ARG',
      '0x03ffffff',
    )
  })

  it.each([-1, 0, 0.5, NaN, Infinity, -Infinity, 2 ** 32 + CONTROL_END, 2 ** 53])('no address: %d', (wrong) => {
    expectEspError(
      thrownBy(() => resolve(wrong, 1)),
      'ESP_ERR_INVALID_ARG',
      'dst',
      /0x04000000|0x04100000/,
    )
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['0x4000000', 'string'],
    [0x4000000n, 'bigint'],
    [true, 'boolean'],
    [{}, 'object'],
    [() => 0, 'function'],
    [{ buffer: 'of no view', byteOffset: 0x4000000, byteLength: 64 }, 'object'],
  ])('neither address nor view: %o', (wrong, type) => {
    expectEspError(
      thrownBy(() => resolve(wrong, 1)),
      'ESP_ERR_INVALID_ARG',
      `dst is ${type}`,
      'address or a view',
    )
  })

  it.each([4294967296, 2 ** 40])(
    'a copy of %d bytes is not one within the Soc, and the message tells the most',
    (length) => {
      expectEspError(
        thrownBy(() => resolve(address, length)),
        'ESP_ERR_INVALID_ARG',
        `length ${length}`,
        'at most 4294967295',
      )
    },
  )

  it('other memory is its buffer and an offset in bytes, whatever kind of view shows it', () => {
    const buffer = new ArrayBuffer(64)
    expect(resolve(buffer, 64)).toEqual({ buffer, at: 0 })
    expect(resolve(new DataView(buffer, 3), 61)).toEqual({ buffer, at: 3 })
    expect(resolve(new Float64Array(buffer, 8, 2), 16)).toEqual({ buffer, at: 8 })
    const shared = new SharedArrayBuffer(64)
    expect(resolve(shared, 1)).toEqual({ buffer: shared, at: 0 })
    expect(resolve(Buffer.from(shared, 7, 9), 9)).toEqual({ buffer: shared, at: 7 })
  })

  it('other memory is refused beyond its end, detached, and where only the memory of the Soc can be used', () => {
    const buffer = new ArrayBuffer(64)
    expectEspError(
      thrownBy(() => resolve(new Uint8Array(buffer, 60), 5)),
      'ESP_ERR_INVALID_ARG',
      'dst is a view of 4 bytes: 5 do not fit',
    )
    const view = new Uint8Array(buffer)
    structuredClone(buffer, { transfer: [buffer] })
    expectEspError(
      thrownBy(() => resolve(view, 1)),
      'ESP_ERR_INVALID_ARG',
      'dst is a view of 0 bytes',
      'detached',
    )
    expectEspError(
      thrownBy(() => check(0).resolveOwn('a prepared copy', 'src', new Uint8Array(64), 64)),
      'ESP_ERR_INVALID_ARG',
      'src of a prepared copy',
      'another buffer',
    )
  })

  it('a chip has no address for other memory', async () => {
    const chip = await Soc.open('esp32s3', { engine: 'simulated' })
    const ranges = new RangeCheck(chip, rulesOf(chip, defaultConfig))
    expectEspError(
      thrownBy(() => ranges.resolve('src', new Uint8Array(64), 64)),
      'ESP_ERR_INVALID_ARG',
      'src',
      '64 bytes',
      'another buffer',
      'esp32s3',
      'heap.alloc',
    )
    await chip.close()
  })

  it.each([1, 2, 4, 64, 4096])('with alignment %d, address and length are multiples of it', (align) => {
    const base = CONTROL_END + 8192
    expect(resolve(base, align * 3, align)).toBe(base)
    expect(resolve(base + align, align, align)).toBe(base + align)
    if (align === 1) return
    for (const off of [1, align / 2, align - 1]) {
      const wrongAddress = thrownBy(() => resolve(base + off, align, align))
      expectEspError(wrongAddress, 'ESP_ERR_INVALID_ARG', 'dst', `sramTransAlign ${align}`, '0x04002000')
      const wrongLength = thrownBy(() => resolve(base, align * 3 + off, align))
      expectEspError(wrongLength, 'ESP_ERR_INVALID_ARG', `length ${align * 3 + off}`, `${align * 3} and ${align * 4}`)
      expectEspError(
        thrownBy(() => resolve(base, off, align)),
        'ESP_ERR_INVALID_ARG',
        `length ${off}`,
        `: ${align} would do`,
      )
    }
  })

  it('with alignment 0 anything goes', () => {
    for (let off = 0; off < 20; off++) expect(resolve(address + off, 1 + off)).toBe(address + off)
  })
})
