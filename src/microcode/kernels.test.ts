/** Whether copies are right whatever kernel carries them out. */
import { beforeAll, describe, expect, it } from 'vitest'

import { KernelBench, MIB, randomNumbers } from '../../test/support/kernel-bench.ts'

import { KERNEL_LARGE_PIECE, KERNEL_OPTIONS, KERNEL_SMALLEST, KERNEL_SMALL_PIECE } from './layout.ts'

describe('short copies', () => {
  it('of 0 to 64 bytes move as memmove at every distance, overlapping or not', () => {
    const bench = new KernelBench(4)
    const at = KernelBench.FREE + 1024
    for (let length = 0; length <= 66; length++) {
      bench.fill(length + 1)
      for (let distance = -70; distance <= 70; distance++) bench.expectCopy(at + distance, at, length, 80)
    }
  })

  it('of 0 to 64 bytes at every alignment touch nothing beside them', () => {
    const bench = new KernelBench(4)
    bench.fill(1)
    for (let length = 0; length <= 64; length++) {
      for (let offset = 0; offset < 16; offset++) {
        bench.expectCopy(KernelBench.FREE + 4096 + offset, KernelBench.FREE + 1024 + ((offset * 7) & 15), length, 80)
      }
    }
  })

  it('count their bytes and publish their completion', () => {
    const bench = new KernelBench(4)
    bench.copy(KernelBench.FREE, KernelBench.FREE + 64, 10)
    bench.copy(KernelBench.FREE, KernelBench.FREE + 64, 32)
    expect({ bytes: bench.bytesCopied, completed: bench.completed }).toEqual({ bytes: 42, completed: 2 })
  })
})

describe.each(Array.from({ length: KERNEL_OPTIONS }, (_, option) => option))('kernel %i', (kernel) => {
  const bench = new KernelBench(96)

  beforeAll(() => {
    bench.forceAll(kernel)
  })

  it('copies every length around its thresholds at every alignment', () => {
    bench.fill(kernel + 1)
    const lengths = [
      ...[KERNEL_SMALLEST, KERNEL_SMALL_PIECE, 2 * KERNEL_SMALL_PIECE, 4096].flatMap((n) => [n - 1, n, n + 1]),
      ...[2048 + 127, 2048 + 128, 2048 + 129, 3 * KERNEL_SMALL_PIECE],
    ]
    for (const length of lengths) {
      for (let d = 0; d < 16; d++) {
        for (const s of [0, 1, 5, 8, 15])
          bench.expectCopy(KernelBench.FREE + 65_536 + d, KernelBench.FREE + 16_384 + s, length)
      }
    }
  })

  it('copies large ranges, whole pieces and what is left over', () => {
    bench.fill(kernel + 5)
    for (const length of [
      KERNEL_LARGE_PIECE - 1,
      KERNEL_LARGE_PIECE,
      KERNEL_LARGE_PIECE + 1,
      2 * KERNEL_LARGE_PIECE + 77,
    ]) {
      bench.expectCopy(KernelBench.FREE + MIB, KernelBench.FREE, length)
      bench.expectCopy(KernelBench.FREE + MIB + 3, KernelBench.FREE + 64, length)
    }
  })

  it('copies overlapping ranges as memmove does', () => {
    const random = randomNumbers(kernel + 9)
    bench.fill(kernel + 9)
    for (let i = 0; i < 200; i++) {
      const length = 2048 + random(20_000)
      const at = KernelBench.FREE + 32_768 + random(64)
      bench.expectCopy(at + random(2 * length) - length, at, length)
    }
    // Ranges that only touch do not overlap.
    bench.expectCopy(KernelBench.FREE + 40_960, KernelBench.FREE + 32_768, 8192)
    bench.expectCopy(KernelBench.FREE + 32_768, KernelBench.FREE + 40_960, 8192)
  })

  it('copies random ranges', () => {
    const random = randomNumbers(kernel + 77)
    bench.fill(kernel + 77)
    for (let i = 0; i < 300; i++) {
      const length = 1 + random(2 ** random(19))
      bench.expectCopy(KernelBench.FREE + random(2 * MIB), KernelBench.FREE + random(2 * MIB), length)
    }
  })

  it('copies the last bytes of the memory', () => {
    for (const length of [1, 63, 2047, 2048, 5000]) {
      bench.expectCopy(bench.bytes.length - length, KernelBench.FREE, length)
      bench.expectCopy(KernelBench.FREE, bench.bytes.length - length, length)
    }
  })
})
