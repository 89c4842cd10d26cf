/** `freertos/semphr.h`, by tasks and from interrupts. */
import { describe, expect, it } from 'vitest'

import {
  NULL,
  pdFALSE,
  pdMS_TO_TICKS,
  pdTICKS_TO_MS,
  pdTRUE,
  portMAX_DELAY,
  ref,
  takeBlocking,
  uxSemaphoreGetCount,
  vSemaphoreDelete,
  vTaskDelay,
  xSemaphoreCreateBinary,
  xSemaphoreCreateCounting,
  xSemaphoreCreateMutex,
  xSemaphoreGive,
  xSemaphoreGiveFromISR,
  xSemaphoreTake,
  xSemaphoreTakeFromISR,
} from '../../src/idf/esp-idf.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES } from '../support/world.ts'

import { open, there, useChips } from './chips.ts'

useChips()

describe.each(ENGINES)('freertos/semphr.h, engine %s', (engine) => {
  it('binary: empty at first, one token at most', async () => {
    await open('host', { engine })
    const semphr = there(xSemaphoreCreateBinary())
    expect(await xSemaphoreTake(semphr, 0)).toBe(pdFALSE)
    expect(xSemaphoreGive(semphr)).toBe(pdTRUE)
    expect(xSemaphoreGive(semphr)).toBe(pdFALSE)
    expect(xSemaphoreGiveFromISR(semphr, NULL)).toBe(pdFALSE)
    expect(uxSemaphoreGetCount(semphr)).toBe(1)
    expect(await xSemaphoreTake(semphr, portMAX_DELAY)).toBe(pdTRUE)
    expect(xSemaphoreTakeFromISR(semphr)).toBe(pdFALSE)
  })

  it('counting: so many tokens; a mutex has one at first', async () => {
    await open('host', { engine })
    const counting = there(xSemaphoreCreateCounting(3, 2))
    expect(xSemaphoreTakeFromISR(counting, ref(pdFALSE))).toBe(pdTRUE)
    expect([xSemaphoreGive(counting), xSemaphoreGive(counting), xSemaphoreGive(counting)]).toEqual([1, 1, 0])
    expect(uxSemaphoreGetCount(counting)).toBe(3)
    expect(xSemaphoreCreateCounting(1, 2)).toBe(NULL)
    const mutex = there(xSemaphoreCreateMutex())
    expect(takeBlocking(mutex, portMAX_DELAY)).toBe(pdTRUE)
    expect(takeBlocking(mutex, 0)).toBe(pdFALSE)
  })

  it('says that a give woke somebody, and leaves it said', async () => {
    await open('host', { engine })
    const semphr = there(xSemaphoreCreateBinary())
    const woken = ref(pdFALSE)
    xSemaphoreGiveFromISR(semphr, woken)
    expect(woken.value).toBe(pdFALSE)
    await xSemaphoreTake(semphr, 0)
    const taken = xSemaphoreTake(semphr, portMAX_DELAY)
    expect(xSemaphoreGiveFromISR(semphr, woken)).toBe(pdTRUE)
    expect(woken.value).toBe(pdTRUE)
    expect(await taken).toBe(pdTRUE)
    xSemaphoreGiveFromISR(semphr, woken)
    expect(woken.value).toBe(pdTRUE)
  })

  it('gives up when the time is up, awaited and blocking; a delay lasts as long', async () => {
    const soc = await open('host', { engine })
    const semphr = there(xSemaphoreCreateBinary())
    const start = soc.now()
    expect(await xSemaphoreTake(semphr, pdMS_TO_TICKS(20))).toBe(pdFALSE)
    expect(takeBlocking(semphr, pdMS_TO_TICKS(20))).toBe(pdFALSE)
    await vTaskDelay(pdMS_TO_TICKS(20))
    const lasted = soc.now() - start
    expect(lasted).toBeGreaterThanOrEqual(60)
    if (engine === 'simulated') expect(lasted).toBe(60)
  })

  it('is known by its number to those who are given one; NULL and the deleted are refused', async () => {
    await open('host', { engine })
    const semphr = there(xSemaphoreCreateBinary())
    expect(xSemaphoreGive(semphr.handle)).toBe(pdTRUE)
    expect(await xSemaphoreTake(semphr.handle, 0)).toBe(pdTRUE)
    const waiting = rejectionOf(xSemaphoreTake(semphr, portMAX_DELAY))
    vSemaphoreDelete(semphr)
    expectEspError(await waiting, 'ESP_ERR_INVALID_STATE')
    expectEspError(
      thrownBy(() => xSemaphoreGive(NULL)),
      'ESP_ERR_INVALID_ARG',
    )
    expectEspError(
      thrownBy(() => xSemaphoreGive(semphr)),
      'ESP_ERR_INVALID_STATE',
    )
  })
})

it('ticks are ESP-IDF’s: 100 a second, less than one is none', () => {
  expect([0, 9, 10, 25, 1000].map(pdMS_TO_TICKS)).toEqual([0, 0, 1, 2, 100])
  expect(pdTICKS_TO_MS(7)).toBe(70)
})
