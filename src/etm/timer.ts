/** General purpose timers: ESP-IDF's GPTimer driver, with its states. */
import { engineOf } from '../engine/engines.ts'
import { checkOptions, EspError, hex, invalidArgument, invalidState, show } from '../errors.ts'
import {
  ETM_DONE,
  ETM_GONE,
  ETM_IN_USE,
  EVENT_TIMER_ALARM,
  TASK_TIMER,
  TIMER_ALARM_OFF,
  TIMER_ALARM_ONCE,
  TIMER_ALARM_PERIODIC,
  TIMER_ALARMS,
  TIMER_ARM,
  TIMER_BEGIN,
  TIMER_CAPTURE,
  TIMER_CAPTURES,
  TIMER_DELETE,
  TIMER_DIRECTION,
  TIMER_DISABLE,
  TIMER_DOWN,
  TIMER_ENABLE,
  TIMER_ENABLED,
  TIMER_GENERATION,
  TIMER_LOAD,
  TIMER_REFERENCES,
  TIMER_RESOLUTION,
  TIMER_RETAIN,
  TIMER_RUNNING,
  TIMER_SET_COUNT,
  TIMER_SIZE,
  TIMER_SKIPPED,
  TIMER_SOURCE,
  TIMER_START,
  TIMER_STATE,
  TIMER_STOP,
  TIMER_UP,
  TIMERS,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { EtmEvent } from './event.ts'
import { timerNumber } from './names.ts'
import { createEvent, createTask, readWord } from './object-words.ts'
import { EtmTask } from './task.ts'
import { chosen } from './words.ts'

/** Which way a timer counts, `gptimer_count_direction_t`. */
export type GpTimerDirection = 'up' | 'down'

/** What a timer is made with. */
export interface GpTimerConfig {
  /** Counts a second, 1 to 1,000,000,000: a timer of 1,000,000 counts microseconds. */
  readonly resolutionHz: number
  /** Which way it counts. Default: `up`. */
  readonly direction?: GpTimerDirection
}

/** When a timer goes off, `gptimer_alarm_config_t`. */
export interface GpTimerAlarm {
  /**
   * The count at which it does. One that is reached or passed already means at once. Passed is what is no more than half of
   * the counter's range ahead, 2^53 counts: the counter wraps.
   */
  readonly count: number
  /** The count from which it goes on then, another than `count`: the alarm is periodic. Left out, it goes off once. */
  readonly reload?: number
}

/** State of a timer: made, ready to be started, counting, gone. */
export type GpTimerState = 'created' | 'enabled' | 'running' | 'deleted'

/** What a task does to a timer. */
export type GpTimerAction = 'start' | 'stop' | 'reload' | 'capture' | 'enable-alarm'

const ACTIONS: Readonly<Record<GpTimerAction, number>> = {
  start: TIMER_START,
  stop: TIMER_STOP,
  reload: TIMER_LOAD,
  capture: TIMER_CAPTURE,
  'enable-alarm': TIMER_ARM,
}
/** How an alarm goes off. */
export type AlarmMode = 'off' | 'once' | 'periodic'

const ALARM_MODES: Readonly<Record<AlarmMode, number>> = {
  off: TIMER_ALARM_OFF,
  once: TIMER_ALARM_ONCE,
  periodic: TIMER_ALARM_PERIODIC,
}
const EVENTS = { alarm: EVENT_TIMER_ALARM } as const

const DIRECTIONS: Readonly<Record<GpTimerDirection, number>> = { up: TIMER_UP, down: TIMER_DOWN }

const MOST_HZ = 1e9
/** Counters have 54 bits. */
const RANGE = 2 ** 54
/** Address of the first timer. */
const FIRST = ETM_BLOCK + TIMERS

/**
 * A timer, `gptimer_handle_t`: a counter that runs with the Soc's clock, and its alarm. All of it can be done from any thread.
 *
 * As in ESP-IDF a timer is enabled before it is started, and stopped before it is disabled. An alarm happens at its time: what
 * it sets off finds the timer at the alarm's count, even if a busy machine gets to it late. In real time a thread of the Soc
 * keeps the timers; in virtual time the clock stops for each alarm, but does not move for their sake alone.
 *
 * Counters have 54 bits, as on the chips: after 2^54 - 1 comes 0, and before 0, counting down, 2^54 - 1. Numbers tell each count
 * up to 2^53, and of those above the even ones: an odd one is told as the one below.
 *
 * @example
 * ```ts
 * const timer = soc.newTimer({ resolutionHz: 1_000_000 })
 * timer.setAlarm({ count: 500, reload: 0 }) // every 500 µs
 * timer.enable()
 * timer.start()
 * ```
 */
export class GpTimer {
  /** The Soc of this thread. */
  readonly soc: SocCore
  /** Its handle: `soc.timer(handle)` makes the same timer of it on another thread. */
  readonly handle: number

  readonly #generation: number

  /**
   * Sees the timer that is at an address now.
   *
   * @internal
   */
  constructor(soc: SocCore, handle: number) {
    this.soc = soc
    this.handle = handle
    this.#generation = readWord(soc, handle + TIMER_GENERATION)
  }

  /**
   * Makes a timer, `gptimer_new_timer`: `soc.newTimer`.
   *
   * @param soc - The Soc, on the thread that opened it.
   * @param config - Its resolution, and which way it counts.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad resolution or direction; `ESP_ERR_NOT_FOUND` when all timers are in use;
   * `ESP_ERR_INVALID_STATE` on another thread or a closed Soc; `ESP_FAIL` when the timers' thread cannot be started any more.
   */
  static create(soc: SocCore, config: GpTimerConfig): GpTimer {
    checkOptions('newTimer', config)
    const { resolutionHz, direction = 'up' } = config
    if (!Number.isInteger(resolutionHz) || resolutionHz < 1 || resolutionHz > MOST_HZ) {
      throw invalidArgument(`resolutionHz is ${show(resolutionHz)}: a whole number of counts a second, 1 to ${MOST_HZ}`)
    }
    const way = chosen('direction', DIRECTIONS, direction)
    if (!soc.isOpener) throw invalidState('newTimer: make timers on the thread that opened the Soc, and attach here')
    const { name, peripherals } = soc.target
    const timers = peripherals.gptimers.value
    engineOf(soc).keepTimers()
    const handle = soc.microcode.timerNew(timers, resolutionHz, way) >>> 0
    if (handle !== 0) return new GpTimer(soc, handle)
    throw new EspError('ESP_ERR_NOT_FOUND', `no free timer: ${name} has ${timers}, all in use; delete one`)
  }

  /**
   * The timer of a handle, made by whichever thread: `soc.timer`.
   *
   * @param soc - The Soc of this thread.
   * @param handle - Its {@link GpTimer.handle}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no such handle, or that of a deleted timer.
   */
  static attach(soc: SocCore, handle: number): GpTimer {
    const number = (handle - FIRST) / TIMER_SIZE
    const isTimer = Number.isInteger(number) && number >= 0 && number < soc.target.peripherals.gptimers.value
    if (!isTimer || readWord(soc, handle + TIMER_STATE) === 0) {
      throw invalidArgument(`${hex(handle)} is not the handle of a timer of this Soc, or it is deleted`)
    }
    return new GpTimer(soc, handle)
  }

  /** Its number, from 0. */
  get number(): number {
    return timerNumber(this.handle)
  }

  /** Counts a second. */
  get resolutionHz(): number {
    this.#checkAlive()
    return readWord(this.soc, this.handle + TIMER_RESOLUTION)
  }

  /** Which way it counts. */
  get direction(): GpTimerDirection {
    this.#checkAlive()
    return readWord(this.soc, this.handle + TIMER_DIRECTION) === TIMER_DOWN ? 'down' : 'up'
  }

  /** Its state. */
  get state(): GpTimerState {
    const state = readWord(this.soc, this.handle + TIMER_STATE)
    if (readWord(this.soc, this.handle + TIMER_GENERATION) !== this.#generation || state === 0) return 'deleted'
    return state === TIMER_RUNNING ? 'running' : state === TIMER_ENABLED ? 'enabled' : 'created'
  }

  /**
   * Makes it ready to be started, `gptimer_enable`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is enabled already, or deleted.
   */
  enable(): void {
    this.#operate(TIMER_ENABLE, 'enabled: it is enabled already')
  }

  /**
   * The opposite of enable, `gptimer_disable`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is not enabled, or is running, or deleted.
   */
  disable(): void {
    this.#operate(TIMER_DISABLE, 'disabled: it must be enabled, and stopped')
  }

  /**
   * It counts from now on, `gptimer_start`. An alarm that went off once can do so again: at once if the count is past it still.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is not enabled, or is running already, or deleted.
   */
  start(): void {
    this.#operate(TIMER_BEGIN, 'started: it must be enabled, and not running')
  }

  /**
   * It keeps its count from now on, `gptimer_stop`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is not running (a task may have stopped it), or deleted.
   */
  stop(): void {
    this.#operate(TIMER_STOP, 'stopped: it is not running')
  }

  /**
   * Deletes it, `gptimer_del_timer`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while it is enabled, while it has events or tasks, or if it is deleted already.
   */
  delete(): void {
    this.#operate(TIMER_DELETE, 'deleted: disable it first')
  }

  /**
   * The count, `gptimer_get_raw_count`. Can be set, `gptimer_set_raw_count`.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no count; `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  get count(): number {
    return numberOf(this.exactCount)
  }

  set count(count: number) {
    checkCount('count', count)
    this.exactCount = BigInt(count)
  }

  /**
   * The count with all of its bits; of one that is set 54 are kept.
   *
   * @internal
   */
  get exactCount(): bigint {
    return this.#read(0)
  }

  set exactCount(count: bigint) {
    this.#set(TIMER_SET_COUNT, count, 0n)
  }

  /**
   * Keeps the count as it is now in {@link GpTimer.captured}.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  capture(): void {
    this.#operate(TIMER_CAPTURE, 'captured')
  }

  /** The count that was captured last, by a program or a task: `gptimer_get_captured_count`. */
  get captured(): number {
    return numberOf(this.exactCaptured)
  }

  /**
   * {@link GpTimer.captured} with all of its bits.
   *
   * @internal
   */
  get exactCaptured(): bigint {
    return this.#read(1)
  }

  /** How often a count was captured. */
  get captures(): number {
    return this.#counted(TIMER_CAPTURES)
  }

  /**
   * Sets the alarm, `gptimer_set_alarm_action`. An alarm without reload goes off once, and again after {@link GpTimer.start}
   * or an `enable-alarm` task.
   *
   * @param alarm - When; null for no alarm.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad counts; `ESP_ERR_INVALID_STATE` if the timer is deleted.
   */
  setAlarm(alarm: GpTimerAlarm | null): void {
    if (alarm === null) {
      this.setExactAlarm('off', 0n, 0n)
      return
    }
    checkAlarm(alarm)
    const { count, reload } = alarm
    this.setExactAlarm(reload === undefined ? 'once' : 'periodic', BigInt(count), BigInt(reload ?? 0))
  }

  /**
   * {@link GpTimer.setAlarm} by counts with all of their bits, of which 54 are kept.
   *
   * @internal
   */
  setExactAlarm(mode: AlarmMode, count: bigint, reload: bigint): void {
    if (mode === 'periodic' && count === reload) {
      throw invalidArgument(`reload is ${reload}: it must be another count than the alarm's`)
    }
    this.#set(ALARM_MODES[mode], count, reload)
  }

  /** How often the alarm went off. */
  get alarms(): number {
    return this.#counted(TIMER_ALARMS)
  }

  /** Alarms that were left out, because a periodic alarm was more than 1,000,000 periods late. */
  get skipped(): number {
    return this.#counted(TIMER_SKIPPED)
  }

  /**
   * A new event of it, `gptimer_new_etm_event`.
   *
   * @param type - `alarm`: it goes off.
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_INVALID_STATE` if it is deleted; `ESP_ERR_NO_MEM`.
   */
  newEtmEvent(type: 'alarm'): EtmEvent {
    const eventType = chosen('type', EVENTS, type)
    return this.#retained(() => {
      const source = this.handle + TIMER_SOURCE
      return new EtmEvent(
        this.soc,
        createEvent(this.soc, { type: eventType, source: () => source, owner: this.handle }),
      )
    })
  }

  /**
   * A new task that does something to it, `gptimer_new_etm_task`. What the timer's state does not allow, such as the start of
   * one that is not enabled, does not happen.
   *
   * @param action - `start` starts the counter, and leaves an alarm that went off once as it is; `reload` sets the count to the
   * alarm's reload count, or 0; `enable-alarm` lets an alarm that went off once do so again, at the earliest one count later.
   * @throws EspError `ESP_ERR_INVALID_ARG` for another word; `ESP_ERR_INVALID_STATE` if it is deleted; `ESP_ERR_NO_MEM`.
   */
  newEtmTask(action: GpTimerAction): EtmTask {
    const type = TASK_TIMER + chosen('action', ACTIONS, action)
    return this.#retained(() => {
      const target = this.handle
      return new EtmTask(this.soc, createTask(this.soc, { type, target, generation: this.#generation }))
    })
  }

  /** Makes something that keeps the timer from being deleted. If that fails, it keeps it from nothing. */
  #retained<Made>(make: () => Made): Made {
    this.#operate(TIMER_RETAIN, 'used')
    try {
      return make()
    } catch (error) {
      Atomics.sub(this.soc.space.words, (this.handle + TIMER_REFERENCES) >> 2, 1)
      throw error
    }
  }

  #counted(word: number): number {
    const count = readSequence(this.soc.space.words, this.handle + word)
    this.#checkAlive()
    return count
  }

  #read(isCaptured: 0 | 1): bigint {
    const count = this.soc.microcode.timerCount(this.handle, this.#generation, isCaptured)
    if (count < 0n) throw this.#deleted()
    this.soc.virtualClock?.poke()
    return count
  }

  #set(what: number, count: bigint, reload: bigint): void {
    const result = this.soc.microcode.timerSet(this.handle, this.#generation, what, count, reload)
    if (result === ETM_GONE) throw this.#deleted()
    this.soc.virtualClock?.poke()
  }

  #operate(operation: number, impossible: string): void {
    const result = this.soc.microcode.timerOperate(this.handle, this.#generation, operation)
    if (result === ETM_GONE) throw this.#deleted()
    if (result === ETM_IN_USE) {
      throw invalidState(`timer ${this.number} cannot be deleted: delete its events and tasks first`)
    }
    if (result !== ETM_DONE) throw invalidState(`timer ${this.number} is ${this.state} and cannot be ${impossible}`)
    this.soc.virtualClock?.poke()
  }

  #checkAlive(): void {
    if (this.state === 'deleted') throw this.#deleted()
  }

  #deleted(): EspError {
    return invalidState(`timer ${this.number} is deleted`)
  }
}

/** Above 2^53 the even count below: the next number may be past the range. */
function numberOf(count: bigint): number {
  return Number(count > Number.MAX_SAFE_INTEGER ? count & ~1n : count)
}

function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 0 && count < RANGE) return
  throw invalidArgument(`${what} is ${show(count)}: a whole number from 0 on, below 2^54`)
}

function checkAlarm(alarm: GpTimerAlarm): void {
  checkOptions('setAlarm', alarm)
  checkCount('count', alarm.count)
  if (alarm.reload !== undefined) checkCount('reload', alarm.reload)
}
