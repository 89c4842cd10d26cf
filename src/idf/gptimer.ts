/** `driver/gptimer.h` and `driver/gptimer_etm.h`: general purpose timers by ESP-IDF's names. */
import { GpTimer, type GpTimerAction } from '../etm/timer.ts'

import { chip } from './chip.ts'
import { answer, type esp_err_t } from './err.ts'
import type { esp_etm_event_handle_t, esp_etm_task_handle_t } from './etm.ts'
import { badArgument, handleOf, pointerOf, told } from './given.ts'
import type { Ref } from './ref.ts'

/** `gptimer_handle_t`: the timer itself. */
export type gptimer_handle_t = GpTimer

/** `GPTIMER_COUNT_DOWN` of `gptimer_count_direction_t`. */
export const GPTIMER_COUNT_DOWN = 0
/** `GPTIMER_COUNT_UP` of `gptimer_count_direction_t`. */
export const GPTIMER_COUNT_UP = 1

/** `gptimer_config_t`. The clock source is as it is: timers count with the chip's clock. */
export interface gptimer_config_t {
  /** Counts a second. */
  resolution_hz: number
  /** {@link GPTIMER_COUNT_UP} or {@link GPTIMER_COUNT_DOWN}. Left out, it counts up; in C it would count down, as 0 does. */
  direction?: number
}

/** `gptimer_alarm_config_t`. */
export interface gptimer_alarm_config_t {
  /** The count at which it goes off: at once if that is behind, by less than 2^53 counts. */
  alarm_count: number
  /** The count from which it goes on, if it reloads: another one. */
  reload_count?: number
  /** `auto_reload_on_alarm`: it goes off again and again. */
  flags?: { auto_reload_on_alarm?: boolean | number }
}

/** `GPTIMER_ETM_EVENT_ALARM_MATCH` of `gptimer_etm_event_type_t`. */
export const GPTIMER_ETM_EVENT_ALARM_MATCH = 0
/** `gptimer_etm_task_type_t`. */
export const GPTIMER_ETM_TASK_START_COUNT = 0
/** `gptimer_etm_task_type_t`. */
export const GPTIMER_ETM_TASK_STOP_COUNT = 1
/** `gptimer_etm_task_type_t`. */
export const GPTIMER_ETM_TASK_EN_ALARM = 2
/** `gptimer_etm_task_type_t`. */
export const GPTIMER_ETM_TASK_RELOAD = 3
/** `gptimer_etm_task_type_t`. */
export const GPTIMER_ETM_TASK_CAPTURE = 4

/** In the order of `gptimer_etm_task_type_t`. */
const ACTIONS: readonly GpTimerAction[] = ['start', 'stop', 'enable-alarm', 'reload', 'capture']

/**
 * `gptimer_new_timer` of `driver/gptimer.h`.
 *
 * @param config - Its resolution and direction.
 * @param ret_timer - Receives the timer.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or a bad resolution; `ESP_ERR_NOT_FOUND` when all are in use;
 * `ESP_ERR_INVALID_STATE` on another thread than the one that opened the chip.
 */
export function gptimer_new_timer(
  config: gptimer_config_t | null,
  ret_timer: Ref<gptimer_handle_t | null> | null,
): esp_err_t {
  return answer(() => {
    const { resolution_hz: resolutionHz, direction = GPTIMER_COUNT_UP } = pointerOf('config', config)
    const out = pointerOf('ret_timer', ret_timer)
    // As ESP-IDF does: what is not up is down.
    out.value = chip().newTimer({ resolutionHz, direction: direction === GPTIMER_COUNT_UP ? 'up' : 'down' })
  })
}

/**
 * `gptimer_del_timer` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` while it is enabled, has events or tasks, or if it
 * is deleted.
 */
export function gptimer_del_timer(timer: gptimer_handle_t | null): esp_err_t {
  return operate(timer, (it) => {
    it.delete()
  })
}

/**
 * `gptimer_enable` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if it is enabled already.
 */
export function gptimer_enable(timer: gptimer_handle_t | null): esp_err_t {
  return operate(timer, (it) => {
    it.enable()
  })
}

/**
 * `gptimer_disable` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if it is not enabled, or counts.
 */
export function gptimer_disable(timer: gptimer_handle_t | null): esp_err_t {
  return operate(timer, (it) => {
    it.disable()
  })
}

/**
 * `gptimer_start` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @returns `ESP_OK`, also if it counts already, as since ESP-IDF 5.5; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if
 * it is not enabled.
 */
