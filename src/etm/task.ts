/** Tasks: what the event-task matrix sets off. */
import { hex, invalidState } from '../errors.ts'
import {
  PREPARED_REFUSED,
  PREPARED_STARTED,
  TASK_COPY_START,
  TASK_GPIO_TOGGLE,
  TASK_TYPE,
} from '../microcode/etm-layout.ts'
import { KIND_TASK } from '../microcode/object-layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { MatrixObject, type MatrixKind } from './matrix-object.ts'
import { taskName } from './names.ts'
import { readWord } from './object-words.ts'

/**
 * A task, `esp_etm_task_handle_t`. It comes from what does it: `gpio.newEtmTask`, `timer.newEtmTask`, `driver.prepare`,
 * `counter.newTask`, `soc.etm.newSemaphoreTask`. Connect it with an event by {@link EtmChannel.connect}.
 */
export class EtmTask extends MatrixObject {
  protected override readonly kind: MatrixKind<'task'> = { number: KIND_TASK, name: 'task' }

  protected override describe(): string {
    return taskName(this.soc, this.handle)
  }
}

/** A copy that an event starts. It comes from `driver.prepare`. The memory must stay allocated as long as it may be started. */
export class PreparedCopy extends EtmTask {
  /** How often the driver accepted it. Exact up to 2^53. */
  get started(): number {
    return this.#count(PREPARED_STARTED)
  }

  /** How often the driver refused it, because the backlog was full or the driver uninstalled. Nothing is copied then. */
  get refused(): number {
    return this.#count(PREPARED_REFUSED)
  }

  #count(word: number): number {
    if (!this.isAlive) throw invalidState(`prepared copy ${hex(this.handle)} is deleted`)
    return readSequence(this.soc.space.words, this.handle + word)
  }
}

/**
 * What a living task is: one of GPIO, a prepared copy, or any other.
 *
 * @internal
 */
export function taskKind(soc: SocCore, handle: number): 'gpio' | 'copy' | 'other' {
  const type = readWord(soc, handle + TASK_TYPE)
  return type <= TASK_GPIO_TOGGLE ? 'gpio' : type === TASK_COPY_START ? 'copy' : 'other'
}
