/** The event-task matrix of a Soc: `esp_etm` of ESP-IDF. */
import { EspError } from '../errors.ts'
import {
  ETM_CHANNEL_CREATED,
  ETM_CHANNEL_EVENT,
  ETM_CHANNEL_GENERATION,
  ETM_CHANNEL_SIZE,
  ETM_CHANNEL_STATE,
  ETM_CHANNEL_TASK,
  ETM_CHANNELS,
  ETM_CUT,
  EVENT_GPIO_ANY,
  EVENT_GPIO_RISING,
  EVENT_SOFTWARE,
  EVENT_TYPE,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import { KIND_COUNTER, KIND_EVENT, KIND_TASK } from '../microcode/object-layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import type { Semaphore } from '../rtos/semaphore.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { EtmChannel } from './channel.ts'
import { EtmCounter } from './counter.ts'
import { EtmEvent, newSoftwareEvent, SoftwareEvent } from './event.ts'
import { GpioEvent, type GpioEdge } from './gpio-event.ts'
import { newGpioEvent, newGpioTask, type GpioAction } from './gpio-matrix.ts'
import { GpioTask } from './gpio-task.ts'
import { eventName, taskName } from './names.ts'
import { readWord } from './object-words.ts'
import { newSemaphoreTask } from './semaphore-task.ts'
import { EtmTask, PreparedCopy, taskKind } from './task.ts'

/**
 * Events set off tasks, without a program's doing: a finished copy toggles a pin, an alarm starts a copy. All of it runs in
 * the microcode of whichever thread caused the event, and is done when that goes on.
 *
 * An event that feeds several channels feeds them in the order of their numbers. Tasks that cause events are followed at
 * once, before the next channel is. One event can set off at most 1,000 tasks that way, as a loop of pins alone would never
 * end; {@link Etm.cut} counts what was left out. A copy that restarts itself is not limited: its next event is a new one.
 */
export class Etm {
  readonly #soc: SocCore

  /**
   * The matrix of a Soc: `soc.etm`.
   *
   * @internal
   */
  constructor(soc: SocCore) {
    this.#soc = soc
  }

  /**
   * A new channel, `esp_etm_new_channel`.
   *
   * @throws EspError `ESP_ERR_NOT_FOUND` when all are in use; `ESP_ERR_NOT_SUPPORTED` on a chip without a matrix.
   */
  newChannel(): EtmChannel {
    const { name, peripherals } = this.#soc.target
    const channels = peripherals.etmChannels.value
    if (channels === 0) throw new EspError('ESP_ERR_NOT_SUPPORTED', `${name} has no event-task matrix`)
    const handle = this.#soc.microcode.etmNewChannel(channels) >>> 0
    if (handle !== 0) return new EtmChannel(this.#soc, handle)
    throw new EspError('ESP_ERR_NOT_FOUND', `no free ETM channel: ${name} has ${channels}, all in use; delete one`)
  }

  /**
   * The channel of a handle, made by whichever thread.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  channel(handle: number): EtmChannel {
    return EtmChannel.attach(this.#soc, handle)
  }

  /**
   * The event of a handle, made by whichever thread.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  event(handle: number): EtmEvent {
    const soc = this.#soc
    soc.objects.check(handle, KIND_EVENT, 'event')
    const type = readWord(soc, handle + EVENT_TYPE)
    const isOfPin = type >= EVENT_GPIO_RISING && type <= EVENT_GPIO_ANY
    const Event = isOfPin ? GpioEvent : type === EVENT_SOFTWARE ? SoftwareEvent : EtmEvent
    return new Event(soc, handle)
  }

  /**
   * The task of a handle, made by whichever thread.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  task(handle: number): EtmTask {
    const soc = this.#soc
    soc.objects.check(handle, KIND_TASK, 'task')
    const Task = { gpio: GpioTask, copy: PreparedCopy, other: EtmTask }[taskKind(soc, handle)]
    return new Task(soc, handle)
  }

  /**
   * The counter of a handle, made by whichever thread.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  counter(handle: number): EtmCounter {
    this.#soc.objects.check(handle, KIND_COUNTER, 'counter')
    return new EtmCounter(this.#soc, handle)
  }

  /**
   * A new event that programs cause.
   *
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  newSoftwareEvent(): SoftwareEvent {
    return newSoftwareEvent(this.#soc)
  }

  /**
   * A new event of edges that no pin is bound to yet, `gpio_new_etm_event`; `bindGpio` binds one. `gpio.newEtmEvent` does both.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_NOT_FOUND` when the chip's GPIO events are all in use
   * (8); `ESP_ERR_NO_MEM`.
   */
  newGpioEvent(edge: GpioEdge): GpioEvent {
    return newGpioEvent(this.#soc, edge)
  }

  /**
   * A new task that changes no pin yet, `gpio_new_etm_task`; `addGpio` gives it some. `gpio.newEtmTask` does both.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_NOT_FOUND` when the chip's GPIO tasks are all in use
   * (8); `ESP_ERR_NO_MEM`.
   */
  newGpioTask(action: GpioAction): GpioTask {
    return newGpioTask(this.#soc, action)
  }

  /**
   * A new counter, at 0.
   *
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  newCounter(): EtmCounter {
    return new EtmCounter(
      this.#soc,
      this.#soc.objects.create(KIND_COUNTER, () => undefined),
    )
  }

  /**
   * A new task that gives a semaphore. It keeps the semaphore from being deleted.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no semaphore; `ESP_ERR_INVALID_STATE` if it is deleted;
   * `ESP_ERR_NO_MEM`.
   */
  newSemaphoreTask(semaphore: Semaphore): EtmTask {
    return newSemaphoreTask(this.#soc, semaphore)
  }

  /**
   * Takes an event or a task off every channel, so that it can be deleted, as ESP-IDF does it: on the chip a channel does not
   * know what it is connected to.
   *
   * @internal
   */
  disconnect(object: EtmEvent | EtmTask): void {
    const soc = this.#soc
    for (let number = 0; number < soc.target.peripherals.etmChannels.value; number++) {
      const address = ETM_BLOCK + ETM_CHANNELS + number * ETM_CHANNEL_SIZE
      if (readWord(soc, address + ETM_CHANNEL_STATE) === 0) continue
      const generation = readWord(soc, address + ETM_CHANNEL_GENERATION)
      const event = readWord(soc, address + ETM_CHANNEL_EVENT)
      const task = readWord(soc, address + ETM_CHANNEL_TASK)
      const [without, withoutTask] = [event, task].map((handle) => (handle === object.handle ? 0 : handle))
      if (without === event && withoutTask === task) continue
      soc.microcode.etmConnect(address, generation, without ?? 0, withoutTask ?? 0)
    }
  }

  /** Tasks that were left out because one event had set off 1,000 already. */
  get cut(): number {
    return readSequence(this.#soc.space.words, ETM_BLOCK + ETM_CUT)
  }

  /** What is connected, line by line, as `esp_etm_dump` prints it, but with names. Free channels are left out. */
  dump(): string {
    const lines = ['===========ETM Dump Start==========']
    for (let number = 0; number < this.#soc.target.peripherals.etmChannels.value; number++) {
      const line = this.#describe(number)
      if (line !== undefined) lines.push(`channel ${number}${line}`)
    }
    if (this.cut > 0) lines.push(`${this.cut} tasks cut: an event may set off 1000`)
    lines.push('===========ETM Dump End============')
    return lines.join('\n')
  }

  #describe(number: number): string | undefined {
    const soc = this.#soc
    const channel = ETM_BLOCK + ETM_CHANNELS + number * ETM_CHANNEL_SIZE
    const state = readWord(soc, channel + ETM_CHANNEL_STATE)
    if (state === 0) return undefined
    if (state === ETM_CHANNEL_CREATED) return ' is created but not enabled'
    const event = readWord(soc, channel + ETM_CHANNEL_EVENT)
    const task = readWord(soc, channel + ETM_CHANNEL_TASK)
    if (event === 0 && task === 0) return ' is enabled but not connected'
    return `: event ${event === 0 ? 'none' : eventName(soc, event)} ==> task ${task === 0 ? 'none' : taskName(soc, task)}`
  }
}
