/** What a runtime says of the conformance script. */
import { expect } from 'vitest'

import { ALL_REQUIRED } from '../../../scripts/runtimes.js'

/** See conformance.js. */
export interface Report {
  readonly passed: readonly string[]
  readonly failed: readonly { readonly name: string; readonly message: string }[]
  readonly facts: Readonly<Record<string, unknown>>
}

/** Checks that must have run, so that a script that does nothing does not pass. */
const FEWEST_CHECKS = 16

/** Everything held, on the engine that the runtime should have. */
export function expectConformance({ passed, failed, facts }: Report, engine: 'threads' | 'simulated'): void {
  expect(failed.map(({ name, message }) => `${name}: ${message}`)).toEqual([])
  expect(passed.length).toBeGreaterThanOrEqual(FEWEST_CHECKS)
  expect(facts['engine']).toBe(engine)
}

/** Whether tests in a runtime that is not there are to be left out. Says so, or is false where everything must be there. */
export function isLeftOut(name: string, program: string | undefined): boolean {
  if (program !== undefined || ALL_REQUIRED) return false
  console.warn(`${name} is not installed, its tests are left out (npm run test:all installs it)`)
  return true
}

/** What a page's console says although nothing is wrong: the script leaves a promise behind on purpose, and Vite greets. */
const EXPECTED = /nobody waits for this|a promise that resident callbacks left behind|^debug: \[vite\]/

/** What a page's console should not have said. */
export function complaints(console: readonly string[]): readonly string[] {
  return console.filter((line) => !EXPECTED.test(line))
}
