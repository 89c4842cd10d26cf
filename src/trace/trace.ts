/** The entry `async-memcpy/trace`: timelines of what `soc.trace` has recorded. */
export type { TraceRecord } from '../chip/trace-record.ts'
export { chromeTrace } from './chrome-trace.ts'
export type { TraceInfo } from './trace-info.ts'
export { vcd } from './vcd.ts'
