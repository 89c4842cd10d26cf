/** `esp_async_memcpy.h`: what each function does and answers, in both engines and on chips. */
import { describe, expect, it } from 'vitest'

import {
  ASYNC_MEMCPY_DEFAULT_CONFIG,
  ASYNC_MEMCPY_ETM_EVENT_COPY_DONE,
  ESP_ERR_INVALID_ARG,
  ESP_ERR_INVALID_STATE,
  ESP_ERR_NOT_FOUND,
  ESP_ERR_NOT_SUPPORTED,
  ESP_ERR_TIMEOUT,
  ESP_ERROR_CHECK,
  ESP_ERROR_CHECK_WITHOUT_ABORT,
  ESP_FAIL,
  ESP_OK,
  MALLOC_CAP_DMA,
  MALLOC_CAP_SPIRAM,
  NULL,
  esp_async_memcpy,
  esp_async_memcpy_install,
  esp_async_memcpy_install_cpdma,
  esp_async_memcpy_install_gdma_ahb,
  esp_async_memcpy_install_gdma_axi,
  esp_async_memcpy_install_gdma_lp_ahb,
  esp_async_memcpy_new_etm_event,
  esp_async_memcpy_uninstall,
  esp_err_to_name,
  esp_memcpy_blocking,
  heap_caps_malloc,
  lastMessage,
  pdTRUE,
  portMAX_DELAY,
  ref,
  xPortInIsrContext,
  xSemaphoreCreateBinary,
  xSemaphoreGiveFromISR,
  xSemaphoreTake,
  type async_memcpy_handle_t,
  type esp_err_t,
} from '../../src/idf/esp-idf.ts'
import { EspError } from '../../src/index.ts'
import { thrownBy } from '../support/errors.ts'
import { hold } from '../support/hold.ts'
import { ENGINES } from '../support/world.ts'

import { fillByPlace, install, open, there, useChips } from './chips.ts'

useChips()

const MIB = 2 ** 20

