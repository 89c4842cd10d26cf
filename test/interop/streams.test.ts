/** Streams into heap memory and out of it. */
import { Readable } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { rejectionOf } from '../support/errors.ts'
import { ENGINES, useWorld } from '../support/world.ts'

function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff)
}

/** A web stream of a list, which tells whether it was cancelled. */
function webStream(chunks: readonly unknown[]): {
  readonly stream: ReadableStream<Uint8Array>
  cancelled: () => unknown
} {
  let reason: unknown
  let at = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === chunks.length) controller.close()
      else controller.enqueue(chunks[at++] as Uint8Array)
    },
    cancel(why) {
      reason = why
    },
  })
  return { stream, cancelled: () => reason }
}

describe.each(ENGINES)('copyFrom, %s engine', (engine) => {
  const world = useWorld(engine)
  const CHUNKS = [pattern(10, 1), pattern(70_000, 2), pattern(0, 3), pattern(3000, 4), pattern(200_000, 5)]
  const ALL = Buffer.concat(CHUNKS)

  it('a web stream fills a block that grows with it', async () => {
    const driver = await world.install()
    const filled = await driver.copyFrom(webStream(CHUNKS).stream)
    expect(ALL.equals(filled)).toBe(true)
    world.soc.heap.free(filled)
  })

  it('a stream of Node.js', async () => {
    const driver = await world.install()
    const filled = await driver.copyFrom(Readable.from(CHUNKS.filter((chunk) => chunk.length > 0)))
    expect(ALL.equals(filled)).toBe(true)
    world.soc.heap.free(filled)
  })

  it('a producer that writes each chunk where the last one was', async () => {
    const driver = await world.install()
    const buffer = new Uint8Array(20_000)
    function* produce(): Generator<Uint8Array> {
      for (let i = 0; i < 20; i++) {
        buffer.fill(i)
        yield buffer
      }
    }
    const filled = await driver.copyFrom(produce())
    for (let i = 0; i < 20; i++) {
      expect(filled.subarray(i * 20_000, (i + 1) * 20_000).every((byte) => byte === i)).toBe(true)
    }
    world.soc.heap.free(filled)
  })

  it('into memory of the caller, as much as comes', async () => {
    const driver = await world.install()
    const into = world.alloc(ALL.length + 100)
    const filled = await driver.copyFrom(webStream(CHUNKS).stream, { into })
    expect([filled.byteOffset, filled.length]).toEqual([into.byteOffset, ALL.length])
    expect(ALL.equals(filled)).toBe(true)
    expect(into.subarray(ALL.length).every((byte) => byte === 0)).toBe(true)
  })

  it('more than fits: says so, cancels the stream, and writes nothing beyond', async () => {
    const driver = await world.install()
    const block = world.alloc(1000)
    const { stream, cancelled } = webStream([pattern(600), pattern(600), pattern(1), pattern(1)])
    const error = await rejectionOf(driver.copyFrom(stream, { into: block.subarray(0, 800) }))
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_SIZE', message: expect.stringContaining('800') as string })
    expect(cancelled()).toBe(error)
    expect(block.subarray(800).every((byte) => byte === 0)).toBe(true)
  })

  it('nothing at all is an empty view of a block', async () => {
    const driver = await world.install()
    const filled = await driver.copyFrom(webStream([]).stream)
    expect(filled.length).toBe(0)
    world.soc.heap.free(filled)
  })

  it('a stream that fails: its error, and no block is left', async () => {
    const driver = await world.install()
    const failure = new Error('the line is dead')
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(failure)
      },
    })
    expect(await rejectionOf(driver.copyFrom(stream))).toBe(failure)
    expect(world.soc.heap.stats().blocks).toBe(0)
  })

  it('chunks that are no bytes are refused', async () => {
    const driver = await world.install()
    const { stream, cancelled } = webStream([pattern(10), 'text', pattern(1), pattern(1)])
    const error = await rejectionOf(driver.copyFrom(stream))
    expect(error).toMatchObject({
      name: 'ESP_ERR_INVALID_ARG',
      message: expect.stringMatching(/a chunk is string/) as string,
    })
    expect(cancelled()).toBe(error)
    expect(world.soc.heap.stats().blocks).toBe(0)
  })

  it('called off while the stream says nothing', async () => {
    const driver = await world.install()
    const controller = new AbortController()
    let cancelled: unknown
    const silent = new ReadableStream<Uint8Array>({
      cancel(reason) {
        cancelled = reason
      },
    })
    const filling = driver.copyFrom(silent, { signal: controller.signal })
    const reason = new Error('never mind')
    controller.abort(reason)
    expect(await rejectionOf(filling)).toBe(reason)
    expect(cancelled).toBe(reason)
    expect(world.soc.heap.stats().blocks).toBe(0)
  })

  it.each([
    [undefined, {}, /copyFrom undefined/],
    ['text', {}, /copyFrom string/],
    [[], { expectedBytes: 0 }, /expectedBytes is 0/],
    [[], { into: 7 }, /into is number 7/],
  ])('refuses %o with %o', async (source, options, message) => {
    const driver = await world.install()
    const error = await rejectionOf(driver.copyFrom(source as never, options as never))
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_ARG', message: expect.stringMatching(message) as string })
    expect(world.soc.heap.stats().blocks).toBe(0)
  })
})

describe.each(ENGINES)('readableFrom, %s engine', (engine) => {
  const world = useWorld(engine)

  it.each([1, 999, 1000, 1001, 4096])('gives everything in chunks of %i', async (chunkBytes) => {
    const driver = await world.install()
    const view = world.alloc(4096)
    view.set(pattern(4096))
    const chunks: Uint8Array[] = []
    for await (const chunk of driver.readableFrom(view, { chunkBytes })) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(view)).toBe(true)
    expect(chunks.slice(0, -1).every((chunk) => chunk.length === chunkBytes)).toBe(true)
    expect(chunks.every((chunk) => chunk.buffer instanceof ArrayBuffer)).toBe(true)
  })

  it('a Response takes it, and a stream of Node.js', async () => {
    const driver = await world.install()
    const view = world.alloc(300_000)
    view.set(pattern(300_000))
    expect(Buffer.from(await new Response(driver.readableFrom(view)).arrayBuffer()).equals(view)).toBe(true)
    const chunks: Uint8Array[] = []
    for await (const chunk of Readable.fromWeb(driver.readableFrom(view) as never)) chunks.push(chunk as Uint8Array)
    expect(Buffer.concat(chunks).equals(view)).toBe(true)
  })

  it('of nothing ends at once', async () => {
    const driver = await world.install()
    const { done } = await driver.readableFrom(new Uint8Array(0)).getReader().read()
    expect(done).toBe(true)
  })

  it('when the driver is gone reading fails', async () => {
    const driver = await world.install()
    const view = world.alloc(100)
    await driver.uninstall()
    const error = await rejectionOf(driver.readableFrom(view).getReader().read())
    expect(error).toMatchObject({ name: 'ESP_ERR_INVALID_STATE' })
  })

  it.each([0, -1, 1.5, NaN, '8'])('refuses chunks of %o bytes', async (chunkBytes) => {
    const driver = await world.install()
    const call = (): unknown => driver.readableFrom(world.alloc(8), { chunkBytes: chunkBytes as number })
    expect(call).toThrow(expect.objectContaining({ name: 'ESP_ERR_INVALID_ARG' }) as Error)
  })
})
