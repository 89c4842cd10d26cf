/** `esp_async_memcpy.h`: the driver by ESP-IDF's names. */
import { AsyncMemcpy, type CopyCallback } from '../driver/async-memcpy.ts'
import type { CopyEvent } from '../driver/copy-event.ts'
import type { Memory } from '../driver/ranges.ts'
import type { ResidentCallback } from '../driver/resident-callback.ts'
import { EspError } from '../errors.ts'
import type { EtmEvent } from '../etm/event.ts'
import type { BackendName } from '../targets/backend.ts'

import { chipIfAny, onChip, useChip } from './chip.ts'
import { answer, answerLater, type esp_err_t } from './err.ts'
import { badArgument, handleOf, pointerOf, told } from './given.ts'
import { asInterrupt } from './isr.ts'
import type { Ref } from './ref.ts'

/** `async_memcpy_handle_t`: the driver itself, so that what ESP-IDF has no name for is there too (`driver.stats`). */
export type async_memcpy_handle_t = AsyncMemcpy
/** `async_memcpy_t`, the older name of {@link async_memcpy_handle_t}. */
export type async_memcpy_t = async_memcpy_handle_t
/** `async_memcpy_event_t`. ESP-IDF's carries nothing yet; this one tells the outcome of the copy. */
export type async_memcpy_event_t = CopyEvent

/**
 * `async_memcpy_isr_cb_t`: called when a copy is done.
 *
 * @param mcp_hdl - The driver.
 * @param event - The outcome.
 * @param cb_args - What was given to {@link esp_async_memcpy}.
 * @returns Whether it woke somebody.
 */
export type async_memcpy_isr_cb_t<Args> = (
  mcp_hdl: async_memcpy_handle_t,
  event: async_memcpy_event_t,
  cb_args: Args,
) => boolean

/** `async_memcpy_config_t`, with the fields of all versions of ESP-IDF. Who leaves one out gets its default. */
export interface async_memcpy_config_t {
  /** Copies in flight at once. */
  backlog?: number
  /** Bytes that addresses and lengths in SRAM are multiples of. */
  sram_trans_align?: number
  /** The same in PSRAM: 16, 32 or 64; 0 for 16. */
  psram_trans_align?: number
  /** Bytes of a DMA burst. */
  dma_burst_size?: number
  /** Share of the bus, on chips that arbitrate by weight. */
  weight?: number
  /** `AsyncMemcpyFlags`. */
  flags?: number
}

/** `ASYNC_MEMCPY_DEFAULT_CONFIG()`: backlog 8, no alignment, burst 16. A new object each time, to be changed. */
export function ASYNC_MEMCPY_DEFAULT_CONFIG(): Required<async_memcpy_config_t> {
  const { backlog, sramTransAlign, psramTransAlign, dmaBurstSize, weight, flags } = AsyncMemcpy.defaultConfig
  return {
    backlog,
    sram_trans_align: sramTransAlign,
    psram_trans_align: psramTransAlign,
    dma_burst_size: dmaBurstSize,
    weight,
    flags,
  }
}

/** ESP-IDF's name of each field, and the driver's. */
const FIELDS = {
  backlog: 'backlog',
  sram_trans_align: 'sramTransAlign',
  psram_trans_align: 'psramTransAlign',
  dma_burst_size: 'dmaBurstSize',
  weight: 'weight',
  flags: 'flags',
} as const

/** The driver's configuration of one of ESP-IDF. */
function translate(config: async_memcpy_config_t, backend: BackendName | undefined): Record<string, unknown> {
  const translated: Record<string, unknown> = backend === undefined ? {} : { backend }
  for (const [field, value] of Object.entries(config)) {
    if (!Object.hasOwn(FIELDS, field)) {
      throw badArgument(`config has no field "${field}"; there are ${Object.keys(FIELDS).join(', ')}`)
    }
    translated[FIELDS[field as keyof typeof FIELDS]] = value
  }
  return translated
}

function install(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
  backend?: BackendName,
): Promise<esp_err_t> {
  return answerLater(async () => {
    const translated = translate(pointerOf('config', config), backend)
    const out = pointerOf('mcp', mcp)
    const driver = await AsyncMemcpy.install(translated, chipIfAny())
    if (chipIfAny() === undefined) useChip(driver.soc)
    out.value = driver
  })
}

