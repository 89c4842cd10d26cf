/** `freertos/semphr.h`, and as much of `freertos/FreeRTOS.h` and `freertos/task.h` as goes with it. */
import { Semaphore } from '../rtos/semaphore.ts'

import { chip } from './chip.ts'
import { orReason } from './err.ts'
import { badArgument, told } from './given.ts'
import { isInInterrupt, refuseInInterrupt } from './isr.ts'
import type { Ref } from './ref.ts'

/** `BaseType_t`. */
export type BaseType_t = number
/** `UBaseType_t`. */
export type UBaseType_t = number
/** `TickType_t`: ticks of the scheduler. */
export type TickType_t = number
/** `SemaphoreHandle_t`: a semaphore; or the number by which a resident callback is given one; or NULL. */
export type SemaphoreHandle_t = Semaphore | number | null

/** Yes. */
export const pdTRUE: BaseType_t = 1
/** No. */
export const pdFALSE: BaseType_t = 0
/** It worked. */
export const pdPASS: BaseType_t = 1
/** It did not. */
export const pdFAIL: BaseType_t = 0
/** For ever. */
export const portMAX_DELAY: TickType_t = 0xffffffff
/** Ticks a second, ESP-IDF's default (`CONFIG_FREERTOS_HZ`). */
export const configTICK_RATE_HZ = 100
/** Milliseconds of a tick. */
export const portTICK_PERIOD_MS: number = 1000 / configTICK_RATE_HZ

/** `pdMS_TO_TICKS`: whole ticks in so many milliseconds. Less than a tick is none, as in C. */
export function pdMS_TO_TICKS(milliseconds: number): TickType_t {
  return Math.floor((milliseconds * configTICK_RATE_HZ) / 1000)
}

/** `pdTICKS_TO_MS`: milliseconds of so many ticks. */
export function pdTICKS_TO_MS(ticks: TickType_t): number {
  return ticks * portTICK_PERIOD_MS
}

/** `xPortInIsrContext` of `freertos/FreeRTOS.h`: `pdTRUE` in a callback. */
export function xPortInIsrContext(): BaseType_t {
  return isInInterrupt() ? pdTRUE : pdFALSE
}

/**
 * `xSemaphoreCreateBinary` of `freertos/semphr.h`. It starts empty.
 *
 * @returns The semaphore; NULL when there is no memory for it.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function xSemaphoreCreateBinary(): Semaphore | null {
  return create(1, 0)
}

/**
 * `xSemaphoreCreateCounting` of `freertos/semphr.h`.
 *
 * @param uxMaxCount - Most tokens.
 * @param uxInitialCount - Tokens at first.
 * @returns The semaphore; NULL when there is no memory for it, or a number is not allowed.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function xSemaphoreCreateCounting(uxMaxCount: UBaseType_t, uxInitialCount: UBaseType_t): Semaphore | null {
  return create(uxMaxCount, uxInitialCount)
}

/**
 * `xSemaphoreCreateMutex` of `freertos/semphr.h`: one token, which is there at first. Priorities are not inherited, as threads
 * here have none.
 *
 * @returns The mutex; NULL when there is no memory for it.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function xSemaphoreCreateMutex(): Semaphore | null {
  return create(1, 1)
}

function create(limit: number, initial: number): Semaphore | null {
  const soc = chip()
  return orReason(() => Semaphore.createCounting(soc, { limit, initial })) ?? null
}

/**
 * `vSemaphoreDelete` of `freertos/semphr.h`.
 *
 * @param xSemaphore - Which.
 * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted already, or an event task gives it.
 */
export function vSemaphoreDelete(xSemaphore: SemaphoreHandle_t): void {
  semaphoreOf(xSemaphore).delete()
}

/**
 * `xSemaphoreTake` of `freertos/semphr.h`, to be awaited: the calling task waits, and the event loop goes on, so that
 * callbacks of copies are called meanwhile. {@link takeBlocking} blocks the thread instead.
 *
 * @param xSemaphore - Which.
 * @param xTicksToWait - Longest time to wait; `portMAX_DELAY` for ever.
 * @returns `pdTRUE` with a token, `pdFALSE` if there was none in time.
 * @throws EspError `ESP_ERR_INVALID_STATE` in a callback, thrown at once: the chip would abort. As a rejection if the semaphore
 * is deleted.
 */
export function xSemaphoreTake(xSemaphore: SemaphoreHandle_t, xTicksToWait: TickType_t): Promise<BaseType_t> {
  refuseInInterrupt('xSemaphoreTake', 'use xSemaphoreTakeFromISR')
  const semaphore = semaphoreOf(xSemaphore)
  return semaphore.takeAsync({ timeoutMs: msOf(xTicksToWait) }).then(baseType)
}

