/** Calls of C functions because of pins and timers, from begin to end. */
import type { HandlerRecord, TraceRecord } from '../chip/trace-record.ts'

import type { Span } from './lives.ts'

/** All of which the recording has the begin. They are called on one thread, one in another at most. */
export function handlerSpans(records: readonly TraceRecord[]): Span<HandlerRecord>[] {
  const spans: Span<HandlerRecord>[] = []
  const open: Span<HandlerRecord>[] = []
  for (const record of records) {
    if (record.kind === 'handler-begin') {
      const span = { begin: record, endMs: undefined, outcome: undefined }
      spans.push(span)
      open.push(span)
    } else if (record.kind === 'handler-end') {
      const span = open.pop()
      if (span !== undefined) span.endMs = record.time
    }
  }
  return spans
}
