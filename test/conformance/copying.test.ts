/** Where the bytes go: overlap, alignment, lengths, kernels, several channels. Every byte of the arena is a guard. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy, Soc } from '../../src/index.ts'
import {
  KERNEL_CLASSES,
  KERNEL_LARGE_PIECES,
  KERNEL_OPTIONS,
  KERNEL_SIMD,
  KERNEL_SMALL_PIECES,
  KERNEL_WHOLE,
  ROW_CONGRUENT,
  ROW_SHIFTED,
  ROW_SPLIT,
  SOC_BLOCK,
  SOC_CHOICES,
  SPLIT_THRESHOLD,
} from '../../src/microcode/layout.ts'
import type { Arena } from '../support/bytes.ts'
import { ENGINES, untilIdle, useWorld } from '../support/world.ts'

const KIB = 1024
const MIB = 2 ** 20

const KERNELS = { KERNEL_WHOLE, KERNEL_SMALL_PIECES, KERNEL_SIMD, KERNEL_LARGE_PIECES }

/** Puts one option in place of what was measured, for every length. */
function choose(soc: Soc, rows: readonly number[], option: number): void {
  for (const row of rows) {
    const first = ((SOC_BLOCK + SOC_CHOICES) >> 2) + row * KERNEL_CLASSES
    soc.space.words.fill(option, first, first + KERNEL_CLASSES)
  }
}

interface Copy {
  readonly dst: number
  readonly src: number
  readonly length: number
}

