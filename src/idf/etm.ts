/** `esp_etm.h`: the event-task matrix by ESP-IDF's names. */
import { EtmChannel } from '../etm/channel.ts'
import { Etm } from '../etm/etm.ts'
import { EtmEvent } from '../etm/event.ts'
import { GpioTask } from '../etm/gpio-task.ts'
import { EtmTask } from '../etm/task.ts'

import { chip } from './chip.ts'
import { answer, type esp_err_t } from './err.ts'
import { badArgument, badState, handleOf, pointerOf } from './given.ts'
import type { Ref } from './ref.ts'

/** `esp_etm_channel_handle_t`: the channel itself. */
export type esp_etm_channel_handle_t = EtmChannel
/** `esp_etm_event_handle_t`: the event itself. */
export type esp_etm_event_handle_t = EtmEvent
/** `esp_etm_task_handle_t`: the task itself. */
export type esp_etm_task_handle_t = EtmTask

/** `esp_etm_channel_config_t`: nothing to choose. */
export type esp_etm_channel_config_t = Readonly<Record<string, never>>

/** Where text goes: C's `FILE *`, such as `process.stdout`. */
export interface TextStream {
  /** Writes text. */
  write(text: string): unknown
}

/**
 * `esp_etm_new_channel` of `esp_etm.h`.
 *
 * @param config - Nothing: `{}`.
 * @param ret_chan - Receives the channel.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_NOT_FOUND` when all are in use; `ESP_ERR_NOT_SUPPORTED` on a chip
 * without a matrix.
 */
export function esp_etm_new_channel(
  config: esp_etm_channel_config_t | null,
  ret_chan: Ref<esp_etm_channel_handle_t | null> | null,
): esp_err_t {
  return answer(() => {
    pointerOf('config', config)
    pointerOf('ret_chan', ret_chan).value = chip().etm.newChannel()
  })
}

/**
 * `esp_etm_del_channel` of `esp_etm.h`.
 *
 * @param chan - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` while it is enabled, or if it is deleted.
 */
export function esp_etm_del_channel(chan: esp_etm_channel_handle_t | null): esp_err_t {
  return answer(() => {
    handleOf('chan', EtmChannel, chan).delete()
  })
}

/**
 * `esp_etm_channel_enable` of `esp_etm.h`.
 *
 * @param chan - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if it is enabled already.
 */
export function esp_etm_channel_enable(chan: esp_etm_channel_handle_t | null): esp_err_t {
  return answer(() => {
    handleOf('chan', EtmChannel, chan).enable()
  })
}

/**
 * `esp_etm_channel_disable` of `esp_etm.h`.
 *
 * @param chan - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if it is not enabled.
 */
export function esp_etm_channel_disable(chan: esp_etm_channel_handle_t | null): esp_err_t {
  return answer(() => {
    handleOf('chan', EtmChannel, chan).disable()
  })
}

/**
 * `esp_etm_channel_connect` of `esp_etm.h`.
 *
 * @param chan - Which.
 * @param event - What it listens to; NULL for nothing.
 * @param task - What it sets off; NULL for nothing.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for a channel that is NULL, or a deleted event or task; `ESP_ERR_INVALID_STATE` if
 * the channel is deleted.
 */
export function esp_etm_channel_connect(
  chan: esp_etm_channel_handle_t | null,
  event: esp_etm_event_handle_t | null,
  task: esp_etm_task_handle_t | null,
): esp_err_t {
  return answer(() => {
    handleOf('chan', EtmChannel, chan).connect(event, task)
  })
}

/**
 * `esp_etm_del_event` of `esp_etm.h`.
 *
 * @param event - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` if it is deleted. Channels that are
 * connected to it are connected to none then.
 */
export function esp_etm_del_event(event: esp_etm_event_handle_t | null): esp_err_t {
  return answer(() => {
    const given = handleOf('event', EtmEvent, event)
    disconnected(given).delete()
  })
}

/**
 * `esp_etm_del_task` of `esp_etm.h`.
 *
 * @param task - Which.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE` while it has pins
 * (`gpio_etm_task_rm_gpio`), or if it is deleted. Channels that are connected to it are connected to none then.
 */
export function esp_etm_del_task(task: esp_etm_task_handle_t | null): esp_err_t {
  return answer(() => {
    const given = handleOf('task', EtmTask, task)
    if (given instanceof GpioTask && given.pins.length > 0) {
      throw badState(`the task changes the pins ${given.pins.join(', ')}: gpio_etm_task_rm_gpio them first`)
    }
    disconnected(given).delete()
  })
}

/** An event or a task, connected to no channel any more. */
function disconnected<Given extends EtmEvent | EtmTask>(given: Given): Given {
  new Etm(given.soc).disconnect(given)
  return given
}

/**
 * `esp_etm_dump` of `esp_etm.h`: what is connected, channel by channel.
 *
 * @param out_stream - Where to: `process.stdout`, or anything with `write`.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for what cannot be written to.
 */
export function esp_etm_dump(out_stream: TextStream | null): esp_err_t {
  return answer(() => {
    const out = pointerOf('out_stream', out_stream)
    if (typeof out.write !== 'function') throw badArgument('out_stream has no function write')
    out.write(`${chip().etm.dump()}\n`)
  })
}
