/**
 * Which kernel copies a length best on this processor: measured, never assumed.
 *
 * Lengths below 2 MiB are measured once, in scratch memory, when the first channel starts (calibrate). Larger copies
 * would need scratch memory of their own size, so they are measured as they come: the first copies of a class try each
 * option KERNEL_TRIALS times, and the best time decides. Several channels may try at once; a lost trial costs nothing.
 */
import {
  CHOICE_OPEN, KERNEL_CLASS_BIAS, KERNEL_CLASSES, KERNEL_FIRST_TRIED_CLASS, KERNEL_OPTIONS, KERNEL_ROWS, KERNEL_TRIALS,
  KERNEL_WHOLE, ROW_CONGRUENT, ROW_SHIFTED, ROW_SPLIT, SOC_BLOCK, SOC_CALIBRATION, SOC_CHOICES, SOC_TRIALS,
} from '../layout'
import { now } from './clock'
import { runKernel } from './kernels'

/** Another option must be better than one memory.copy by this factor, or noise decides. */
const WORTH_IT: f32 = 0.95
const ROUNDS: u32 = 3
const BYTES_PER_ROUND: u32 = 131072

// @ts-ignore: decorator
@inline
export function classOf(length: u32): u32 {
  return 32 - clz(length) - KERNEL_CLASS_BIAS
}

// @ts-ignore: decorator
@inline
export function rowOf(destination: usize, source: usize): u32 {
  return ((destination ^ source) & 15) == 0 ? ROW_CONGRUENT : ROW_SHIFTED
}

// @ts-ignore: decorator
@inline
export function choiceAddress(row: u32, lengthClass: u32): usize {
  return SOC_BLOCK + SOC_CHOICES + ((row * KERNEL_CLASSES + lengthClass) << 2)
}

// @ts-ignore: decorator
@inline
function trialAddress(row: u32, lengthClass: u32, option: u32): usize {
  return SOC_BLOCK + SOC_TRIALS + (((row * KERNEL_CLASSES + lengthClass) * KERNEL_OPTIONS + option) << 2)
}

function bestOption(row: u32, lengthClass: u32): u32 {
  let best: u32 = 0
  let time = load<f32>(trialAddress(row, lengthClass, 0)) * (row == ROW_SPLIT ? 1 : WORTH_IT)
  for (let option: u32 = 1; option < KERNEL_OPTIONS; option++) {
    const other = load<f32>(trialAddress(row, lengthClass, option))
    if (other < time) {
      time = other
      best = option
    }
  }
  return best
}

// @ts-ignore: decorator
@inline
function keepBest(address: usize, time: f32): void {
  const before = load<f32>(address)
  if (before == 0 || time < before) store<f32>(address, time)
}

/** A trial's outcome. The last one settles the choice. */
export function recordTrial(row: u32, length: u32, choice: u32, milliseconds: f64): void {
  const lengthClass = classOf(length)
  const trial = choice - CHOICE_OPEN
  keepBest(trialAddress(row, lengthClass, trial & (KERNEL_OPTIONS - 1)), ((milliseconds * 1e6) / length) as f32)
  const next = trial + 1 == KERNEL_TRIALS * KERNEL_OPTIONS ? bestOption(row, lengthClass) : choice + 1
  store<u32>(choiceAddress(row, lengthClass), next)
}

/** Opens every choice of large copies; until calibrate has run, the small ones are one memory.copy. */
export function choiceInit(): void {
  for (let row: u32 = 0; row < KERNEL_ROWS; row++) {
    for (let c: u32 = 0; c < KERNEL_CLASSES; c++) {
      store<u32>(choiceAddress(row, c), c >= KERNEL_FIRST_TRIED_CLASS || row == ROW_SPLIT ? CHOICE_OPEN : KERNEL_WHOLE)
    }
  }
}

/** Measures the kernels on lengths below 2 MiB. `scratch` is CALIBRATION_SCRATCH bytes on a cache line. */
export function calibrate(scratch: usize): void {
  if (atomic.cmpxchg<u32>(SOC_BLOCK, 0, 1, SOC_CALIBRATION) != 0) return
  const half: usize = 2 << 20
  memory.fill(scratch, 1, half + half + 64)
  for (let c: u32 = 0; c < KERNEL_FIRST_TRIED_CLASS; c++) {
    const length: u32 = 3 << (c + KERNEL_CLASS_BIAS - 2)
    const repeats = length < BYTES_PER_ROUND ? BYTES_PER_ROUND / length : 1
    for (let row: u32 = ROW_CONGRUENT; row <= ROW_SHIFTED; row++) {
      const destination = scratch + half + row
      for (let round: u32 = 0; round < ROUNDS; round++) {
        for (let kernel: u32 = 0; kernel < KERNEL_OPTIONS; kernel++) {
          const start = now()
          for (let i: u32 = 0; i < repeats; i++) runKernel(kernel, destination, scratch, length)
          keepBest(trialAddress(row, c, kernel), (((now() - start) * 1e6) / (repeats * length)) as f32)
        }
      }
      store<u32>(choiceAddress(row, c), bestOption(row, c))
    }
  }
  atomic.store<u32>(SOC_BLOCK, 2, SOC_CALIBRATION)
}
