/**
 * The recorder. Who adds a record reserves a place by adding to HEAD, fills it, and stores its kind last; what finds no
 * place is only counted. A block that is over may still have writers:
 *
 *   writer    add to ENTERED < look at ACTIVE < write to the block < add to LEFT
 *   reclaim   (ACTIVE is another block, or none) < read LEFT < read ENTERED
 * Either the writer sees that the block is not active any more, or reclaim sees that it has entered and not left. When both
 * counts are equal, nobody was inside when LEFT was read, and whoever came later found another block.
 *
 * Between entering and leaving there is no loop and no call, so no thread dies there, and no block is kept for a dead one.
 */
import { HEAP_CONTENDED, SOC_BLOCK, SOC_TRACE } from '../layout'
import {
  TRACE_A, TRACE_ACTIVE, TRACE_B, TRACE_C, TRACE_CAPACITY, TRACE_D, TRACE_DONE, TRACE_ENTERED, TRACE_HEAD, TRACE_KEPT, TRACE_KIND,
  TRACE_LEFT, TRACE_LOCK, TRACE_NEXT, TRACE_RECORD_SIZE, TRACE_RECORDS, TRACE_REFUSED, TRACE_RETIRED, TRACE_SUBJECT, TRACE_TIME,
  TRACE_TURN, TRACE_VALUE, TRACE_WAITS,
} from '../trace-layout'

const LOCK_SPINS: u32 = 100000

/** Whether somebody records: one load, of a line that stays in every processor's cache. The benchmark measures what that costs. */
// @ts-ignore: decorator
@inline
export function isTraced(): bool {
  // @ts-ignore: a constant of the build
  if (isDefined(WITHOUT_TRACE)) return false
  return atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_ACTIVE) != 0
}

/** Adds a record, if somebody records. Times are milliseconds of the Soc's clock. */
export function trace(kind: u32, subject: u32, a: u32, b: u32, c: u32, d: u32, value: f64, timeMs: f64): void {
  atomic.add<u32>(SOC_BLOCK + SOC_TRACE, 1, TRACE_ENTERED)
  const block = atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_ACTIVE) as usize
  if (block != 0) {
    const place = atomic.add<i64>(block, 1, TRACE_HEAD)
    if (place < (load<u32>(block, TRACE_CAPACITY) as i64)) {
      const record = block + TRACE_RECORDS + (place as u32) * TRACE_RECORD_SIZE
      store<u32>(record, subject, TRACE_SUBJECT)
      store<u32>(record, a, TRACE_A)
      store<u32>(record, b, TRACE_B)
      store<u32>(record, c, TRACE_C)
      store<u32>(record, d, TRACE_D)
      store<f64>(record, value, TRACE_VALUE)
      store<f64>(record, timeMs, TRACE_TIME)
      atomic.store<u32>(record, kind, TRACE_KIND)
    }
  }
  atomic.add<u32>(SOC_BLOCK + SOC_TRACE, 1, TRACE_LEFT)
}

// @ts-ignore: decorator
@inline
function lock(): bool {
  for (let spins: u32 = 0; spins < LOCK_SPINS; spins++) {
    const free = atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_LOCK) == 0
    if (free && atomic.cmpxchg<u32>(SOC_BLOCK + SOC_TRACE, 0, 1, TRACE_LOCK) == 0) return true
  }
  return false
}

// @ts-ignore: decorator
@inline
function unlock(): void {
  atomic.store<u32>(SOC_BLOCK + SOC_TRACE, 0, TRACE_LOCK)
}

/**
 * Another block takes the place of the latest recording, which is retired.
 *
 * @param block - Zeroed but for its capacity: it is recorded to from now on. 0: nothing is kept and nothing recorded.
 * @param wasRecording - 1 if it goes on in the new block what went on in the old one, 0 if nobody is recording.
 * @returns TRACE_DONE, TRACE_REFUSED if it is the other way round, or HEAP_CONTENDED.
 */
export function traceStart(block: u32, wasRecording: u32): u32 {
  if (!lock()) return HEAP_CONTENDED
  const active = atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_ACTIVE)
  const result: u32 = ((active != 0) as u32) == wasRecording ? TRACE_DONE : TRACE_REFUSED
  if (result == TRACE_DONE) {
    const kept = load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_KEPT)
    atomic.add<u32>(SOC_BLOCK + SOC_TRACE, 1, TRACE_TURN)
    if (wasRecording == 0) atomic.store<u32>(SOC_BLOCK + SOC_TRACE, 0, TRACE_WAITS)
    if (kept != 0) {
      store<u32>(kept, load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_RETIRED), TRACE_NEXT)
      store<u32>(SOC_BLOCK + SOC_TRACE, kept, TRACE_RETIRED)
    }
    atomic.store<u32>(SOC_BLOCK + SOC_TRACE, block, TRACE_KEPT)
    atomic.store<u32>(SOC_BLOCK + SOC_TRACE, block, TRACE_ACTIVE)
  }
  unlock()
  return result
}

/** Ends the recording; what was recorded is kept. @returns 1, or 0 if nobody was recording, or HEAP_CONTENDED. */
export function traceStop(): u32 {
  if (!lock()) return HEAP_CONTENDED
  const active = atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_ACTIVE)
  atomic.store<u32>(SOC_BLOCK + SOC_TRACE, 0, TRACE_ACTIVE)
  unlock()
  return active != 0 ? 1 : 0
}

/** Retired blocks that nobody writes to any more, as a list, which the caller gives back; 0 if none; or HEAP_CONTENDED. */
export function traceReclaim(): u32 {
  if (!lock()) return HEAP_CONTENDED
  let first = load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_RETIRED)
  const left = atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_LEFT)
  if (atomic.load<u32>(SOC_BLOCK + SOC_TRACE, TRACE_ENTERED) == left) {
    store<u32>(SOC_BLOCK + SOC_TRACE, 0, TRACE_RETIRED)
  } else {
    first = 0
  }
  unlock()
  return first
}
