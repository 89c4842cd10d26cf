/** What a program does to the memory of copies in flight: found when it does it, and not when it waits. */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { another, diagnosed, LENGTH } from '../support/diagnosed.ts'
import { rejectionOf } from '../support/errors.ts'

const thisFile = 'memory.test.ts'

describe('source-changed', () => {
  it('is found when the source is written before the copy is done, with what, where and when', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    soc.advance(5)
    driver.memcpy(dst, src, LENGTH)
    soc.advance(10)
    src.fill(0xee, 100, 103)
    soc.runUntilIdle()
    const diagnosis = only()
    const address = soc.addressOf(src) + 100
    expect(diagnosis).toMatchObject({
      code: 'source-changed',
      time: 0.015,
      driver: driver.handle,
      address,
      length: 3,
      measured: false,
      during: undefined,
      copy: { driver: driver.handle, sequence: 0, source: soc.addressOf(src), length: LENGTH, submitTime: 0.005 },
    })
    expect(diagnosis.message).toContain(`3 bytes from 0x${address.toString(16)} on (0x64 became 0xee)`)
    expect(diagnosis.message).toContain(diagnosis.advice)
    expect(diagnosis.copy?.submittedAt?.split('\n')[0]).toContain(thisFile)
  })

  it('is found before the clock has moved at all, and in the last moment before the copy is done', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(dst, src, LENGTH)
    src[LENGTH - 1] = 0
    expect(codes()).toEqual(['source-changed'])
    soc.runUntilIdle()
    const copy = driver.copy(dst, src)
    soc.runUntilIdle()
    const { startTime, endTime } = await copy
    driver.memcpy(dst, src, LENGTH)
    soc.advance((endTime - startTime) * 1000 - 0.001)
    src[0] = 77
    soc.runUntilIdle()
    expect(codes()).toEqual(['source-changed', 'source-changed'])
  })

  it('is found while the copy waits behind others: the chip may come to it sooner', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const [other, more] = [soc.heap.alloc(LENGTH), soc.heap.alloc(LENGTH)]
    driver.memcpy(other, more, LENGTH)
    driver.memcpy(dst, src, LENGTH)
    soc.advance(1)
    src[7] = 1
    soc.runUntilIdle()
    expect(only()).toMatchObject({ code: 'source-changed', copy: { sequence: 1 }, length: 1 })
  })

  it('is told once for a copy, and for each copy', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(dst, src, LENGTH)
    for (let i = 0; i < 5; i++) {
      src[i] = 99
      soc.advance(1)
    }
    soc.runUntilIdle()
    expect(codes()).toEqual(['source-changed'])
    driver.memcpy(dst, src, LENGTH)
    src[9] = 98
    soc.runUntilIdle()
    expect(codes()).toEqual(['source-changed', 'source-changed'])
  })

  it('is not found when the program waits for the callback, writes beside the source, or writes what stood there', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const half = LENGTH / 2
    driver.memcpy(dst, src, half, () => src.fill(1, 0, half))
    src.fill(2, half)
    src[0] = src[0] ?? 0
    soc.runUntilIdle()
    src.fill(3)
    driver.copySync(dst, src, LENGTH)
    src.fill(4)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('says in which callback it was done', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const [other, more] = [soc.heap.alloc(LENGTH), soc.heap.alloc(LENGTH)]
    driver.memcpy(other, more, LENGTH, () => src.fill(9, 0, 4))
    driver.memcpy(dst, src, LENGTH)
    soc.runUntilIdle()
    const diagnosis = only()
    expect(diagnosis).toMatchObject({
      code: 'source-changed',
      copy: { sequence: 1 },
      during: { driver: driver.handle, sequence: 0, resident: false },
    })
    expect(diagnosis.message).toContain('in the callback of copy 0')
  })

  it('is not found where an earlier copy of the driver writes the source: copies follow one another', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const last = soc.heap.alloc(LENGTH)
    driver.memcpy(dst, src, LENGTH)
    driver.memcpy(last, dst, LENGTH)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
    expect(Buffer.compare(last, src)).toBe(0)
  })
})

