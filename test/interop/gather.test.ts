/** `concat` and `clone`: what arrives is what was given, and whatever goes wrong leaves no block behind. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { rejectionOf } from '../support/errors.ts'
import { ENGINES, useWorld } from '../support/world.ts'

/** Bytes that tell where they come from. */
function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff)
}

describe.each(ENGINES)('concat, %s engine', (engine) => {
  const world = useWorld(engine)

  it('joins pieces of any length, small and large, in their order', async () => {
    const driver = await world.install()
    const { heap } = world.soc
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.nat(64), fc.nat(9000)), { maxLength: 40 }), async (lengths) => {
        const pieces = lengths.map((length, i) => {
          const piece = heap.alloc(length + 3)
          piece.set(pattern(length, i), 3)
          return piece.subarray(3)
        })
        const joined = await driver.concat(pieces)
        expect(Buffer.from(joined).equals(Buffer.concat(lengths.map(pattern)))).toBe(true)
        for (const piece of pieces) heap.free(piece.byteOffset - 3)
        if (joined.length > 0) heap.free(joined)
      }),
      { numRuns: 30 },
    )
  })

  it('more pieces than the backlog and the line hold', async () => {
    const driver = await world.install({ backlog: 2 })
    const { heap } = world.soc
    const source = world.alloc(4096)
    source.set(pattern(4096, 1))
    const joined = await driver.concat(Array.from({ length: 100 }, () => source))
    expect(joined.length).toBe(409_600)
    for (let at = 0; at < joined.length; at += 4096) {
      expect(Buffer.compare(joined.subarray(at, at + 4096), source)).toBe(0)
    }
    expect(driver.stats.submitted).toBe(100)
    heap.free(joined)
  })

  it('takes the bytes of every kind of view, and whole buffers', async () => {
    const driver = await world.install()
    const floats = new Float64Array(world.alloc(32).buffer, world.alloc(32).byteOffset, 2).fill(1.5)
    const joined = await driver.concat([floats, new DataView(floats.buffer, floats.byteOffset, 8)])
    expect([...new Float64Array(joined.buffer, joined.byteOffset, 3)]).toEqual([1.5, 1.5, 1.5])
    world.soc.heap.free(joined)
  })

  it('of nothing is an empty view, and takes no memory', async () => {
    const driver = await world.install()
    expect((await driver.concat([])).length).toBe(0)
    expect((await driver.concat([new Uint8Array(0)])).length).toBe(0)
    expect(world.soc.heap.stats().blocks).toBe(0)
  })

  it('lies where the options say', async () => {
    const driver = await world.install()
    const joined = await driver.concat([world.alloc(5000)], { align: 4096 })
    expect(joined.byteOffset % 4096).toBe(0)
    world.soc.heap.free(joined)
  })

  it.each([
    [undefined, /list is undefined/],
    [5, /list is number 5/],
    [new Uint8Array(4), /list is object: pass an array of views/],
    [[new Uint8Array(4), 'text'], /list\[1\] is string "text"/],
    [[null], /list\[0\] is null/],
  ])('refuses %o, and leaves everything as it was', async (list, message) => {
    const driver = await world.install()
    const error = await rejectionOf(driver.concat(list as Uint8Array[]))
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_ARG', message: expect.stringMatching(message) as string })
    expect(world.soc.heap.stats().blocks).toBe(0)
  })

  it('called off: rejects with the reason, and gives the block back', async () => {
    const driver = await world.install({ backlog: 2 })
    const source = world.alloc(8192)
    const held = world.hold(driver)
    const controller = new AbortController()
    const joining = driver.concat([source, source, source, source, source, source], { signal: controller.signal })
    const reason = new Error('never mind')
    controller.abort(reason)
    held.release()
    expect(await rejectionOf(joining)).toBe(reason)
    expect(world.soc.heap.stats().blocks).toBe(1)
  })

  it('called off before: allocates nothing', async () => {
    const driver = await world.install()
    const reason = new Error('never mind')
    const joining = driver.concat([world.alloc(64)], { signal: AbortSignal.abort(reason) })
    expect(await rejectionOf(joining)).toBe(reason)
    expect(world.soc.heap.stats().blocks).toBe(1)
  })

  it('a driver that is uninstalled refuses', async () => {
    const driver = await world.install()
    await driver.uninstall()
    const error = await rejectionOf(driver.concat([world.alloc(8192)]))
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_STATE' })
    expect(world.soc.heap.stats().blocks).toBe(1)
  })
})

describe.each(ENGINES)('clone, %s engine', (engine) => {
  const world = useWorld(engine)

  it.each([
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ])('a %o becomes one of its kind in the heap', async (Kind) => {
    const driver = await world.install()
    const block = world.alloc(64)
    const view = new Kind(block.buffer as unknown as ArrayBuffer, block.byteOffset + 8, 5)
    view.set([1, 2, 3, 4, 5])
    const clone = await driver.clone(view)
    expect(clone).toBeInstanceOf(Kind)
    expect([...clone]).toEqual([1, 2, 3, 4, 5])
    view.fill(0)
    expect([...clone]).toEqual([1, 2, 3, 4, 5])
    world.soc.heap.free(clone)
  })

  it('a Buffer becomes a Buffer, a DataView a DataView, a BigInt64Array one of its kind', async () => {
    const driver = await world.install()
    const block = world.alloc(64)
    block.set(pattern(64, 3))
    const buffer = await driver.clone(Buffer.from(block.buffer, block.byteOffset, 11))
    expect(Buffer.isBuffer(buffer) && buffer.equals(block.subarray(0, 11))).toBe(true)
    const data = await driver.clone(new DataView(block.buffer, block.byteOffset + 1, 9))
    expect(data).toBeInstanceOf(DataView)
    expect([data.byteLength, data.getUint8(8)]).toEqual([9, block[9]])
    const bigs = await driver.clone(new BigInt64Array(block.buffer, block.byteOffset, 2).fill(-5n))
    expect([...bigs]).toEqual([-5n, -5n])
    for (const view of [buffer, data, bigs]) world.soc.heap.free(view)
  })

  it('large ones by the channel, small ones at once', async () => {
    const driver = await world.install()
    const source = world.alloc(1_000_001)
    source.set(pattern(1_000_001, 9))
    const clone = await driver.clone(source)
    expect(Buffer.compare(clone, source)).toBe(0)
    expect(driver.stats.submitted).toBe(1)
    world.soc.heap.free(clone)
  })

  it('refuses what is no view', async () => {
    const driver = await world.install()
    const error = await rejectionOf(driver.clone(new ArrayBuffer(8) as unknown as Uint8Array))
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_ARG' })
  })
})
