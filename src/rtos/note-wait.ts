/** Waits for semaphores in the trace. */
import { SOC_BLOCK, SOC_TRACE } from '../microcode/layout.ts'
import { TRACE_ACTIVE, TRACE_SEMAPHORE_WAIT, TRACE_SEMAPHORE_WAITED, TRACE_WAITS } from '../microcode/trace-layout.ts'
import { note } from '../soc/note.ts'

import type { SemaphoreWords } from './semaphore-words.ts'

/** Tells that a wait is over, and whether it got a token. */
export type Waited = (taken: boolean) => void

const notRecorded: Waited = () => undefined

/** A wait begins. */
export function noteWait({ soc, handle }: SemaphoreWords): Waited {
  const { words } = soc.space
  if (Atomics.load(words, (SOC_BLOCK + SOC_TRACE + TRACE_ACTIVE) >> 2) === 0) return notRecorded
  const wait = (Atomics.add(words, (SOC_BLOCK + SOC_TRACE + TRACE_WAITS) >> 2, 1) + 1) >>> 0
  note(soc, TRACE_SEMAPHORE_WAIT, handle, wait)
  return (taken) => {
    note(soc, TRACE_SEMAPHORE_WAITED, handle, wait, Number(taken))
  }
}
