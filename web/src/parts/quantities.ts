/** Numbers with their units, as they stand on the page. The numbers are those of the command line. */
import { formatBytes, formatDuration, formatExact, formatMemory, formatRate } from '../../../src/cli/format.ts'

/** Number and unit stay on one line. */
const together = (text: string): string => text.replaceAll(' ', '\u00a0')

/** A duration of so many milliseconds: `16.7 ms`. */
export const duration = (ms: number): string => together(formatDuration(ms))

/** A rate of copying: `9.81 GB/s`. */
export const rate = (bytesPerSecond: number): string => together(formatRate(bytesPerSecond))

/** An amount that was copied: `98.9 MB`. */
export const amount = (bytes: number): string => together(formatBytes(bytes))

/** A size of memory: `480 KiB`. */
export const memory = (bytes: number): string => together(formatMemory(bytes))

/** A count: `98,932,688`. */
export const count = (value: number): string => formatExact(value)

/** An address: `0x3fc88000`. */
export const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`

/** Milliseconds with one decimal, for what changes all the time and must not jump: `16.7 ms`. */
export const milliseconds = (ms: number): string => `${ms.toFixed(1)}\u00a0ms`