describe.each(ENGINES)('esp_async_memcpy.h, engine %s', (engine) => {
  it('copies, and calls back in interrupt context with the driver, the outcome and the argument', async () => {
    await open('host', { engine })
    const driver = await install()
    const from = fillByPlace(there(heap_caps_malloc(5000, MALLOC_CAP_DMA)))
    const to = there(heap_caps_malloc(5000, MALLOC_CAP_DMA)).fill(0)
    const semphr = there(xSemaphoreCreateBinary())
    const seen: unknown[] = []
    const code = esp_async_memcpy(
      driver,
      to,
      from,
      5000,
      (mcp_hdl, event, cb_args) => {
        seen.push(mcp_hdl === driver, event.status, event.bytes, cb_args, xPortInIsrContext())
        return xSemaphoreGiveFromISR(semphr, NULL) === pdTRUE
      },
      'argument',
    )
    expect(code).toBe(ESP_OK)
    expect(xPortInIsrContext()).not.toBe(pdTRUE)
    expect(await xSemaphoreTake(semphr, portMAX_DELAY)).toBe(pdTRUE)
    expect(seen).toEqual([true, 0, 5000, 'argument', pdTRUE])
    expect(to).toEqual(from)
  })

  it('calls a resident callback in the channel, with the semaphore whose handle it is given', async () => {
    await open('host', { engine })
    const driver = await install()
    const url = new URL('./fixtures/resident.js', import.meta.url)
    const { give } = await driver.loadIsr(url)
    const semphr = there(xSemaphoreCreateBinary())
    const [to, from] = [heap_caps_malloc(64, MALLOC_CAP_DMA), heap_caps_malloc(64, MALLOC_CAP_DMA)]
    expect(esp_async_memcpy(driver, to, from, 64, give ?? NULL, semphr)).toBe(ESP_OK)
    expect(await xSemaphoreTake(semphr, portMAX_DELAY)).toBe(pdTRUE)
  })

  it('copies without a callback, and blocking with and without a timeout', async () => {
    await open('host', { engine })
    const driver = await install()
    const from = fillByPlace(there(heap_caps_malloc(300, MALLOC_CAP_DMA)))
    const to = there(heap_caps_malloc(300, MALLOC_CAP_DMA)).fill(0)
    expect(esp_async_memcpy(driver, to, from, 100, NULL, NULL)).toBe(ESP_OK)
    expect(esp_memcpy_blocking(driver, to.subarray(100), from.subarray(100), 100, -1)).toBe(ESP_OK)
    expect(esp_memcpy_blocking(driver, to.subarray(200), from.subarray(200), 100, 60_000)).toBe(ESP_OK)
    expect(to).toEqual(from)
  })

  it('answers NULL, 0 bytes and a bad timeout with ESP_ERR_INVALID_ARG, and copies nothing', async () => {
    await open('host', { engine })
    const driver = await install()
    const to = there(heap_caps_malloc(64, MALLOC_CAP_DMA)).fill(1)
    const from = there(heap_caps_malloc(64, MALLOC_CAP_DMA)).fill(2)
    const calls: [() => esp_err_t, RegExp][] = [
      [() => esp_async_memcpy(NULL, to, from, 64, NULL, NULL), /mcp is NULL/],
      [() => esp_memcpy_blocking(NULL, to, from, 64, -1), /mcp is NULL/],
      [() => esp_async_memcpy(driver, NULL, from, 64, NULL, NULL), /dst is NULL/],
      [() => esp_async_memcpy(driver, to, NULL, 64, NULL, NULL), /src is NULL/],
      [() => esp_async_memcpy(driver, to, from, 0, NULL, NULL), /length 0/],
      [() => esp_async_memcpy(driver, to, from, 65, NULL, NULL), /65 do not fit/],
      [() => esp_memcpy_blocking(driver, to, from, 0, -1), /length 0/],
      [() => esp_memcpy_blocking(driver, to, from, 64, -2), /timeoutMs is -2/],
      [
        () => esp_async_memcpy(ref(driver) as unknown as async_memcpy_handle_t, to, from, 64, NULL, NULL),
        /value of the ref/,
      ],
    ]
    for (const [call, message] of calls) {
      expect(call()).toBe(ESP_ERR_INVALID_ARG)
      expect(lastMessage()).toMatch(message)
    }
    expect(driver.stats.submitted).toBe(0)
    expect(to).toEqual(new Uint8Array(64).fill(1))
  })

  it('answers a full backlog with ESP_ERR_INVALID_STATE, and so an uninstall while copies are in flight', async () => {
    await open('host', { engine })
    const driver = await install({ ...ASYNC_MEMCPY_DEFAULT_CONFIG(), backlog: 2 })
    const to = heap_caps_malloc(64, MALLOC_CAP_DMA)
    const from = heap_caps_malloc(64, MALLOC_CAP_DMA)
    const held = hold(driver)
    const codes = [1, 2, 3, 4].map(() => esp_async_memcpy(driver, to, from, 64, NULL, NULL))
    expect(codes.slice(-2)).toEqual([ESP_ERR_INVALID_STATE, ESP_ERR_INVALID_STATE])
    expect(lastMessage()).toMatch(/backlog/)
    expect(await esp_async_memcpy_uninstall(driver)).toBe(ESP_ERR_INVALID_STATE)
    held.release()
  })

  it('refuses in a callback what would wait, with ESP_ERR_INVALID_STATE', async () => {
    await open('host', { engine })
    const driver = await install()
    const to = heap_caps_malloc(64, MALLOC_CAP_DMA)
    const from = heap_caps_malloc(64, MALLOC_CAP_DMA)
    const semphr = there(xSemaphoreCreateBinary())
    const answers: unknown[] = []
    const code = esp_async_memcpy(
      driver,
      to,
      from,
      64,
      () => {
        answers.push(esp_memcpy_blocking(driver, to, from, 64, -1))
        answers.push(thrownBy(() => xSemaphoreTake(semphr, portMAX_DELAY)) instanceof EspError)
        answers.push(esp_async_memcpy(driver, to, from, 64, NULL, NULL))
        return xSemaphoreGiveFromISR(semphr, NULL) === pdTRUE
      },
      NULL,
    )
    expect(code).toBe(ESP_OK)
    await xSemaphoreTake(semphr, portMAX_DELAY)
    expect(answers).toEqual([ESP_ERR_INVALID_STATE, true, ESP_OK])
  })

  it('answers calls of a driver that is uninstalled with ESP_ERR_INVALID_STATE', async () => {
    await open('host', { engine })
    const mcp = ref<async_memcpy_handle_t>(NULL)
    expect(await esp_async_memcpy_install(ASYNC_MEMCPY_DEFAULT_CONFIG(), mcp)).toBe(ESP_OK)
    expect(await esp_async_memcpy_uninstall(mcp.value)).toBe(ESP_OK)
    expect(await esp_async_memcpy_uninstall(mcp.value)).toBe(ESP_ERR_INVALID_STATE)
    expect(esp_async_memcpy(mcp.value, 2 ** 24, 2 ** 24, 64, NULL, NULL)).toBe(ESP_ERR_INVALID_STATE)
    expect(await esp_async_memcpy_uninstall(NULL)).toBe(ESP_ERR_INVALID_ARG)
  })
})

