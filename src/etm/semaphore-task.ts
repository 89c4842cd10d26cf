/** Tasks that give semaphores. */
import { hex, invalidArgument, invalidState, showWithType } from '../errors.ts'
import { ETM_DONE, TASK_SEMAPHORE_GIVE } from '../microcode/etm-layout.ts'
import { KIND_SEMAPHORE } from '../microcode/object-layout.ts'
import { Semaphore } from '../rtos/semaphore.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { createTask } from './object-words.ts'
import { EtmTask } from './task.ts'

/**
 * A task that gives a semaphore.
 *
 * @throws EspError as documented at `Etm.newSemaphoreTask`.
 */
export function newSemaphoreTask(soc: SocCore, semaphore: Semaphore): EtmTask {
  const given: unknown = semaphore
  if (!(given instanceof Semaphore)) {
    throw invalidArgument(`newSemaphoreTask with ${showWithType(given)}: pass a Semaphore`)
  }
  const { handle, life } = semaphore
  const task = createTask(soc, {
    type: TASK_SEMAPHORE_GIVE,
    target: handle,
    generation: life,
    fill: () => {
      if (soc.microcode.etmRetain(handle, KIND_SEMAPHORE) === ETM_DONE) return
      throw invalidState(`semaphore ${hex(handle)} is deleted`)
    },
  })
  return new EtmTask(soc, task)
}
