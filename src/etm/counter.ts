/** Counters: 64 bits to which tasks add. */
import { hex, invalidArgument, invalidState, show } from '../errors.ts'
import { COUNTER_VALUE, ETM_DONE, TASK_AMOUNT, TASK_COUNTER_ADD } from '../microcode/etm-layout.ts'
import { KIND_COUNTER } from '../microcode/object-layout.ts'
import { readSigned, writeSequence } from '../microcode/sequences.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { createTask, deleteObject } from './object-words.ts'
import { EtmTask } from './task.ts'

/** A counter in shared memory. Its tasks count events without a program's doing. */
export class EtmCounter {
  /** The Soc of this thread. */
  readonly soc: SocCore
  /** Its handle: `soc.etm.counter(handle)` makes the same counter of it on another thread. */
  readonly handle: number

  #deleted = false

  /**
   * Sees a counter that exists.
   *
   * @internal
   */
  constructor(soc: SocCore, handle: number) {
    this.soc = soc
    this.handle = handle
  }

  /**
   * What has been added so far. 64 bits, exact up to 2^53.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  get value(): number {
    this.#checkAlive()
    return readSigned(this.soc.space.words, this.handle + COUNTER_VALUE)
  }

  /**
   * A task that adds to it.
   *
   * @param amount - A whole number, also one below 0. Default 1.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad amount; `ESP_ERR_INVALID_STATE` if it is deleted; `ESP_ERR_NO_MEM`.
   */
  newTask(amount: number = 1): EtmTask {
    if (!Number.isSafeInteger(amount)) {
      throw invalidArgument(`amount is ${show(amount)}: a whole number between -2^53 and 2^53`)
    }
    this.#checkAlive()
    const { soc } = this
    const handle = createTask(soc, {
      type: TASK_COUNTER_ADD,
      target: this.handle,
      fill: (slot) => {
        writeSequence(soc.space.words, slot + TASK_AMOUNT, amount)
        // Last, so that whatever failed before leaves nothing behind.
        if (soc.microcode.etmRetain(this.handle, KIND_COUNTER) !== ETM_DONE) this.#throwDeleted()
      },
    })
    return new EtmTask(soc, handle)
  }

  /**
   * Deletes it.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while it has tasks, or if it is deleted already.
   */
  delete(): void {
    this.#checkAlive()
    deleteObject(this.soc, this.handle, KIND_COUNTER, { name: 'counter', users: 'delete its tasks' })
    this.#deleted = true
  }

  #checkAlive(): void {
    if (this.#deleted || !this.soc.objects.isAlive(this.handle, KIND_COUNTER)) this.#throwDeleted()
  }

  #throwDeleted(): never {
    throw invalidState(`counter ${hex(this.handle)} is deleted`)
  }
}
