/** How a kernel is chosen: by measurement, and on the copies themselves. */
import { describe, expect, it } from 'vitest'

import { classOf, KernelBench, MIB } from '../../test/support/kernel-bench.ts'

import {
  CALIBRATION_SCRATCH,
  CHOICE_OPEN,
  KERNEL_CLASSES,
  KERNEL_FIRST_TRIED_CLASS,
  KERNEL_OPTIONS,
  KERNEL_ROWS,
  KERNEL_SMALLEST,
  KERNEL_TRIALS,
  ROW_CONGRUENT,
  ROW_SHIFTED,
  SOC_BLOCK,
  SOC_CALIBRATION,
  SOC_CHOICES,
  SOC_TRIALS,
} from './layout.ts'

describe('the measurement of the kernels', () => {
  const SCRATCH = KernelBench.FREE

  it('chooses one for every class and row that it measures, and touches nothing but its scratch', () => {
    const bench = new KernelBench(96)
    const guard = SCRATCH + CALIBRATION_SCRATCH
    bench.bytes.fill(0x5a, guard)
    bench.microcode.calibrate(SCRATCH)
    expect(bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2]).toBe(2)
    for (let c = 0; c < KERNEL_FIRST_TRIED_CLASS; c++) {
      for (const row of [ROW_CONGRUENT, ROW_SHIFTED]) {
        expect(bench.choice(row, c)).toBeGreaterThanOrEqual(0)
        expect(bench.choice(row, c)).toBeLessThan(KERNEL_OPTIONS)
      }
    }
    for (let c = KERNEL_FIRST_TRIED_CLASS; c < KERNEL_CLASSES; c++) {
      for (let row = 0; row < KERNEL_ROWS; row++) expect(bench.choice(row, c)).toBe(CHOICE_OPEN)
    }
    expect(bench.bytes.subarray(guard).every((byte) => byte === 0x5a)).toBe(true)
  })

  it('is made once: a second thread leaves the choices alone', () => {
    const bench = new KernelBench(96)
    bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2] = 1
    bench.force(ROW_CONGRUENT, 3)
    bench.microcode.calibrate(SCRATCH)
    expect(bench.choice(ROW_CONGRUENT, 0)).toBe(3)
    expect(bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2]).toBe(1)
  })

  it('chooses what took the least time, and one memory.copy when the difference is small', () => {
    // The clock is read before and after each run: kernel 2 takes half the time on congruent ranges, kernel 3 a little less.
    let reads = 0
    let time = 0
    const rounds = 3
    const now = (): number => {
      if (reads++ % 2 === 1) {
        const run = (reads - 2) / 2
        const kernel = run % KERNEL_OPTIONS
        const row = Math.floor(run / (KERNEL_OPTIONS * rounds)) % 2
        time += row === ROW_CONGRUENT ? ([10, 11, 5, 6][kernel] ?? 0) : ([10, 9.7, 11, 9.8][kernel] ?? 0)
      }
      return time
    }
    const bench = new KernelBench(96, 0, now)
    bench.microcode.calibrate(SCRATCH)
    for (let c = 0; c < KERNEL_FIRST_TRIED_CLASS; c++) {
      expect(bench.choice(ROW_CONGRUENT, c)).toBe(2)
      expect(bench.choice(ROW_SHIFTED, c)).toBe(0)
    }
  })

  it('of large copies is made on the copies themselves, each of which is right', () => {
    const bench = new KernelBench(192)
    const length = 3 * MIB
    const c = classOf(length)
    bench.fill(3)
    for (let trial = 0; trial < KERNEL_OPTIONS * KERNEL_TRIALS; trial++) {
      expect(bench.choice(ROW_CONGRUENT, c)).toBe(CHOICE_OPEN + trial)
      bench.expectCopy(KernelBench.FREE + 5 * MIB, KernelBench.FREE + 64 * trial, length)
    }
    expect(bench.choice(ROW_CONGRUENT, c)).toBeLessThan(KERNEL_OPTIONS)
    expect(bench.choice(ROW_SHIFTED, c)).toBe(CHOICE_OPEN)
    const settled = bench.choice(ROW_CONGRUENT, c)
    bench.expectCopy(KernelBench.FREE + 5 * MIB, KernelBench.FREE, length)
    expect(bench.choice(ROW_CONGRUENT, c)).toBe(settled)
  })

  it('does not write beyond its tables, whatever the length', () => {
    expect(SOC_CHOICES + 4 * KERNEL_ROWS * KERNEL_CLASSES).toBeLessThanOrEqual(SOC_TRIALS)
    expect(SOC_BLOCK + SOC_TRIALS + 4 * KERNEL_ROWS * KERNEL_CLASSES * KERNEL_OPTIONS).toBeLessThanOrEqual(0x4000)
    expect(classOf(KERNEL_SMALLEST)).toBe(0)
    expect(classOf(0xffffffff)).toBe(KERNEL_CLASSES - 1)
  })
})
