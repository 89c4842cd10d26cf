/** `driver/gpio.h` and `driver/gpio_etm.h`: pins by ESP-IDF's names. */
import { EtmEvent } from '../etm/event.ts'
import { GpioEvent, type GpioEdge } from '../etm/gpio-event.ts'
import type { GpioAction } from '../etm/gpio-matrix.ts'
import { GpioTask } from '../etm/gpio-task.ts'
import { EtmTask } from '../etm/task.ts'

import { chip } from './chip.ts'
import { answer, type esp_err_t } from './err.ts'
import type { esp_etm_event_handle_t, esp_etm_task_handle_t } from './etm.ts'
import { badArgument, handleOf, named, pointerOf } from './given.ts'
import type { Ref } from './ref.ts'

/** `gpio_num_t`: the number of a pin. */
export type gpio_num_t = number

/** `GPIO_MODE_DISABLE` of `gpio_mode_t`. */
export const GPIO_MODE_DISABLE = 0
/** `GPIO_MODE_INPUT` of `gpio_mode_t`. */
export const GPIO_MODE_INPUT = 1
/** `GPIO_MODE_OUTPUT` of `gpio_mode_t`. */
export const GPIO_MODE_OUTPUT = 2
/** `GPIO_MODE_INPUT_OUTPUT` of `gpio_mode_t`: an output that can be read, as every output here can. */
export const GPIO_MODE_INPUT_OUTPUT = 3

const DIRECTIONS = new Map([
  [GPIO_MODE_DISABLE, 'disabled'],
  [GPIO_MODE_INPUT, 'input'],
  [GPIO_MODE_OUTPUT, 'output'],
  [GPIO_MODE_INPUT_OUTPUT, 'output'],
] as const)

/** `gpio_etm_event_edge_t`. */
export const GPIO_ETM_EVENT_EDGE_POS = 1
/** `gpio_etm_event_edge_t`. */
export const GPIO_ETM_EVENT_EDGE_NEG = 2
/** `gpio_etm_event_edge_t`. */
export const GPIO_ETM_EVENT_EDGE_ANY = 3
/** `gpio_etm_task_action_t`. */
export const GPIO_ETM_TASK_ACTION_SET = 1
/** `gpio_etm_task_action_t`. */
export const GPIO_ETM_TASK_ACTION_CLR = 2
/** `gpio_etm_task_action_t`. */
export const GPIO_ETM_TASK_ACTION_TOG = 3

const EDGES = new Map<number, GpioEdge>([
  [GPIO_ETM_EVENT_EDGE_POS, 'rising'],
  [GPIO_ETM_EVENT_EDGE_NEG, 'falling'],
  [GPIO_ETM_EVENT_EDGE_ANY, 'any'],
])
const ACTIONS = new Map<number, GpioAction>([
  [GPIO_ETM_TASK_ACTION_SET, 'set'],
  [GPIO_ETM_TASK_ACTION_CLR, 'clear'],
  [GPIO_ETM_TASK_ACTION_TOG, 'toggle'],
])

/** `gpio_etm_event_config_t`. */
export interface gpio_etm_event_config_t {
  /** `GPIO_ETM_EVENT_EDGE_…`. */
  edge: number
}

/** `gpio_etm_task_config_t`. */
export interface gpio_etm_task_config_t {
  /** `GPIO_ETM_TASK_ACTION_…`. */
  action: number
}

/**
 * `gpio_set_direction` of `driver/gpio.h`.
 *
 * @param gpio_num - Which pin.
 * @param mode - `GPIO_MODE_…`.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for a pin or a mode that there is not.
 */
export function gpio_set_direction(gpio_num: gpio_num_t, mode: number): esp_err_t {
  return answer(() => {
    chip().gpio(gpio_num).direction = named('mode', DIRECTIONS, mode)
  })
}

/**
 * `gpio_set_level` of `driver/gpio.h`.
 *
 * @param gpio_num - Which pin.
 * @param level - 0 for low, anything else for high.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for a pin that there is not.
 */