describe.each(ENGINES)('copying, %s engine', (engine) => {
  const world = useWorld(engine)

  /** Copies and compares: the copy has done what a memmove does, and nothing else. */
  function check(arena: Arena, copy: (dst: number, src: number, length: number) => void): typeof copy {
    return (dst, src, length) => {
      copy(arena.address + dst, arena.address + src, length)
      arena.expectCopy(dst, src, length)
      if (arena.difference !== -1) {
        throw new Error(`${length} bytes from ${src} to ${dst}: offset ${arena.difference} is wrong`)
      }
    }
  }

  /** The same for many copies at once, none of which touches what another writes. */
  async function checkTogether(driver: AsyncMemcpy, arena: Arena, copies: readonly Copy[]): Promise<void> {
    for (const { dst, src, length } of copies) {
      driver.memcpy(arena.address + dst, arena.address + src, length)
      arena.expectCopy(dst, src, length)
    }
    await untilIdle(driver)
    const wrong = arena.difference
    if (wrong !== -1) {
      const near = copies.filter(({ dst, length }) => wrong >= dst - 64 && wrong < dst + length + 64)
      throw new Error(`offset ${wrong} is wrong, near ${JSON.stringify(near)}`)
    }
  }

  it('every length from 1 to 300 at every alignment of source and destination within 16 bytes', async () => {
    const driver = await world.install({ backlog: 512 })
    const ROW = 512
    const arena = world.arena(ROW * 302)
    for (let dst = 0; dst < 16; dst++) {
      for (let src = 0; src < 16; src++) {
        const copies = Array.from({ length: 300 }, (_, i): Copy => {
          return { dst: ROW * (i + 1) + 64 + dst, src: 16 * dst + src, length: i + 1 }
        })
        await checkTogether(driver, arena, copies)
      }
    }
  })

  it('every length from 1 to 130 at every overlap, forwards and backwards', async () => {
    const driver = await world.install({ backlog: 512 })
    const ROW = 512
    const arena = world.arena(ROW * 262)
    for (let length = 1; length <= 130; length++) {
      const copies = Array.from({ length: 2 * length + 1 }, (_, i): Copy => {
        const distance = i - length
        return { dst: ROW * i + 192 + distance, src: ROW * i + 192, length }
      })
      await checkTogether(driver, arena, copies)
    }
  })

  it('onto itself changes nothing, at any length', async () => {
    const driver = await world.install()
    const arena = world.arena(2 * MIB)
    const copy = check(arena, (dst, src, length) => void driver.copySync(dst, src, length))
    for (const length of [1, 15, 16, 63, 64, 65, 2047, 2048, 65536, 2 * MIB]) copy(0, 0, length)
  })

  const ALIGNMENTS = [0, 1, 7, 8, 15]
  const BOUNDARIES = [2 * KIB, 4 * KIB, 64 * KIB, 256 * KIB, MIB]

  describe.each(Object.entries(KERNELS))('%s', (_name, kernel) => {
    it.each(BOUNDARIES)('lengths around %d at mixed alignments', async (boundary) => {
      const driver = await world.install()
      choose(world.soc, [ROW_CONGRUENT, ROW_SHIFTED], kernel)
      const arena = world.arena(2 * boundary + 512)
      const copy = check(arena, (dst, src, length) => void driver.copySync(dst, src, length))
      for (const dst of ALIGNMENTS) {
        for (const src of boundary > 64 * KIB ? [dst === 0 ? 3 : 0, dst] : ALIGNMENTS) {
          for (const length of [boundary - 1, boundary, boundary + 1, boundary + 129]) {
            copy(64 + dst, boundary + 256 + src, length)
          }
        }
      }
    })

    it.each(BOUNDARIES)('overlaps around %d, forwards and backwards', async (boundary) => {
      const driver = await world.install()
      choose(world.soc, [ROW_CONGRUENT, ROW_SHIFTED], kernel)
      const arena = world.arena(3 * boundary)
      const copy = check(arena, (dst, src, length) => void driver.copySync(dst, src, length))
      for (const distance of [1, 15, 16, 64, 127, 128, 1536, 2047, boundary / 2, boundary - 1, boundary]) {
        if (distance > boundary) continue
        copy(boundary - distance, boundary, boundary)
        copy(boundary + distance, boundary, boundary)
      }
    })
  })

  it('addresses and lengths beyond 2 GiB, where numbers of 32 bits look negative', async () => {
    const driver = await world.install()
    const { heap } = world.soc
    const GIB = 2 ** 30
    // Never touched, so it takes addresses and no memory.
    const filler = heap.alloc(2 * GIB + 4096)
    const arena = world.arena(8192)
    expect(arena.address).toBeGreaterThan(2 * GIB)
    arena.expectCopy(100, 4000, 3000)
    await driver.copy(arena.address + 100, arena.address + 4000, { length: 3000 })
    arena.expectCopy(7000, 10, 1000)
    driver.copySync(arena.view(7000, 1000), arena.view(10, 1000), 1000)
    expect(arena.difference).toBe(-1)
    expect(heap.blockAt(arena.address + 8191)).toEqual({ address: arena.address, length: 8192 })
    // Onto itself, which moves nothing.
    const { bytes } = driver.stats
    expect(await driver.copy(filler, filler)).toMatchObject({ status: 0, bytes: 2 * GIB + 4096 })
    expect(driver.stats.bytes - bytes).toBe(2 * GIB + 4096)
    heap.free(filler)
  })

  it('chained copies, each from where the one before went to, are carried out one after another', async () => {
    const driver = await world.install({ backlog: 64 })
    const arena = world.arena(64 * KIB)
    const promises: Promise<unknown>[] = []
    for (let i = 0; i < 63; i++) {
      promises.push(driver.copy(arena.address + (i + 1) * KIB, arena.address + i * KIB, { length: KIB }))
      arena.expectCopy((i + 1) * KIB, i * KIB, KIB)
    }
    await Promise.all(promises)
    expect(arena.difference).toBe(-1)
    expect(Buffer.compare(arena.view(63 * KIB, KIB), arena.view(0, KIB))).toBe(0)
  })

  it('any sequence of copies, whatever their ranges, is what as many memmoves would be', async () => {
    const driver = await world.install({ backlog: 32 })
    const size = 8 * KIB
    const arena = world.arena(size)
    const copy = fc
      .record({ dst: fc.nat(size - 1), src: fc.nat(size - 1), length: fc.oneof(fc.nat(100), fc.nat(size)) })
      .map(({ dst, src, length }) => ({ dst, src, length: Math.max(1, Math.min(length, size - dst, size - src)) }))
    await fc.assert(
      fc.asyncProperty(fc.array(copy, { minLength: 1, maxLength: 30, size: 'max' }), async (copies) => {
        const last = copies.map(({ dst, src, length }) => {
          arena.expectCopy(dst, src, length)
          return driver.copy(arena.address + dst, arena.address + src, { length })
        })
        await Promise.all(last)
        expect(arena.difference).toBe(-1)
      }),
      { numRuns: 100 },
    )
  })

  describe('with 2 channels', () => {
    const around = [SPLIT_THRESHOLD - 1, SPLIT_THRESHOLD, SPLIT_THRESHOLD + 1, 3 * MIB + 12_345]

    it.each([0, 1, 2, 3].slice(0, KERNEL_OPTIONS))(
      'lengths around 1 MiB at mixed alignments, sharing option %d',
      async (option) => {
        const driver = await world.install({ channels: 2 })
        choose(world.soc, [ROW_SPLIT], option)
        const arena = world.arena(7 * MIB)
        const copy = check(arena, (dst, src, length) => void driver.copySync(dst, src, length))
        for (const length of around) {
          for (const dst of [0, 1, 8]) for (const src of [0, 1, 15]) copy(64 + dst, (7 * MIB) / 2 + src, length)
        }
      },
    )

    it('overlaps of more than 1 MiB, forwards and backwards, by little and by almost everything', async () => {
      const driver = await world.install({ channels: 2 })
      const length = 2 * MIB + 77
      const arena = world.arena(3 * length)
      const copy = check(arena, (dst, src, bytes) => void driver.copySync(dst, src, bytes))
      for (const distance of [1, 16, 4096, 256 * KIB, MIB, length - 1, length]) {
        copy(length - distance, length, length)
        copy(length + distance, length, length)
      }
    })

    it('large copies and small ones, told in order, each done when it is told', async () => {
      const driver = await world.install({ channels: 3, backlog: 4 })
      const arena = world.arena(8 * MIB)
      const told: number[] = []
      const wrong: number[] = []
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          // Every other copy is shared out; each reads what the one before has written.
          const length = i % 2 === 0 ? 3 * MIB + i : 100
          const [dst, src] = i % 2 === 0 ? [4 * MIB, 0] : [i, 4 * MIB + i]
          const event = await driver.copy(arena.address + dst, arena.address + src, { length })
          told.push(event.sequence)
          if (event.bytes !== length) wrong.push(i)
        }),
      )
      for (let i = 0; i < 40; i++) {
        if (i % 2 === 0) arena.expectCopy(4 * MIB, 0, 3 * MIB + i)
        else arena.expectCopy(i, 4 * MIB + i, 100)
      }
      expect(arena.difference).toBe(-1)
      expect(told).toEqual(Array.from({ length: 40 }, (_, i) => i))
      expect(wrong).toEqual([])
    })
  })
})