describe('destination-written', () => {
  it.each([true, false])('is found when somebody else writes there, poisoned: %s', async (poison) => {
    const { soc, driver, src, dst, only } = await diagnosed({}, { diagnostics: { poison } })
    driver.memcpy(dst, src, LENGTH)
    soc.advance(3)
    dst[LENGTH - 2] = 0xab
    soc.runUntilIdle()
    expect(only()).toMatchObject({
      code: 'destination-written',
      time: 0.003,
      address: soc.addressOf(dst) + LENGTH - 2,
      length: 1,
    })
    expect(Buffer.compare(dst, src)).toBe(0)
  })

  it('is not found after the copy, nor beside it', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(dst, src, 100, () => dst.fill(1))
    dst.fill(5, 100)
    soc.runUntilIdle()
    dst.fill(2)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('is not found where later copies of the driver write there too', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(dst, src, LENGTH)
    driver.memcpy(dst.subarray(64), src, 128)
    driver.memcpy(dst, src, 64)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it.each([1, 64, LENGTH / 2])('is not found where a copy overlaps itself by all but %d bytes', async (apart) => {
    for (const forwards of [true, false]) {
      const { soc, driver, codes } = await diagnosed()
      const block = soc.heap.alloc(2 * LENGTH)
      block.forEach((_, i) => (block[i] = i * 7))
      const expected = Uint8Array.from(block)
      const [to, from] = forwards ? [0, apart] : [apart, 0]
      expected.copyWithin(to, from, from + LENGTH)
      driver.memcpy(block.subarray(to), block.subarray(from), LENGTH)
      soc.runUntilIdle()
      expect(codes()).toEqual([])
      expect(Buffer.compare(block, expected)).toBe(0)
    }
  })

  it('where a copy overlaps itself, one byte is told once', async () => {
    const { soc, driver, src, codes } = await diagnosed()
    driver.memcpy(src, src.subarray(64), 256)
    src[100] = 255
    soc.runUntilIdle()
    expect(codes()).toEqual(['source-changed'])
  })
})

describe('a destination in flight', () => {
  it('holds a pattern that spells what it is, from the acceptance to the end', async () => {
    const { soc, driver, src, dst } = await diagnosed()
    driver.memcpy(dst, src, LENGTH)
    expect(Buffer.from(dst.subarray(8, 12)).toString()).toBe('DMA!')
    soc.advance(5)
    expect(dst.every((byte, i) => byte === dst[i % 8])).toBe(true)
    soc.runUntilIdle()
    expect(Buffer.compare(dst, src)).toBe(0)
  })

  it('is left as it was when nothing is to be poisoned', async () => {
    const { soc, driver, src, dst } = await diagnosed({}, { diagnostics: { poison: false } })
    driver.memcpy(dst, src, LENGTH)
    expect(dst.every((byte) => byte === 0)).toBe(true)
    soc.runUntilIdle()
  })

  it('is what it was when the copy is called off, but for what the program has written there', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const other = soc.heap.alloc(LENGTH)
    const controller = new AbortController()
    driver.memcpy(other, src, LENGTH)
    const copy = driver.copy(dst, src, { signal: controller.signal })
    soc.advance(2)
    expect(dst[8]).toBe(0x44)
    dst[20] = 5
    controller.abort('off')
    expect(await rejectionOf(copy)).toBe('off')
    expect(Array.from(dst.subarray(0, 22))).toEqual([...Array<number>(20).fill(0), 5, 0])
    expect(dst.subarray(22).every((byte) => byte === 0)).toBe(true)
    soc.runUntilIdle()
    expect(codes()).toEqual(['destination-written'])
  })

  it('is what it was when copySync gives up before the copy has started', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(soc.heap.alloc(LENGTH), src, LENGTH)
    expect(() => driver.copySync(dst, src, LENGTH, 0.001)).toThrow('had not started')
    expect(dst.every((byte) => byte === 0)).toBe(true)
    soc.runUntilIdle()
    expect(dst.every((byte) => byte === 0)).toBe(true)
    expect(codes()).toEqual([])
  })

  it('that earlier copies of the driver read is poisoned only when they are done', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const out = soc.heap.alloc(LENGTH)
    dst.fill(7)
    driver.memcpy(out, dst, LENGTH)
    const second = driver.copy(dst, src)
    soc.advance(1)
    expect(dst.every((byte) => byte === 7)).toBe(true)
    while (driver.stats.inFlight === 2) soc.advance(1)
    soc.advance(0)
    expect(Buffer.from(dst.subarray(0, 4)).toString()).toBe('DMA!')
    soc.runUntilIdle()
    await second
    expect(out.every((byte) => byte === 7)).toBe(true)
    expect(codes()).toEqual([])
  })
})