describe('installing by ESP-IDF’s names', () => {
  it('refuses NULL and a bad configuration, and leaves the handle as it was', async () => {
    await open('host')
    const mcp = ref<async_memcpy_handle_t>(NULL)
    expect(await esp_async_memcpy_install(NULL, mcp)).toBe(ESP_ERR_INVALID_ARG)
    expect(await esp_async_memcpy_install(ASYNC_MEMCPY_DEFAULT_CONFIG(), NULL)).toBe(ESP_ERR_INVALID_ARG)
    expect(await esp_async_memcpy_install({ backlog: 0 }, mcp)).toBe(ESP_ERR_INVALID_ARG)
    expect(await esp_async_memcpy_install({ backlogg: 8 } as object, mcp)).toBe(ESP_ERR_INVALID_ARG)
    expect(lastMessage()).toBe(
      'config has no field "backlogg"; there are backlog, sram_trans_align, psram_trans_align, dma_burst_size, weight, flags',
    )
    expect(mcp.value).toBe(NULL)
  })

  it('gives a new default configuration each time: the document’s, backlog 8', () => {
    const config = ASYNC_MEMCPY_DEFAULT_CONFIG()
    config.backlog = 16
    expect(ASYNC_MEMCPY_DEFAULT_CONFIG()).toEqual({
      backlog: 8,
      sram_trans_align: 0,
      psram_trans_align: 0,
      dma_burst_size: 16,
      weight: 0,
      flags: 0,
    })
  })

  it.each([
    ['esp32s2', esp_async_memcpy_install_cpdma, 'cp-dma', esp_async_memcpy_install_gdma_ahb],
    ['esp32s3', esp_async_memcpy_install_gdma_ahb, 'gdma-ahb', esp_async_memcpy_install_cpdma],
    ['esp32p4', esp_async_memcpy_install_gdma_axi, 'gdma-axi', esp_async_memcpy_install_gdma_lp_ahb],
    ['esp32s31', esp_async_memcpy_install_gdma_lp_ahb, 'gdma-lp-ahb', esp_async_memcpy_install_cpdma],
  ])('%s: on the DMA that the name says, which other chips do not have', async (target, its, backend, another) => {
    await open(target, { engine: 'simulated' })
    const mcp = ref<async_memcpy_handle_t>(NULL)
    expect(await its(ASYNC_MEMCPY_DEFAULT_CONFIG(), mcp)).toBe(ESP_OK)
    expect(mcp.value?.config.backend).toBe(backend)
    expect(await esp_async_memcpy_uninstall(mcp.value)).toBe(ESP_OK)
    expect(await another(ASYNC_MEMCPY_DEFAULT_CONFIG(), mcp)).toBe(ESP_ERR_NOT_SUPPORTED)
  })

  it('has as many drivers as the chip has channels, and no more', async () => {
    await open('esp32c2', { engine: 'simulated' })
    await install()
    expect(await esp_async_memcpy_install(ASYNC_MEMCPY_DEFAULT_CONFIG(), ref<async_memcpy_handle_t>(NULL))).toBe(
      ESP_ERR_NOT_FOUND,
    )
  })

  it('esp32s2: PSRAM is refused; esp32s3: it is copied, aligned as it must be', async () => {
    await open('esp32s2', { engine: 'simulated', psram: 2 * MIB })
    const cpdma = await install()
    const psram = heap_caps_malloc(128, MALLOC_CAP_SPIRAM)
    const sram = heap_caps_malloc(128, MALLOC_CAP_DMA)
    expect(esp_async_memcpy(cpdma, sram, psram, 128, NULL, NULL)).toBe(ESP_ERR_INVALID_ARG)
    expect(lastMessage()).toMatch(/PSRAM/i)

    await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const gdma = await install({ ...ASYNC_MEMCPY_DEFAULT_CONFIG(), psram_trans_align: 32 })
    const from = fillByPlace(there(heap_caps_malloc(128, MALLOC_CAP_DMA)))
    const to = there(heap_caps_malloc(128, MALLOC_CAP_SPIRAM))
    expect(esp_memcpy_blocking(gdma, to, from, 128, -1)).toBe(ESP_OK)
    expect(to).toEqual(from)
    expect(esp_memcpy_blocking(gdma, to, from, 33, -1)).toBe(ESP_ERR_INVALID_ARG)
  })

  it('makes an event of finished copies where there is a matrix, and of nothing else', async () => {
    await open('esp32c6', { engine: 'simulated' })
    const driver = await install()
    const event = ref<ReturnType<typeof driver.newEtmEvent>>(NULL)
    expect(esp_async_memcpy_new_etm_event(driver, ASYNC_MEMCPY_ETM_EVENT_COPY_DONE, event)).toBe(ESP_OK)
    expect(event.value?.name).toMatch(/copy-done/)
    expect(esp_async_memcpy_new_etm_event(driver, 1, event)).toBe(ESP_ERR_NOT_SUPPORTED)
    expect(esp_async_memcpy_new_etm_event(driver, 0, NULL)).toBe(ESP_ERR_INVALID_ARG)
    expect(esp_async_memcpy_new_etm_event(NULL, 0, event)).toBe(ESP_ERR_INVALID_ARG)
    event.value?.delete()

    await open('esp32s3', { engine: 'simulated' })
    expect(esp_async_memcpy_new_etm_event(await install(), 0, event)).toBe(ESP_ERR_NOT_SUPPORTED)
  })
})

