/** What events and tasks have in common: a handle that every thread can use, a name for people, and an end. */
import { hex, invalidState } from '../errors.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { deleteObject } from './object-words.ts'

/** KIND_… of the layout, and the same for people. The name also keeps the compiler from taking a task for an event. */
export interface MatrixKind<Name extends 'event' | 'task' = 'event' | 'task'> {
  /** KIND_…. */
  readonly number: number
  /** In messages. */
  readonly name: Name
}

/** A shared object that channels of the event-task matrix connect. */
export abstract class MatrixObject {
  /** The Soc of this thread. */
  readonly soc: SocCore
  /** Its handle, by which another thread finds it: `soc.etm.event(handle)`, `soc.etm.task(handle)`. */
  readonly handle: number

  #deleted = false

  /**
   * Sees an object that exists.
   *
   * @internal
   */
  constructor(soc: SocCore, handle: number) {
    this.soc = soc
    this.handle = handle
  }

  /** Which of the two it is. */
  protected abstract readonly kind: MatrixKind

  /** What it is while it lives. */
  protected abstract describe(): string

  /** What it is, for people: `copy-done of driver 0x00900040`, `gpio 4 toggle`. */
  get name(): string {
    return this.isAlive ? this.describe() : `deleted ${this.kind.name} ${hex(this.handle)}`
  }

  /**
   * Whether it has not been deleted.
   *
   * @internal
   */
  get isAlive(): boolean {
    return !this.#deleted && this.soc.objects.isAlive(this.handle, this.kind.number)
  }

  /**
   * Deletes it, `esp_etm_del_event` or `esp_etm_del_task`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while a channel is connected to it, or if it is deleted already.
   */
  delete(): void {
    const { number, name } = this.kind
    if (this.#deleted) throw invalidState(`${name} ${hex(this.handle)} is deleted already`)
    deleteObject(this.soc, this.handle, number, {
      name,
      users: 'disconnect or delete the channels that it is connected to',
    })
    this.#deleted = true
  }
}
