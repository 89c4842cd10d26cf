/** Pins: as much of ESP-IDF's GPIO driver as the event-task matrix and its observers need. */
import { invalidArgument, show } from '../errors.ts'
import {
  PIN_CLEAR,
  PIN_DISABLE,
  PIN_DRIVE_HIGH,
  PIN_DRIVE_LOW,
  PIN_MAKE_INPUT,
  PIN_MAKE_OUTPUT,
  PIN_SET,
  PIN_TOGGLE,
} from '../microcode/etm-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import type { GpioEdge, GpioEvent } from './gpio-event.ts'
import { newGpioEvent, newGpioTask, type GpioAction } from './gpio-matrix.ts'
import type { GpioTask } from './gpio-task.ts'
import { PinWatch, type PinListener } from './pin-watch.ts'
import { checkPin, padLevel, pinDirection, pinEdges, type Direction, type Level } from './pin-words.ts'
import { chosen } from './words.ts'

const DIRECTIONS: Readonly<Record<Direction, number>> = {
  input: PIN_MAKE_INPUT,
  output: PIN_MAKE_OUTPUT,
  disabled: PIN_DISABLE,
}

/**
 * A pin: `soc.gpio(4)`. The same pin from every thread; its events and tasks happen in whichever thread changes it.
 *
 * The level at the pad is that of the output latch if the pin is an output, else that which the outside puts on it. Pins
 * start as inputs, at level 0.
 */
export class Gpio {
  /** The Soc of this thread. */
  readonly soc: SocCore
  /** Its number. */
  readonly number: number

  readonly #watch: PinWatch

  /**
   * The pin of a number: `soc.gpio(number)`.
   *
   * @internal
   */
  constructor(soc: SocCore, number: number) {
    checkPin(soc, number)
    this.soc = soc
    this.number = number
    this.#watch = new PinWatch(soc, number)
  }

  /**
   * The level at the pad, `gpio_get_level`. Setting it sets the output latch, `gpio_set_level`: the pad follows if the pin is
   * an output.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another level than 0 and 1.
   */
  get level(): Level {
    return padLevel(this.soc, this.number)
  }

  set level(level: Level) {
    this.#change(checkLevel(level) === 1 ? PIN_SET : PIN_CLEAR)
  }

  /** Sets the output latch to 1. */
  set(): void {
    this.#change(PIN_SET)
  }

  /** Sets the output latch to 0. */
  clear(): void {
    this.#change(PIN_CLEAR)
  }

  /** Changes the output latch to the other level. */
  toggle(): void {
    this.#change(PIN_TOGGLE)
  }

  /**
   * Puts a level on the pin from outside, as a wire would: the pad follows if the pin is an input.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another level than 0 and 1.
   */
  drive(level: Level): void {
    this.#change(checkLevel(level) === 1 ? PIN_DRIVE_HIGH : PIN_DRIVE_LOW)
  }

  /**
   * Which way it works, `gpio_set_direction`. A change can be an edge, if the level at the pad changes by it.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word.
   */
  get direction(): Direction {
    return pinDirection(this.soc, this.number)
  }

  set direction(direction: Direction) {
    this.#change(chosen('direction', DIRECTIONS, direction))
  }

  /** Edges at the pad so far, by whichever thread. Exact up to 2^53. */
  get edges(): number {
    return pinEdges(this.soc, this.number)
  }

  /**
   * Tells of edges, on this thread, whichever thread they happen in. What happens faster than the event loop turns is told
   * together. In the simulated engine, on the thread that opened the Soc, observers are told after each event of the clock.
   *
   * An observer does not keep the process alive.
   *
   * @param listener - Called after edges.
   * @returns A function that ends it.
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no function.
   */
  onChange(listener: PinListener): () => void {
    if (typeof listener !== 'function') throw invalidArgument(`onChange with ${show(listener)}: pass a function`)
    return this.#watch.add(listener)
  }

  /**
   * Tells the observers of this thread now of edges that they have not heard of yet.
   *
   * @internal
   */
  tellNow(): void {
    this.#watch.tell()
  }

  /**
   * A new event of its edges, `gpio_new_etm_event` and `gpio_etm_event_bind_gpio`.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_NOT_FOUND` when the chip's GPIO events are all in use
   * (8); `ESP_ERR_NO_MEM`.
   */
  newEtmEvent(edge: GpioEdge): GpioEvent {
    const event = newGpioEvent(this.soc, edge)
    event.bindGpio(this.number)
    return event
  }

  /**
   * A new task that changes its output latch, and that of other pins if need be (`addGpio`): `gpio_new_etm_task` and
   * `gpio_etm_task_add_gpio`. Deleting it removes its pins.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_INVALID_STATE` if a task of the same action changes the
   * pin already; `ESP_ERR_NOT_FOUND` when the chip's GPIO tasks are all in use (8); `ESP_ERR_NO_MEM`.
   */
  newEtmTask(action: GpioAction): GpioTask {
    const task = newGpioTask(this.soc, action)
    try {
      task.addGpio(this.number)
    } catch (error) {
      task.delete()
      throw error
    }
    return task
  }

  #change(change: number): void {
    this.soc.microcode.pinChange(this.number, change)
    this.soc.virtualClock?.poke()
  }
}

function checkLevel(level: Level): Level {
  const given: unknown = level
  if (given === 0 || given === 1) return given
  throw invalidArgument(`level is ${show(given)}: it is 0 or 1`)
}
