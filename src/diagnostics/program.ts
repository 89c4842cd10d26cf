/** A program whose parts run on other threads: firmware in C. Its time is virtual time, and its places are told. */
import type { Origin } from '../soc/copy-watch.ts'

import type { Range } from './stretch.ts'

/** What the diagnostics ask of it. */
export interface Program {
  /** Where it is right now. */
  here(): Origin
  /** Its time in callbacks, in nanoseconds: they take what they wait for. */
  interruptNs(): number
  /** Where it has written there, if it has told; otherwise where it was when the change was noticed. */
  changedAt(range: Range): Origin
}

/** Memory that a program shall leave alone, and why. */
export interface WatchedRange extends Range {
  /** Whether it shall not read there either. */
  readonly reads: boolean
}
