/**
 * Records put together: each copy from its submission to its callback, and whatever else has a begin and an end. What began
 * before the recording, or ended after it, has one of the two.
 */
import type {
  CallbackBegin,
  CopyEnded,
  CopySubmitted,
  CopyTaken,
  InterruptBegin,
  TraceRecord,
} from '../chip/trace-record.ts'

/** Something with a begin and an end, in milliseconds of the Soc's clock. */
export interface Span<Begin> {
  /** The record that began it. */
  readonly begin: Begin
  /** When it was over. Undefined: not before the recording ended. */
  endMs: number | undefined
  /** Whether it woke somebody, or got what it waited for. */
  outcome: boolean | undefined
}

/** What is known of one copy. */
export interface CopyLife {
  /** The driver's handle. */
  readonly driver: number
  /** Its number there. */
  readonly sequence: number
  /** Its submission. */
  submitted?: CopySubmitted
  /** That its channel took it up, or found it withdrawn. */
  taken?: CopyTaken
  /** Its end. */
  ended?: CopyEnded
  /** Its resident callback. */
  interrupt?: Span<InterruptBegin>
  /** Its deferred callback. */
  callback?: Span<CallbackBegin>
  /** The task of firmware that has submitted it. */
  task?: number
}

/** All copies that records tell of, in the order in which they first appear. */
export function copyLives(records: readonly TraceRecord[]): CopyLife[] {
  const lives: CopyLife[] = []
  const latest = new Map<string, CopyLife>()
  for (const record of records) {
    if (!('sequence' in record)) continue
    const { driver, sequence } = record
    const key = `${driver} ${sequence}`
    let life = latest.get(key)
    // A driver that was installed where another had been counts from its own first sequence again.
    if (life === undefined || (record.kind === 'copy-submitted' && life.submitted !== undefined)) {
      life = { driver, sequence }
      lives.push(life)
      latest.set(key, life)
    }
    enter(life, record)
  }
  return lives
}

function enter(life: CopyLife, record: TraceRecord & { readonly sequence: number }): void {
  switch (record.kind) {
    case 'copy-submitted':
      life.submitted = record
      break
    case 'copy-started':
    case 'copy-withdrawn':
      life.taken = record
      break
    case 'copy-ended':
      life.ended = record
      break
    case 'interrupt-begin':
      life.interrupt = { begin: record, endMs: undefined, outcome: undefined }
      break
    case 'callback-begin':
      life.callback = { begin: record, endMs: undefined, outcome: undefined }
      break
    case 'task-copy':
      life.task = record.task
      break
    case 'interrupt-end':
      end(life.interrupt, record)
      break
    case 'callback-end':
      end(life.callback, record)
      break
    default:
      // No others tell of one copy.
      break
  }
}

function end(span: Span<unknown> | undefined, { time, woke }: { readonly time: number; readonly woke: boolean }): void {
  if (span === undefined) return
  span.endMs = time
  span.outcome = woke
}
