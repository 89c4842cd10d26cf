/** What a refusal must look like. */
import { expect } from 'vitest'

import { EspError, ESP_ERROR_CODES, type EspErrorName } from '../../src/index.ts'

/** Expects an EspError of a name whose message contains everything that it should tell. */
export function expectEspError(error: unknown, name: EspErrorName, ...tells: (string | number | RegExp)[]): void {
  expect(error).toBeInstanceOf(EspError)
  const { name: given, code, message } = error as EspError
  expect({ name: given, code, message }).toMatchObject({ name, code: ESP_ERROR_CODES[name] })
  for (const tell of tells) {
    if (tell instanceof RegExp) expect(message).toMatch(tell)
    else expect(message).toContain(String(tell))
  }
}

/** What a call throws; fails if it returns. */
export function thrownBy(call: () => unknown): unknown {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return error
  }
  throw new Error(`expected an error, but the call returned ${String(result)}`)
}

/** What a call throws, or that it returned: for calls from where nobody would see a failure. */
export function outcomeOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return 'returned'
}

/** What a promise rejects with; fails if it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await promise
  } catch (error) {
    return error
  }
  throw new Error(`expected a rejection, but the promise resolved to ${String(result)}`)
}

/** Errors that nobody caught, while `run` runs: taken from the process instead of the test runner. */
export async function uncaughtDuring(run: () => Promise<void>): Promise<unknown[]> {
  const caught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => caught.push(error))
  try {
    await run()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  return caught
}