describe('destination-read', () => {
  it('is found where what was read is copied on, even long after', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const stale = soc.heap.alloc(LENGTH).fill(0)
    driver.memcpy(dst, src, LENGTH)
    stale.set(dst.subarray(100, 140), 33)
    soc.runUntilIdle()
    soc.advance(1000)
    driver.memcpy(dst, stale, LENGTH)
    soc.runUntilIdle()
    const diagnosis = only()
    expect(diagnosis).toMatchObject({
      code: 'destination-read',
      copy: { sequence: 1 },
      other: { sequence: 0, destination: soc.addressOf(dst) },
      length: 8,
    })
    expect(diagnosis.address - soc.addressOf(stale)).toBeGreaterThanOrEqual(33)
    expect(diagnosis.address - soc.addressOf(stale)).toBeLessThan(33 + 8)
    expect(diagnosis.message).toContain('the destination of copy 0')
  })

  it('is not found when the program has waited, nor where a copy of the same driver reads', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const stale = soc.heap.alloc(LENGTH).fill(0)
    driver.memcpy(dst, src, LENGTH)
    driver.memcpy(stale, dst, LENGTH)
    driver.memcpy(dst, stale, LENGTH)
    soc.runUntilIdle()
    stale.set(dst)
    driver.memcpy(dst, stale, LENGTH)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('is not found where the byte before a destination in flight completes its pattern by chance', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const out = soc.heap.alloc(LENGTH)
    dst[0] = 0x44
    driver.memcpy(dst.subarray(1), src, 64)
    expect(Buffer.from(dst.subarray(0, 4)).toString()).toBe('DMA!')
    driver.memcpy(out, dst, 128)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('is not found in data that spells the same by chance', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    src.set(new TextEncoder().encode('DMA!DMA!DMA!'), 12)
    driver.memcpy(dst, src, LENGTH)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })
})

describe('copies-overlap', () => {
  it.each([
    ['writes where it writes', 64, 512],
    ['writes where it reads', 64, 512],
    ['reads where it writes', 64, 512],
  ])('is found where the second %s', async (how, offset, length) => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const second = await another(soc)
    const elsewhere = soc.heap.alloc(LENGTH)
    driver.memcpy(dst, src, LENGTH)
    const part = (block: Uint8Array<SharedArrayBuffer>): Uint8Array<SharedArrayBuffer> => block.subarray(offset)
    if (how === 'writes where it writes') second.memcpy(part(dst), elsewhere, length)
    else if (how === 'writes where it reads') second.memcpy(part(src), elsewhere, length)
    else second.memcpy(elsewhere, part(dst), length)
    const [diagnosis] = soc.diagnoses
    expect(diagnosis).toMatchObject({
      code: 'copies-overlap',
      driver: second.handle,
      copy: { driver: second.handle, sequence: 0 },
      other: { driver: driver.handle, sequence: 0 },
      address: soc.addressOf(how === 'writes where it reads' ? src : dst) + offset,
      length,
    })
    expect(diagnosis?.message).toContain(how)
    expect(diagnosis?.at?.split('\n')[0]).toContain(thisFile)
    soc.runUntilIdle()
    // What follows from it is not told again.
    expect(codes()).toEqual(['copies-overlap'])
  })

  it('is not found by one byte beside, where both only read, on one driver, and after the end of the first', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const second = await another(soc)
    const elsewhere = soc.heap.alloc(LENGTH)
    driver.memcpy(dst.subarray(20), src, 10)
    driver.memcpy(dst, dst.subarray(20), 10)
    driver.memcpy(dst, src, 1024, () => {
      second.memcpy(elsewhere, dst, LENGTH)
    })
    second.memcpy(dst.subarray(1024), src, 1024)
    second.memcpy(elsewhere, src, LENGTH)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('is not found where the end of one starts the other by an event', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed({}, { target: 'esp32p4' })
    const second = await another(soc)
    const out = soc.heap.alloc(LENGTH)
    const channel = soc.etm.newChannel()
    channel.connect(driver.newEtmEvent('copy-done'), second.prepare(out, dst, LENGTH))
    channel.enable()
    driver.memcpy(dst, src, LENGTH)
    soc.runUntilIdle()
    expect(Buffer.compare(out, src)).toBe(0)
    expect(codes()).toEqual([])
    channel.disable()
    channel.delete()
  })

  it('is found for a copy that an event starts, of which nobody knows where it was asked for', async () => {
    const { soc, driver, src, dst, only } = await diagnosed({}, { target: 'esp32p4' })
    const [second, third] = [await another(soc), await another(soc)]
    const [out, elsewhere] = [soc.heap.alloc(LENGTH), soc.heap.alloc(LENGTH)]
    const channel = soc.etm.newChannel()
    channel.connect(driver.newEtmEvent('copy-done'), second.prepare(out, src, LENGTH))
    channel.enable()
    // The third is still at it when the first is done and the second begins.
    third.memcpy(elsewhere, out, LENGTH)
    driver.memcpy(dst, src, 64)
    soc.runUntilIdle()
    expect(only()).toMatchObject({
      code: 'copies-overlap',
      copy: { driver: second.handle, submittedAt: undefined },
      other: { driver: third.handle },
    })
    channel.disable()
    channel.delete()
  })
})

