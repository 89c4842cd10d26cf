/** Where other threads cannot share memory, as in pages that are not cross-origin isolated. Real ones: test/runtimes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { platform } from '../../src/platform/current.ts'
import { expectEspError } from '../support/errors.ts'
import { turn, watch } from '../support/world.ts'

const MIB = 2 ** 20

/** The memory that programs may make there: shared, though nobody else can have it, or not even that. */
type Kind = 'shared memory for this thread only' | 'no shared memory at all'

const KINDS: readonly Kind[] = ['shared memory for this thread only', 'no shared memory at all']

/** Marks stand at multiples of this; few of them are 0. */
const MARKS = 4099

function lastMark(view: Uint8Array): number {
  let at = Math.floor((view.length - 1) / MARKS) * MARKS
  while (at > 0 && view[at] === 0) at -= MARKS
  return at
}

function takeAway(kind: Kind): void {
  // In such pages the name is not there.
  vi.stubGlobal('SharedArrayBuffer', undefined)
  if (kind === 'shared memory for this thread only') return
  const { Memory } = WebAssembly
  vi.stubGlobal('WebAssembly', {
    ...{ Module: WebAssembly.Module, Instance: WebAssembly.Instance },
    Memory: class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared === true) throw new TypeError('shared memory is off')
        super(descriptor)
      }
    },
  })
}

describe.each(KINDS)('with %s', (kind) => {
  beforeEach(() => {
    takeAway(kind)
    vi.spyOn(console, 'info').mockReturnValue()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('Soc.open chooses the simulated engine, and says that it is not isolated', async () => {
    const soc = await Soc.open()
    expect(soc.engine).toBe('simulated')
    expect(soc.isolated).toBe(false)
    await soc.close()
  })

  it('threads are ESP_ERR_NOT_SUPPORTED, with what would help', async () => {
    const error: unknown = await Soc.open('host', { engine: 'threads' }).catch((reason: unknown) => reason)
    expectEspError(error, 'ESP_ERR_NOT_SUPPORTED', 'engine "threads"', platform.howToShare)
  })

  it.each(['host', 'esp32s3', 'esp32p4'])('copies on %s: forwards, backwards and overlapping', async (target) => {
    const soc = await Soc.open(target)
    const driver = await AsyncMemcpy.install({}, soc)
    const memory = soc.heap.alloc(64 * 1024)
    const bytes = Uint8Array.from(memory, (_, i) => i * 7)
    memory.set(bytes)
    for (const [to, from] of [
      [0, 32 * 1024],
      [64, 0],
      [0, 64],
    ] as const) {
      await driver.copy(memory.subarray(to, to + 32 * 1024), memory.subarray(from, from + 32 * 1024))
      bytes.copyWithin(to, from, from + 32 * 1024)
      expect(Buffer.compare(memory, bytes)).toBe(0)
    }
    soc.heap.free(memory)
    await driver.uninstall()
    await soc.close()
  })

  it('memory that cannot grow has 256 MiB from the start, or what was asked for, and keeps its views', async () => {
    const growable = kind === 'shared memory for this thread only'
    const soc = await Soc.open()
    const first = soc.heap.alloc(64)
    first.fill(1)
    const large = soc.heap.alloc(200 * MIB)
    large[large.length - 1] = 2
    expect(first).toHaveLength(64)
    expect(first[63]).toBe(1)
    if (!growable) expect(soc.heap.stats().capacity).toBeLessThanOrEqual(256 * MIB)
    await soc.close()

    const small = await Soc.open('host', { initialBytes: MIB, maximumBytes: 2 ** 27 })
    if (!growable) expect(small.heap.stats().capacity).toBeLessThanOrEqual(MIB)
    await small.close()
  })
})

it('a large copy that the clock makes by itself leaves the event loop a turn after each MiB', async () => {
  const soc = await Soc.open('host', { engine: 'simulated' })
  const driver = await AsyncMemcpy.install({}, soc)
  const src = soc.heap.alloc(16 * MIB)
  const dst = soc.heap.alloc(16 * MIB)
  for (let i = 0; i < src.length; i += MARKS) src[i] = i
  const copy = watch(driver.copy(dst, src))
  const moved: number[] = []
  while (copy.state === 'pending') {
    await turn()
    moved.push(lastMark(dst))
  }
  expect(moved.length).toBeGreaterThanOrEqual(16)
  for (const [i, last] of moved.entries()) expect(last).toBeLessThan((i + 1) * MIB)
  expect(Buffer.compare(dst, src)).toBe(0)
  await driver.uninstall()
  await soc.close()
})

it('a large copy that has begun is finished at once when the clock is told to move', async () => {
  const soc = await Soc.open('host', { engine: 'simulated' })
  const driver = await AsyncMemcpy.install({}, soc)
  const memory = soc.heap.alloc(20 * MIB)
  for (let i = 0; i < memory.length; i += MARKS) memory[i] = i
  const expected = Uint8Array.from(memory)
  expected.copyWithin(MIB, 0, 16 * MIB)
  let calls = 0
  // Overlapping: from the end.
  driver.memcpy(memory.subarray(MIB, 17 * MIB), memory.subarray(0, 16 * MIB), 16 * MIB, () => calls++)
  while (Buffer.compare(memory.subarray(16 * MIB, 17 * MIB), expected.subarray(16 * MIB, 17 * MIB)) !== 0) await turn()
  expect(calls).toBe(0)
  expect(Buffer.compare(memory, expected)).not.toBe(0)
  soc.advance(0)
  expect(calls).toBe(1)
  expect(Buffer.compare(memory, expected)).toBe(0)
  await driver.uninstall()
  await soc.close()
})