/**
 * `esp_async_memcpy_install` of `esp_async_memcpy.h`: installs a driver on the chip's default DMA. On the chip that
 * `openChip` has opened; without one, on the host.
 *
 * @param config - The configuration.
 * @param mcp - Receives the driver.
 * @returns To be awaited: `ESP_OK`; `ESP_ERR_INVALID_ARG` for a bad configuration or NULL; `ESP_ERR_NO_MEM`;
 * `ESP_ERR_NOT_FOUND` when no channel is free; `ESP_ERR_NOT_SUPPORTED` for what the chip does not have; `ESP_FAIL`. `mcp` is as
 * it was unless `ESP_OK`.
 */
export function esp_async_memcpy_install(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
): Promise<esp_err_t> {
  return install(config, mcp)
}

/**
 * `esp_async_memcpy_install_cpdma` of `esp_async_memcpy.h`: on the CPDMA (esp32s2).
 *
 * @param config - The configuration.
 * @param mcp - Receives the driver.
 * @returns As {@link esp_async_memcpy_install}; `ESP_ERR_NOT_SUPPORTED` on a chip without one.
 */
export function esp_async_memcpy_install_cpdma(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
): Promise<esp_err_t> {
  return install(config, mcp, 'cp-dma')
}

/**
 * `esp_async_memcpy_install_gdma_ahb` of `esp_async_memcpy.h`: on the AHB GDMA.
 *
 * @param config - The configuration.
 * @param mcp - Receives the driver.
 * @returns As {@link esp_async_memcpy_install}; `ESP_ERR_NOT_SUPPORTED` on a chip without one.
 */
export function esp_async_memcpy_install_gdma_ahb(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
): Promise<esp_err_t> {
  return install(config, mcp, 'gdma-ahb')
}

/**
 * `esp_async_memcpy_install_gdma_axi` of `esp_async_memcpy.h`: on the AXI GDMA (esp32p4, esp32s31).
 *
 * @param config - The configuration.
 * @param mcp - Receives the driver.
 * @returns As {@link esp_async_memcpy_install}; `ESP_ERR_NOT_SUPPORTED` on a chip without one.
 */
export function esp_async_memcpy_install_gdma_axi(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
): Promise<esp_err_t> {
  return install(config, mcp, 'gdma-axi')
}

/**
 * `esp_async_memcpy_install_gdma_lp_ahb` of `esp_async_memcpy.h`: on the LP AHB GDMA (esp32s31).
 *
 * @param config - The configuration.
 * @param mcp - Receives the driver.
 * @returns As {@link esp_async_memcpy_install}; `ESP_ERR_NOT_SUPPORTED` on a chip without one.
 */
export function esp_async_memcpy_install_gdma_lp_ahb(
  config: async_memcpy_config_t | null,
  mcp: Ref<async_memcpy_handle_t | null> | null,
): Promise<esp_err_t> {
  return install(config, mcp, 'gdma-lp-ahb')
}

/**
 * `esp_async_memcpy_uninstall` of `esp_async_memcpy.h`.
 *
 * @param mcp - The driver.
 * @returns To be awaited: `ESP_OK`, when its last callback has returned; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_INVALID_STATE`
 * while copies are in flight, and in a callback.
 */
export function esp_async_memcpy_uninstall(mcp: async_memcpy_handle_t | null): Promise<esp_err_t> {
  return answerLater(() => handleOf('mcp', AsyncMemcpy, mcp).uninstall())
}

/**
 * `esp_async_memcpy` of `esp_async_memcpy.h`: sends a copy, and returns at once.
 *
 * @param mcp - The driver.
 * @param dst - Where to: an address or a view of the chip's memory.
 * @param src - Where from.
 * @param n - Bytes.
 * @param cb_isr - Called when the copy is done: a function, on this thread; or a resident callback (`driver.loadIsr`), in the
 * channel's thread. NULL for none.
 * @param cb_args - Passed to it. A resident callback is given 32 bits: a number, or the handle of an object that has one, such
 * as a semaphore.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL, 0 bytes, and memory that the chip's DMA does not reach or that is not
 * aligned as it needs; `ESP_ERR_INVALID_STATE` when the backlog is full, or the driver uninstalled.
 */
export function esp_async_memcpy<Args>(
  mcp: async_memcpy_handle_t | null,
  dst: Memory | null,
  src: Memory | null,
  n: number,
  cb_isr: async_memcpy_isr_cb_t<Args> | ResidentCallback | null,
  cb_args: Args,
): esp_err_t {
  return answer(() => {
    const driver = handleOf('mcp', AsyncMemcpy, mcp)
    const destination = memory('dst', dst)
    const source = memory('src', src)
    if (cb_isr === null) driver.memcpy(destination, source, n)
    else if (typeof cb_isr === 'function') driver.memcpy(destination, source, n, inChip(cb_isr), cb_args)
    else driver.memcpy(destination, source, n, cb_isr, argument(cb_args))
  })
}