describe('codes', () => {
  it('have ESP-IDF’s values and names', () => {
    const codes = [ESP_OK, ESP_FAIL, ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_STATE, ESP_ERR_NOT_FOUND, ESP_ERR_TIMEOUT]
    expect(codes).toEqual([0, -1, 0x102, 0x103, 0x105, 0x107])
    expect(codes.map(esp_err_to_name)).toEqual([
      'ESP_OK',
      'ESP_FAIL',
      'ESP_ERR_INVALID_ARG',
      'ESP_ERR_INVALID_STATE',
      'ESP_ERR_NOT_FOUND',
      'ESP_ERR_TIMEOUT',
    ])
    expect(esp_err_to_name(0x7777)).toBe('UNKNOWN ERROR')
  })

  it('ESP_ERROR_CHECK lets ESP_OK pass, and throws the code with the reason', () => {
    ESP_ERROR_CHECK(ESP_OK)
    const code = esp_async_memcpy(NULL, NULL, NULL, 0, NULL, NULL)
    const error = thrownBy(() => {
      ESP_ERROR_CHECK(code)
    }) as EspError
    expect(error.code).toBe(ESP_ERR_INVALID_ARG)
    expect(error.message).toBe(
      'ESP_ERROR_CHECK failed: esp_err_t 0x102 (ESP_ERR_INVALID_ARG): mcp is NULL, no such handle',
    )
    expect(ESP_ERROR_CHECK_WITHOUT_ABORT(ESP_OK)).toBe(ESP_OK)
  })

  it('what is no EspError is no code either: a bug is thrown', async () => {
    await open('host')
    const driver = await install()
    const bug = new TypeError('a bug')
    const config = {
      get backlog(): number {
        throw bug
      },
    }
    await expect(esp_async_memcpy_install(config, ref<async_memcpy_handle_t>(NULL))).rejects.toBe(bug)
    expect(driver.stats.submitted).toBe(0)
  })
})
