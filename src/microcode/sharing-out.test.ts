/** Copies in pieces: whether all of them are written, whoever comes to help. */
import { describe, expect, it } from 'vitest'

import { classOf, KernelBench, MIB } from '../../test/support/kernel-bench.ts'

import { KERNEL_OPTIONS, KERNEL_TRIALS, ROW_SPLIT, SPLIT_THRESHOLD } from './layout.ts'

describe.each(Array.from({ length: KERNEL_OPTIONS }, (_, option) => option))('sharing out, option %i', (option) => {
  it.each([1, 2, 15])('with %i helpers that never come, the consumer writes every piece', (helpers) => {
    const bench = new KernelBench(176, helpers)
    bench.force(ROW_SPLIT, option)
    bench.fill(option + helpers)
    for (const length of [SPLIT_THRESHOLD, SPLIT_THRESHOLD + 1, 3 * MIB + 12_345]) {
      bench.expectCopy(KernelBench.FREE + 5 * MIB + 7, KernelBench.FREE + option, length)
      bench.expectCopy(KernelBench.FREE, KernelBench.FREE + 4 * MIB, length)
    }
    expect(bench.completed).toBe(6)
  })

  it('ranges that overlap are not shared out, and move as memmove does', () => {
    const bench = new KernelBench(176, 2)
    bench.force(ROW_SPLIT, option)
    bench.fill(option)
    for (const distance of [1, -1, 64, -64, 1_000_000, -1_000_000]) {
      bench.expectCopy(KernelBench.FREE + 3 * MIB + distance, KernelBench.FREE + 3 * MIB, SPLIT_THRESHOLD + 4096)
    }
  })
})

describe('sharing out, not yet settled', () => {
  it('tries every size of piece, then stays with one', () => {
    const bench = new KernelBench(176, 1)
    const length = 2 * MIB + 1
    bench.fill(1)
    for (let i = 0; i < KERNEL_OPTIONS * KERNEL_TRIALS; i++)
      bench.expectCopy(KernelBench.FREE + 5 * MIB, KernelBench.FREE + i, length)
    expect(bench.choice(ROW_SPLIT, classOf(length))).toBeLessThan(KERNEL_OPTIONS)
    bench.expectCopy(KernelBench.FREE + 5 * MIB, KernelBench.FREE, length)
  })
})
