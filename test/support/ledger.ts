/** A book of copies: what became of each, and how often it was told. */
import { expect } from 'vitest'

import { EspError, type AsyncMemcpy, type CopyCallback, type CopyEvent, type Memory } from '../../src/index.ts'

import { turn, until, untilIdle } from './world.ts'

/** `done`, `failed`, or the name of the error that a promise was rejected with. */
export type Outcome = 'done' | 'failed' | (string & {})

interface Page {
  readonly told: Outcome[]
  readonly event: CopyEvent[]
}

/** Copies and their outcomes, in the order of submission. */
export class Ledger {
  readonly #driver: AsyncMemcpy
  readonly #pages: Page[] = []
  #posted = 0

  constructor(driver: AsyncMemcpy) {
    this.#driver = driver
  }

  /** A copy with a callback. */
  call(dst: Memory, src: Memory, length: number): void {
    const page = this.#open()
    const callback: CopyCallback = (_driver, event) => {
      page.told.push(event.status === 0 && event.bytes === length ? 'done' : 'failed')
      page.event.push(event)
    }
    this.#driver.memcpy(dst, src, length, callback)
  }

  /** A copy with a promise. */
  promise(dst: Memory, src: Memory, length: number, signal?: AbortSignal): void {
    const page = this.#open()
    this.#driver.copy(dst, src, { length, ...(signal === undefined ? {} : { signal }) }).then(
      (event) => {
        page.told.push('done')
        page.event.push(event)
      },
      (error: unknown) => {
        const failed = error instanceof EspError && error.name === 'ESP_FAIL' && error.code === -1
        page.told.push(failed ? 'failed' : error instanceof Error ? error.name : String(error))
      },
    )
  }

  /** A copy that nobody listens for. */
  post(dst: Memory, src: Memory, length: number): void {
    this.#driver.memcpy(dst, src, length)
    this.#posted++
  }

  /** What was told of each copy that somebody listens for, in the order of submission. */
  get outcomes(): readonly Outcome[] {
    return this.#pages.map(({ told }) => told.join(' and '))
  }

  /** Events that callbacks and promises were given, in the order of submission. */
  get events(): readonly CopyEvent[] {
    return this.#pages.flatMap(({ event }) => event)
  }

  /** How many have an outcome. */
  count(outcome: Outcome): number {
    return this.outcomes.filter((other) => other === outcome).length
  }

  /** Resolves when every copy has been told of; fails if that takes too long. */
  async settled(): Promise<void> {
    await until(
      () => this.#pages.every(({ told }) => told.length > 0),
      `an outcome for each: ${this.outcomes.join(', ')}`,
    )
    // What would be told twice is told by now.
    await untilIdle(this.#driver)
    await turn()
  }

  /** Every copy was told of once, and what was told agrees with the driver's counts. */
  expectBalance(): void {
    for (const { told } of this.#pages) expect(told).toHaveLength(1)
    const { submitted, completed, failed, withdrawn, inFlight, waiting } = this.#driver.stats
    expect({ inFlight, waiting, sum: completed + failed + withdrawn }).toEqual({
      inFlight: 0,
      waiting: 0,
      sum: submitted,
    })
    if (this.#posted > 0) return
    expect({ completed, failed }).toEqual({ completed: this.count('done'), failed: this.count('failed') })
  }

  #open(): Page {
    const page: Page = { told: [], event: [] }
    this.#pages.push(page)
    return page
  }
}