export function gptimer_start(timer: gptimer_handle_t | null): esp_err_t {
  return operate(timer, (it) => {
    if (it.state !== 'running') it.start()
  })
}

/**
 * `gptimer_stop` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @returns `ESP_OK`, also if it is enabled and does not count, as since ESP-IDF 5.5; `ESP_ERR_INVALID_ARG` for NULL;
 * `ESP_ERR_INVALID_STATE` if it is not enabled.
 */
export function gptimer_stop(timer: gptimer_handle_t | null): esp_err_t {
  return operate(timer, (it) => {
    if (it.state !== 'enabled') it.stop()
  })
}

/**
 * `gptimer_set_raw_count` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @param value - The count, below 2^54; every one up to 2^53, above that the even ones.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or what is no count.
 */
export function gptimer_set_raw_count(timer: gptimer_handle_t | null, value: number): esp_err_t {
  return operate(timer, (it) => {
    it.count = value
  })
}

/**
 * `gptimer_get_raw_count` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @param value - Receives the count.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL.
 */
export function gptimer_get_raw_count(timer: gptimer_handle_t | null, value: Ref<number> | null): esp_err_t {
  return operate(timer, (it) => {
    pointerOf('value', value).value = it.count
  })
}

/**
 * `gptimer_get_captured_count` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @param value - Receives the count that was captured last.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL.
 */
export function gptimer_get_captured_count(timer: gptimer_handle_t | null, value: Ref<number> | null): esp_err_t {
  return operate(timer, (it) => {
    pointerOf('value', value).value = it.captured
  })
}

/**
 * `gptimer_get_resolution` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @param out_resolution - Receives its counts a second.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL.
 */
export function gptimer_get_resolution(timer: gptimer_handle_t | null, out_resolution: Ref<number> | null): esp_err_t {
  return operate(timer, (it) => {
    pointerOf('out_resolution', out_resolution).value = it.resolutionHz
  })
}

/**
 * `gptimer_set_alarm_action` of `driver/gptimer.h`.
 *
 * @param timer - Which.
 * @param config - When it goes off; NULL for never.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for a timer that is NULL, bad counts, and a reload count that is the alarm's.
 */
export function gptimer_set_alarm_action(
  timer: gptimer_handle_t | null,
  config: gptimer_alarm_config_t | null,
): esp_err_t {
  return operate(timer, (it) => {
    if (config === null) {
      it.setAlarm(null)
      return
    }
    const { alarm_count: count, reload_count: reload = 0, flags } = pointerOf('config', config)
    it.setAlarm(flags?.auto_reload_on_alarm ? { count, reload } : { count })
  })
}

/**
 * `gptimer_new_etm_event` of `driver/gptimer_etm.h`.
 *
 * @param timer - Which.
 * @param config - `event_type`: {@link GPTIMER_ETM_EVENT_ALARM_MATCH}.
 * @param out_event - Receives the event.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or another type; `ESP_ERR_NO_MEM`.
 */
export function gptimer_new_etm_event(
  timer: gptimer_handle_t | null,
  config: { event_type: number } | null,
  out_event: Ref<esp_etm_event_handle_t | null> | null,
): esp_err_t {
  return operate(timer, (it) => {
    const { event_type: type } = pointerOf('config', config)
    const out = pointerOf('out_event', out_event)
    if (type !== GPTIMER_ETM_EVENT_ALARM_MATCH) throw badArgument(`event_type is ${told(type)}: it is 0`)
    out.value = it.newEtmEvent('alarm')
  })
}

/**
 * `gptimer_new_etm_task` of `driver/gptimer_etm.h`.
 *
 * @param timer - Which.
 * @param config - `task_type`: `GPTIMER_ETM_TASK_…`.
 * @param out_task - Receives the task.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or another type; `ESP_ERR_NO_MEM`.
 */
export function gptimer_new_etm_task(
  timer: gptimer_handle_t | null,
  config: { task_type: number } | null,
  out_task: Ref<esp_etm_task_handle_t | null> | null,
): esp_err_t {
  return operate(timer, (it) => {
    const { task_type: type } = pointerOf('config', config)
    const out = pointerOf('out_task', out_task)
    const action = ACTIONS[type]
    if (action === undefined) throw badArgument(`task_type is ${told(type)}: it is 0 to ${ACTIONS.length - 1}`)
    out.value = it.newEtmTask(action)
  })
}

function operate(timer: gptimer_handle_t | null, operation: (it: GpTimer) => void): esp_err_t {
  return answer(() => {
    operation(handleOf('timer', GpTimer, timer))
  })
}