export function gpio_set_level(gpio_num: gpio_num_t, level: number): esp_err_t {
  return answer(() => {
    chip().gpio(gpio_num).level = level === 0 ? 0 : 1
  })
}

/**
 * `gpio_get_level` of `driver/gpio.h`.
 *
 * @param gpio_num - Which pin.
 * @returns 0 or 1; 0 for a pin that there is not, too.
 */
export function gpio_get_level(gpio_num: gpio_num_t): number {
  let level = 0
  answer(() => {
    ;({ level } = chip().gpio(gpio_num))
  })
  return level
}

/**
 * `gpio_new_etm_event` of `driver/gpio_etm.h`. No pin is bound to it yet.
 *
 * @param config - Which edge.
 * @param ret_event - Receives the event.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or another edge; `ESP_ERR_NOT_FOUND` when all are in use; `ESP_ERR_NO_MEM`.
 */
export function gpio_new_etm_event(
  config: gpio_etm_event_config_t | null,
  ret_event: Ref<esp_etm_event_handle_t | null> | null,
): esp_err_t {
  return answer(() => {
    const edge = named('edge', EDGES, pointerOf('config', config).edge)
    pointerOf('ret_event', ret_event).value = chip().etm.newGpioEvent(edge)
  })
}

/**
 * `gpio_etm_event_bind_gpio` of `driver/gpio_etm.h`. The second time another pin takes the place of the first.
 *
 * @param event - The event.
 * @param gpio_num - Whose edges it is of.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL, what is no event of pins, and a pin that there is not.
 */
export function gpio_etm_event_bind_gpio(event: esp_etm_event_handle_t | null, gpio_num: gpio_num_t): esp_err_t {
  return answer(() => {
    const given = handleOf('event', EtmEvent, event)
    if (!(given instanceof GpioEvent)) throw badArgument(`event is ${given.name}: it is no event of pins`)
    given.bindGpio(gpio_num)
  })
}

/**
 * `gpio_new_etm_task` of `driver/gpio_etm.h`. It changes no pin yet.
 *
 * @param config - What it does.
 * @param ret_task - Receives the task.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL or another action; `ESP_ERR_NOT_FOUND` when all are in use; `ESP_ERR_NO_MEM`.
 */
export function gpio_new_etm_task(
  config: gpio_etm_task_config_t | null,
  ret_task: Ref<esp_etm_task_handle_t | null> | null,
): esp_err_t {
  return answer(() => {
    const action = named('action', ACTIONS, pointerOf('config', config).action)
    pointerOf('ret_task', ret_task).value = chip().etm.newGpioTask(action)
  })
}

/**
 * `gpio_etm_task_add_gpio` of `driver/gpio_etm.h`.
 *
 * @param task - The task.
 * @param gpio_num - A pin that it changes from now on.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL, what is no task of pins, and a pin that there is not;
 * `ESP_ERR_INVALID_STATE` if a task of the same action changes it already.
 */
export function gpio_etm_task_add_gpio(task: esp_etm_task_handle_t | null, gpio_num: gpio_num_t): esp_err_t {
  return answer(() => {
    gpioTask(task).addGpio(gpio_num)
  })
}

/**
 * `gpio_etm_task_rm_gpio` of `driver/gpio_etm.h`.
 *
 * @param task - The task.
 * @param gpio_num - A pin that it does not change any more.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` as {@link gpio_etm_task_add_gpio}; `ESP_ERR_INVALID_STATE` if it does not change it.
 */
export function gpio_etm_task_rm_gpio(task: esp_etm_task_handle_t | null, gpio_num: gpio_num_t): esp_err_t {
  return answer(() => {
    gpioTask(task).removeGpio(gpio_num)
  })
}

function gpioTask(task: esp_etm_task_handle_t | null): GpioTask {
  const given = handleOf('task', EtmTask, task)
  if (given instanceof GpioTask) return given
  throw badArgument(`task is ${given.name}: it is no task of pins`)
}