/**
 * `esp_memcpy_blocking` of `esp_async_memcpy.h`: copies, and blocks this thread meanwhile.
 *
 * @param mcp - The driver.
 * @param dst - Where to: an address or a view of the chip's memory.
 * @param src - Where from.
 * @param n - Bytes.
 * @param timeout_ms - Longest time to wait; -1 for ever. (ESP-IDF accepts -1 only.)
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` as {@link esp_async_memcpy}, and for a bad timeout; `ESP_ERR_INVALID_STATE` in a
 * callback, on a thread that must not block, and for an uninstalled driver; `ESP_ERR_TIMEOUT`; `ESP_FAIL`.
 */
export function esp_memcpy_blocking(
  mcp: async_memcpy_handle_t | null,
  dst: Memory | null,
  src: Memory | null,
  n: number,
  timeout_ms: number,
): esp_err_t {
  return answer(() => {
    const driver = handleOf('mcp', AsyncMemcpy, mcp)
    driver.copySync(memory('dst', dst), memory('src', src), n, timeout_ms === -1 ? Infinity : timeout_ms)
  })
}

/** `ASYNC_MEMCPY_ETM_EVENT_COPY_DONE` of `async_memcpy_etm_event_t`. */
export const ASYNC_MEMCPY_ETM_EVENT_COPY_DONE = 0

/**
 * `esp_async_memcpy_new_etm_event` of `esp_async_memcpy.h`.
 *
 * @param mcp - The driver.
 * @param event_type - {@link ASYNC_MEMCPY_ETM_EVENT_COPY_DONE}.
 * @param out_event - Receives the event.
 * @returns `ESP_OK`; `ESP_ERR_INVALID_ARG` for NULL; `ESP_ERR_NOT_SUPPORTED` for another type, or on a chip without a matrix;
 * `ESP_ERR_INVALID_STATE` if the driver is uninstalled; `ESP_ERR_NO_MEM`.
 */
export function esp_async_memcpy_new_etm_event(
  mcp: async_memcpy_handle_t | null,
  event_type: number,
  out_event: Ref<EtmEvent | null> | null,
): esp_err_t {
  return answer(() => {
    const driver = handleOf('mcp', AsyncMemcpy, mcp)
    const out = pointerOf('out_event', out_event)
    if (event_type !== ASYNC_MEMCPY_ETM_EVENT_COPY_DONE) {
      throw new EspError('ESP_ERR_NOT_SUPPORTED', `event_type is ${told(event_type)}: a driver has only COPY_DONE (0)`)
    }
    out.value = driver.newEtmEvent('copy-done')
  })
}

/** An end of a copy. */
function memory(what: string, given: Memory | null): Memory {
  if (given === null) throw badArgument(`${what} is NULL`)
  return given
}

/** A callback as the driver calls it: under the rules of interrupts, on its chip. */
function inChip<Args>(callback: async_memcpy_isr_cb_t<Args>): CopyCallback<Args> {
  return (driver, event, args) => onChip(driver.soc, () => asInterrupt(() => callback(driver, event, args)))
}

/** What a resident callback is given: a pointer, as in C, is the address of what it points to. */
function argument(given: unknown): number | undefined {
  if (given === null || given === undefined) return undefined
  if (typeof given === 'object' && 'handle' in given) return given.handle as number
  return given as number
}

/**
 * `IRAM_ATTR` of `esp_attr.h`: for a callback in a module that `driver.loadIsr` loads. Semaphores and memory are then those
 * of the chip whose copy is done.
 *
 * @param callback - The callback; what it is given as `cb_args` is a number.
 * @returns The callback to export.
 *
 * @example
 * ```ts
 * export const my_async_memcpy_cb = IRAM_ATTR((mcp_hdl, event, cb_args) => {
 *   const high_task_wakeup = ref(pdFALSE)
 *   xSemaphoreGiveFromISR(cb_args, high_task_wakeup)
 *   return high_task_wakeup.value === pdTRUE
 * })
 * ```
 */
export function IRAM_ATTR<Args = number>(callback: async_memcpy_isr_cb_t<Args>): async_memcpy_isr_cb_t<Args> {
  return (mcp_hdl, event, cb_args) => onChip(mcp_hdl.soc, () => callback(mcp_hdl, event, cb_args))
}