/**
 * `xSemaphoreTake` that blocks the thread, for threads that may: not a browser's main one, and not one that waits for its own
 * deferred callbacks, which could never be called. In virtual time it moves the clock.
 *
 * @param xSemaphore - Which.
 * @param xTicksToWait - Longest time to wait; `portMAX_DELAY` for ever.
 * @returns `pdTRUE` with a token, `pdFALSE` if there was none in time.
 * @throws EspError `ESP_ERR_INVALID_STATE` where blocking is not allowed, and as `Semaphore.take`.
 */
export function takeBlocking(xSemaphore: SemaphoreHandle_t, xTicksToWait: TickType_t): BaseType_t {
  refuseInInterrupt('takeBlocking', 'use xSemaphoreTakeFromISR')
  return baseType(semaphoreOf(xSemaphore).take(msOf(xTicksToWait)))
}

/**
 * `xSemaphoreTakeFromISR` of `freertos/semphr.h`: never waits.
 *
 * @param xSemaphore - Which.
 * @param pxHigherPriorityTaskWoken - Left as it is: taking wakes nobody. May be NULL.
 * @returns `pdTRUE` with a token.
 */
export function xSemaphoreTakeFromISR(
  xSemaphore: SemaphoreHandle_t,
  pxHigherPriorityTaskWoken?: Ref<BaseType_t> | null,
): BaseType_t
/** What it does. */
export function xSemaphoreTakeFromISR(xSemaphore: SemaphoreHandle_t): BaseType_t {
  return baseType(semaphoreOf(xSemaphore).take(0))
}

/**
 * `xSemaphoreGive` of `freertos/semphr.h`.
 *
 * @param xSemaphore - Which.
 * @returns `pdTRUE`, or `pdFALSE` if it has as many tokens as it can have.
 */
export function xSemaphoreGive(xSemaphore: SemaphoreHandle_t): BaseType_t {
  return baseType(semaphoreOf(xSemaphore).give())
}

/**
 * `xSemaphoreGiveFromISR` of `freertos/semphr.h`.
 *
 * @param xSemaphore - Which.
 * @param pxHigherPriorityTaskWoken - Set to `pdTRUE` if it woke somebody, else left as it is. May be NULL.
 * @returns `pdTRUE`, or `pdFALSE` (`errQUEUE_FULL`) if it has as many tokens as it can have.
 */
export function xSemaphoreGiveFromISR(
  xSemaphore: SemaphoreHandle_t,
  pxHigherPriorityTaskWoken: Ref<BaseType_t> | null,
): BaseType_t {
  const { given, woke } = semaphoreOf(xSemaphore).giveAndTell()
  if (woke && pxHigherPriorityTaskWoken !== null) pxHigherPriorityTaskWoken.value = pdTRUE
  return baseType(given)
}

/**
 * `uxSemaphoreGetCount` of `freertos/semphr.h`.
 *
 * @param xSemaphore - Which.
 * @returns Tokens that nobody has taken.
 */
export function uxSemaphoreGetCount(xSemaphore: SemaphoreHandle_t): UBaseType_t {
  return semaphoreOf(xSemaphore).count
}

/**
 * `vTaskDelay` of `freertos/task.h`, to be awaited: time passes, virtual time in the simulated engine.
 *
 * @param xTicksToDelay - How long.
 * @throws EspError `ESP_ERR_INVALID_STATE` in a callback, thrown at once: the chip would abort.
 */
export function vTaskDelay(xTicksToDelay: TickType_t): Promise<void> {
  refuseInInterrupt('vTaskDelay', 'an interrupt cannot wait')
  const nobodyGives = Semaphore.createBinary(chip())
  return nobodyGives.takeAsync({ timeoutMs: msOf(xTicksToDelay) }).then(() => {
    nobodyGives.delete()
  })
}

const baseType = (yes: boolean): BaseType_t => (yes ? pdTRUE : pdFALSE)

const msOf = (ticks: TickType_t): number => (ticks === portMAX_DELAY ? Infinity : pdTICKS_TO_MS(ticks))

/** The semaphore of a handle. C asserts that there is one. */
function semaphoreOf(handle: SemaphoreHandle_t): Semaphore {
  if (handle instanceof Semaphore) return handle
  if (typeof handle === 'number') return Semaphore.attach(chip(), handle)
  throw badArgument(`xSemaphore is ${told(handle)}: the chip would abort here`)
}
