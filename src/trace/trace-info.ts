/** What a timeline says about itself, beside its records. */

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
}

/** Fills in the defaults. */
export function completeInfo(records: readonly { readonly time: number }[], info: TraceInfo): CompleteInfo {
  const { name = 'soc', dropped = 0, originMs = earliest(records) } = info
  return { name, dropped, ns: (timeMs) => Math.max(0, Math.round((timeMs - originMs) * 1e6)) }
}

function earliest(records: readonly { readonly time: number }[]): number {
  return records.length === 0 ? 0 : records.reduce((least, { time }) => Math.min(least, time), Infinity)
}
