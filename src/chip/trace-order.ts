/** The order of records: by time, and no copy before its submission. */
import type { TraceRecord } from './trace-record.ts'

/** The clocks of two threads agree to within this time, in milliseconds. */
const CLOCKS_AGREE_MS = 0.1

/**
 * Sorts records by time; what happened at the same time stays in the order in which it was recorded. A submission that is
 * later than its copy's start only by the difference of two threads' clocks gets the time of the start.
 *
 * @param records - In the order in which they were recorded.
 * @param clocks - `several`: each thread has read its own.
 */
export function sortRecords(records: readonly TraceRecord[], clocks: 'one' | 'several'): TraceRecord[] {
  const ordered = clocks === 'one' ? [...records] : withoutClockSkew(records)
  return ordered.sort((a, b) => ns(a) - ns(b) || rank(a) - rank(b))
}

/** One moment may be known by two numbers that differ in their last bit: as milliseconds, and as microseconds divided by 1000. */
const NS_IN_MS = 1e6
const ns = ({ time }: TraceRecord): number => Math.round(time * NS_IN_MS)

/** The record of a submission is written after its copy can start, and so perhaps after that of the start. */
const rank = ({ kind }: TraceRecord): number => (kind === 'copy-submitted' ? 0 : 1)

function withoutClockSkew(records: readonly TraceRecord[]): TraceRecord[] {
  const starts = new Map<string, number[]>()
  for (const record of records) {
    if (record.kind !== 'copy-started' && record.kind !== 'copy-withdrawn') continue
    const key = `${record.driver} ${record.sequence}`
    const known = starts.get(key)
    if (known === undefined) starts.set(key, [record.time])
    else known.push(record.time)
  }
  return records.map((record) => {
    if (record.kind !== 'copy-submitted') return record
    // Drivers at the same address, one after the other, each have a copy of that number.
    const own = starts
      .get(`${record.driver} ${record.sequence}`)
      ?.find((time) => Math.abs(time - record.time) < CLOCKS_AGREE_MS)
    return own === undefined || own >= record.time ? record : { ...record, time: own }
  })
}
