/** A recording that never ends: what was recorded last, of as much as is kept. */
import type { Soc, TraceRecord } from 'async-memcpy'

import type { Recorded } from './timeline.ts'

/** Records that `soc.trace` has room for. When half of it is full it begins anew. */
const CAPACITY = 16_384
/** Records that are kept beside those. */
const KEPT = 12_288

/** Records of a Soc. */
export class Recording {
  readonly #soc: Soc
  #kept: TraceRecord[] = []
  #dropped = 0

  /** @param soc - What is recorded, from now on. */
  constructor(soc: Soc) {
    this.#soc = soc
    soc.trace.start({ capacity: CAPACITY })
  }

  /** Of what. */
  get soc(): Soc {
    return this.#soc
  }

  /** What there is so far. */
  read(): Recorded {
    const { trace, target } = this.#soc
    const latest = trace.records()
    const records = [...this.#kept, ...latest].slice(-KEPT)
    const dropped = this.#dropped + trace.dropped
    if (trace.recording && latest.length > CAPACITY / 2) {
      this.#kept = records
      this.#dropped = dropped
      trace.clear()
    }
    return { records, dropped, soc: target.name, now: this.#soc.now() }
  }

  /** Ends it. */
  stop(): void {
    if (!this.#soc.closed && this.#soc.trace.recording) this.#soc.trace.stop()
  }
}