describe('buffer-freed', () => {
  it.each(['source', 'destination'])('is found when the %s is freed before the copy is done', async (which) => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const block = which === 'source' ? src : dst
    driver.memcpy(dst.subarray(64), src.subarray(64), 128)
    soc.advance(1)
    soc.heap.free(block)
    // Whoever gets the memory next is not told of as well.
    soc.heap.alloc(LENGTH).fill(0x55)
    soc.runUntilIdle()
    const diagnosis = only()
    expect(diagnosis).toMatchObject({
      code: 'buffer-freed',
      time: 0.001,
      address: soc.addressOf(block),
      length: LENGTH,
      copy: { sequence: 0 },
    })
    expect(diagnosis.message).toContain(`whose ${which} it is`)
    expect(diagnosis.at?.split('\n')[0]).toContain(thisFile)
  })

  it('is not found when the program has waited, for another block, nor for a free that is refused', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const other = soc.heap.alloc(LENGTH)
    driver.memcpy(dst, src, LENGTH, () => {
      soc.heap.free(src)
      soc.heap.free(dst)
    })
    soc.heap.free(other)
    expect(() => {
      soc.heap.free(soc.addressOf(src) + 64)
    }).toThrow('no live block')
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })
})

describe('what other threads do', () => {
  it('a copy that another access to the Soc has submitted is watched as well', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const attached = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
    attached.memcpy(soc.addressOf(dst), soc.addressOf(src), LENGTH)
    soc.advance(1)
    dst[0] = 0xff
    soc.runUntilIdle()
    expect(only()).toMatchObject({ code: 'destination-written', copy: { sequence: 0, submittedAt: undefined } })
    await attached.detach()
  })

  it('a block that another access has freed is found gone, before the copy ends', async () => {
    const { soc, driver, src, dst, only } = await diagnosed()
    const other = Soc.attach(soc.port)
    driver.memcpy(dst, src, LENGTH)
    soc.advance(1)
    other.heap.free(soc.addressOf(src))
    soc.runUntilIdle()
    expect(only()).toMatchObject({ code: 'buffer-freed', at: undefined, address: soc.addressOf(src) })
  })

  it('copies that another access withdraws leave what was there', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    const attached = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
    const controller = new AbortController()
    driver.memcpy(soc.heap.alloc(LENGTH), src, LENGTH)
    const copy = attached.copy(soc.addressOf(dst), soc.addressOf(src), { length: LENGTH, signal: controller.signal })
    soc.advance(1)
    controller.abort('off')
    expect(await rejectionOf(copy)).toBe('off')
    soc.runUntilIdle()
    expect(dst.every((byte) => byte === 0)).toBe(true)
    expect(codes()).toEqual([])
    await attached.detach()
  })
})

describe("copies with an end outside of the Soc's memory", () => {
  it('write where later copies of the driver read, and are not looked at themselves', async () => {
    const { soc, driver, dst, codes } = await diagnosed(
      {},
      { target: 'host', diagnostics: { callbacks: undefined } as object },
    )
    const plain = new Uint8Array(LENGTH).map((_, i) => i * 3)
    const last = soc.heap.alloc(LENGTH)
    const copies = [driver.copy(dst, plain), driver.copy(last, dst), driver.copy(new Uint8Array(LENGTH), last)]
    soc.runUntilIdle()
    await Promise.all(copies)
    expect(Buffer.compare(last, plain)).toBe(0)
    expect(codes()).toEqual([])
  })

  it('on a thread of their own, too', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed(
      {},
      { target: 'host', diagnostics: { callbacks: undefined } as object },
    )
    const attached = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
    const plain = new Uint8Array(LENGTH).fill(9)
    const [first, second] = [attached.copy(soc.addressOf(dst), plain, { length: LENGTH }), driver.copy(src, dst)]
    while (driver.stats.inFlight > 0) {
      soc.runUntilIdle()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all([first, second])
    expect(src.every((byte) => byte === 9)).toBe(true)
    expect(codes()).toEqual([])
    await attached.detach()
  })
})
