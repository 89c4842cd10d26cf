/** A chip's copy in the trace: one segment for each descriptor, in the time that the transfer took. */
import { TRACE_SEGMENT } from '../microcode/trace-layout.ts'
import type { NoteTaker } from '../soc/note.ts'
import type { CopyCourse } from '../targets/estimate.ts'

/** A copy that is over. */
export interface FinishedCopy {
  /** Address of its driver. */
  readonly driver: number
  /** Address of its channel. */
  readonly channel: number
  /** Bytes. */
  readonly length: number
  /** When it began, in milliseconds. */
  readonly startMs: number
  /** What it took. */
  readonly course: CopyCourse
}

/** Adds its segments to the trace. It ends now. */
export function noteSegments(soc: NoteTaker, { driver, channel, length, startMs, course }: FinishedCopy): void {
  const firstMs = startMs + course.beforeNs / 1e6
  const lastMs = soc.now() - course.afterNs / 1e6
  const timeAt = (bytes: number): number => firstMs + ((lastMs - firstMs) * bytes) / length
  for (let at = 0, index = 0; at < length; at += course.chunk, index++) {
    const bytes = Math.min(course.chunk, length - at)
    soc.microcode.trace(TRACE_SEGMENT, driver, channel, index, 0, bytes, timeAt(at + bytes), timeAt(at))
  }
}
