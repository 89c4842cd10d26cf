/** Numbers as people read them: three significant digits and a unit. */

interface Unit {
  readonly name: string
  /** How many of the base unit it is. */
  readonly size: number
}

const DURATIONS: readonly Unit[] = [
  { name: 'ns', size: 1e-6 },
  { name: 'µs', size: 1e-3 },
  { name: 'ms', size: 1 },
  { name: 's', size: 1e3 },
]

const SIZES: readonly Unit[] = [
  { name: 'bytes', size: 1 },
  { name: 'kB', size: 1e3 },
  { name: 'MB', size: 1e6 },
  { name: 'GB', size: 1e9 },
]

const counts = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })
const exactCounts = new Intl.NumberFormat('en-US')

/** A duration, such as `12.3 ms` or `850 ns`. */
export function formatDuration(ms: number): string {
  return ms === 0 ? '0 ms' : inUnit(ms, DURATIONS)
}

/** A size in decimal units, such as `98.9 MB`. */
export function formatBytes(bytes: number): string {
  return bytes === 1 ? '1 byte' : bytes < 1000 ? `${bytes} bytes` : inUnit(bytes, SIZES)
}

/** A rate of copying, such as `9.81 GB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond < 1000 ? Math.round(bytesPerSecond) : bytesPerSecond)}/s`
}

/** A measured count, rounded: `412,000`. */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** A count that is exactly known: `98,932,688`. */
export function formatExact(count: number): string {
  return exactCounts.format(count)
}

/** A part of a whole: `0 %`, `0.4 %`, `97 %`. */
export function formatShare(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`
}

function inUnit(value: number, units: readonly Unit[]): string {
  let chosen = units[0]
  for (const unit of units) {
    // What rounds to 1000 of one unit is 1.00 of the next.
    const previous = chosen === undefined ? 0 : Number((value / chosen.size).toPrecision(3))
    if (previous >= 1000) chosen = unit
  }
  if (chosen === undefined) return String(value)
  const scaled = value / chosen.size
  return `${scaled < 999.5 ? scaled.toPrecision(3) : formatExact(Math.round(scaled))} ${chosen.name}`
}

const MEMORY_UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const

/** A size of memory, in the binary units in which chips have it: `480 KiB`, `10.5 MiB`. */
export function formatMemory(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < MEMORY_UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return unit === 0 && bytes === 1 ? '1 byte' : `${counts.format(size)} ${MEMORY_UNITS[unit] ?? ''}`
}

/** A frequency, such as `80 MHz`. */
export function formatFrequency(hz: number): string {
  return `${counts.format(hz / 1e6)} MHz`
}
