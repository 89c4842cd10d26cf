/** A channel of the event-task matrix: one event, one task, and whether the one sets off the other. */
import { hex, invalidArgument, invalidState, showWithType } from '../errors.ts'
import {
  ETM_CHANNEL_ENABLED,
  ETM_CHANNEL_GENERATION,
  ETM_CHANNEL_SIZE,
  ETM_CHANNEL_STATE,
  ETM_CHANNELS,
  ETM_GONE,
  ETM_NO_EVENT,
  ETM_NO_TASK,
  ETM_WRONG_STATE,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { EtmEvent } from './event.ts'
import { readWord } from './object-words.ts'
import { EtmTask } from './task.ts'

/** State of a channel: not enabled, enabled, gone. */
export type EtmChannelState = 'created' | 'enabled' | 'deleted'

/** Address of the first channel. */
const FIRST = ETM_BLOCK + ETM_CHANNELS

/**
 * A channel, `esp_etm_channel_handle_t`. All of it can be done from any thread, at any time.
 *
 * @example
 * ```ts
 * const channel = soc.etm.newChannel()
 * channel.connect(driver.newEtmEvent('copy-done'), soc.gpio(4).newEtmTask('toggle'))
 * channel.enable()
 * ```
 */
export class EtmChannel {
  /** The Soc of this thread. */
  readonly soc: SocCore
  /** Its handle: `soc.etm.channel(handle)` makes the same channel of it on another thread. */
  readonly handle: number

  readonly #generation: number

  /**
   * Sees the channel that is at an address now.
   *
   * @internal
   */
  constructor(soc: SocCore, handle: number) {
    this.soc = soc
    this.handle = handle
    this.#generation = readWord(soc, handle + ETM_CHANNEL_GENERATION)
  }

  /**
   * The channel of a handle, made by whichever thread.
   *
   * @param soc - The Soc of this thread.
   * @param handle - Its {@link EtmChannel.handle}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no such handle, or that of a deleted channel.
   */
  static attach(soc: SocCore, handle: number): EtmChannel {
    const number = (handle - FIRST) / ETM_CHANNEL_SIZE
    const isChannel = Number.isInteger(number) && number >= 0 && number < soc.target.peripherals.etmChannels.value
    if (!isChannel || readWord(soc, handle + ETM_CHANNEL_STATE) === 0) {
      throw invalidArgument(`${hex(handle)} is not the handle of an ETM channel of this Soc, or it is deleted`)
    }
    return new EtmChannel(soc, handle)
  }

  /** Its number, from 0. */
  get number(): number {
    return (this.handle - FIRST) / ETM_CHANNEL_SIZE
  }

  /** Its state. */
  get state(): EtmChannelState {
    // Read first: a channel of this generation has this state.
    const state = readWord(this.soc, this.handle + ETM_CHANNEL_STATE)
    const isGone = readWord(this.soc, this.handle + ETM_CHANNEL_GENERATION) !== this.#generation || state === 0
    return isGone ? 'deleted' : state === ETM_CHANNEL_ENABLED ? 'enabled' : 'created'
  }

  /**
   * Connects an event with a task, `esp_etm_channel_connect`, in any state of the channel. An enabled channel goes by it from
   * the next event on.
   *
   * @param event - What it listens to; null for nothing.
   * @param task - What it sets off; null for nothing.
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no event or task, or of another Soc, or deleted;
   * `ESP_ERR_INVALID_STATE` if the channel is deleted.
   */
  connect(event: EtmEvent | null, task: EtmTask | null): void {
    const eventHandle = this.#handleOf('event', EtmEvent, event)
    const taskHandle = this.#handleOf('task', EtmTask, task)
    const result = this.soc.microcode.etmConnect(this.handle, this.#generation, eventHandle, taskHandle)
    if (result === ETM_NO_EVENT) throw invalidArgument(`event ${hex(eventHandle)} is deleted`)
    if (result === ETM_NO_TASK) throw invalidArgument(`task ${hex(taskHandle)} is deleted`)
    this.#check(result, 'connected')
  }

  /**
   * From now on the event sets off the task, `esp_etm_channel_enable`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is enabled already, or deleted.
   */
  enable(): void {
    this.#check(this.soc.microcode.etmEnable(this.handle, this.#generation), 'enabled: it is enabled already')
  }

  /**
   * The next event does not set off the task, `esp_etm_channel_disable`. One that another thread has begun to follow may
   * still do so.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is not enabled, or deleted.
   */
  disable(): void {
    this.#check(this.soc.microcode.etmDisable(this.handle, this.#generation), 'disabled: it is not enabled')
  }

  /**
   * Deletes it, `esp_etm_del_channel`. Its event and its task remain, and are no longer connected to it.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while it is enabled, or if it is deleted already.
   */
  delete(): void {
    this.#check(this.soc.microcode.etmDeleteChannel(this.handle, this.#generation), 'deleted: disable it first')
  }

  #handleOf(role: string, type: typeof EtmEvent | typeof EtmTask, object: EtmEvent | EtmTask | null): number {
    if (object === null) return 0
    const given: unknown = object
    if (!(given instanceof type)) {
      throw invalidArgument(`connect with ${showWithType(given)} as ${role}: pass an ${type.name}, or null for none`)
    }
    if (!this.soc.space.owns(object.soc.space.words.buffer)) {
      throw invalidArgument(`connect with ${role} ${hex(object.handle)} of another Soc`)
    }
    if (!object.isAlive) throw invalidArgument(`connect with ${role} ${hex(object.handle)}, which is deleted`)
    return object.handle
  }

  #check(result: number, impossible: string): void {
    if (result === ETM_GONE) throw invalidState(`ETM channel ${this.number} is deleted`)
    if (result === ETM_WRONG_STATE) throw invalidState(`ETM channel ${this.number} cannot be ${impossible}`)
  }
}
