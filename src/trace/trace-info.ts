/** What a timeline says about itself, beside its records. */
import type { TraceRecord } from '../chip/trace-record.ts'

/** Where records come from. */
export interface TraceInfo {
  /** What was recorded, for people: `soc.target.name`. Default `soc`. */
  readonly name?: string
  /** Records that were lost: `soc.trace.dropped`. Default 0. The timeline says so. */
  readonly dropped?: number
  /** The time that becomes 0, in milliseconds of the Soc's clock. Default: that of the first record. */
  readonly originMs?: number
}

/** The same with the defaults. */
export interface CompleteInfo {
  /** What was recorded. */
  readonly name: string
  /** Records that were lost. */
  readonly dropped: number
  /** Nanoseconds of the timeline, whole, at a time in milliseconds. Never negative. */
  readonly ns: (timeMs: number) => number
  /** When the last of the records ends, on the timeline. */
  readonly endNs: number
}

/** Fills in the defaults. */
export function completeInfo(records: readonly TraceRecord[], info: TraceInfo): CompleteInfo {
  const { name = 'soc', dropped = 0, originMs = earliest(records) } = info
  const ns = (timeMs: number): number => Math.max(0, Math.round((timeMs - originMs) * 1e6))
  const endNs = records.reduce((latest, one) => Math.max(latest, ns('end' in one ? one.end : one.time)), 0)
  return { name, dropped, ns, endNs }
}

function earliest(records: readonly TraceRecord[]): number {
  return records.length === 0 ? 0 : records.reduce((least, { time }) => Math.min(least, time), Infinity)
}
