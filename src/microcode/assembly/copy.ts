/** One copy with memmove's semantics, by the kernel that suits it. */
import { CHOICE_OPEN, KERNEL_OPTIONS, KERNEL_SMALLEST, KERNEL_WHOLE } from '../layout'
import { choiceAddress, classOf, recordTrial, rowOf } from './choice'
import { now } from './clock'
import { copyTiny, runKernel } from './kernels'

// @ts-ignore: decorator
@inline
export function overlaps(destination: usize, source: usize, length: usize): bool {
  return (destination > source ? destination - source : source - destination) < length
}

function copyLarge(destination: usize, source: usize, length: u32): void {
  if (overlaps(destination, source, length)) {
    memory.copy(destination, source, length)
    return
  }
  const row = rowOf(destination, source)
  const choice = load<u32>(choiceAddress(row, classOf(length)))
  if (choice < CHOICE_OPEN) {
    runKernel(choice, destination, source, length)
    return
  }
  const start = now()
  runKernel((choice - CHOICE_OPEN) & (KERNEL_OPTIONS - 1), destination, source, length)
  recordTrial(row, length, choice, now() - start)
}

/** Part of a copy that is shared out: never a trial, its time would be everybody's. */
export function copyPiece(destination: usize, source: usize, length: u32): void {
  if (length < KERNEL_SMALLEST) {
    memory.copy(destination, source, length)
    return
  }
  const lengthClass = classOf(length)
  const choice = load<u32>(choiceAddress(rowOf(destination, source), lengthClass))
  runKernel(choice < CHOICE_OPEN ? choice : KERNEL_WHOLE, destination, source, length)
}

// @ts-ignore: decorator
@inline
export function copy(destination: usize, source: usize, length: u32): void {
  if (length <= 64) copyTiny(destination, source, length)
  else if (length < KERNEL_SMALLEST) memory.copy(destination, source, length)
  else copyLarge(destination, source, length)
}

/** The same, for JavaScript. */
export function copyBytes(destination: usize, source: usize, length: u32): void {
  copy(destination, source, length)
}
