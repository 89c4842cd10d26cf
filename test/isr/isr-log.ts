/** What resident callbacks of fixtures/callbacks.js write into shared memory. */
import { expect } from 'vitest'

import type { AsyncMemcpy, ResidentCallbacks } from '../../src/index.ts'
import { until, type World } from '../support/world.ts'

import type * as callbacks from './fixtures/callbacks.js'

export const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url)

/** Loads the callbacks. */
export function loadCallbacks(driver: AsyncMemcpy): Promise<ResidentCallbacks<typeof callbacks>> {
  return driver.loadIsr<typeof callbacks>(fixture('callbacks.js'), {
    onError: (error) => expect.unreachable(String(error)),
  })
}

/** One call of `record`. */
export interface IsrEntry {
  readonly sequence: number
  readonly status: number
  readonly bytes: number
  readonly inIsr: boolean
  /** Copies that were known to be over when it was called. */
  readonly over: number
}

const WORDS = 5

type Memory = Pick<World, 'soc' | 'alloc'>

/** A log in the Soc's memory. */
export class IsrLog {
  readonly #length: Int32Array
  readonly #entries: Float64Array
  /** What `record` is given. */
  readonly address: number

  constructor(world: Memory, most: number) {
    const bytes = world.alloc(8 * (1 + most * WORDS))
    this.address = world.soc.addressOf(bytes)
    this.#length = new Int32Array(bytes.buffer, bytes.byteOffset, 1)
    this.#entries = new Float64Array(bytes.buffer, bytes.byteOffset + 8, most * WORDS)
  }

  get length(): number {
    return Atomics.load(this.#length, 0)
  }

  get entries(): readonly IsrEntry[] {
    return Array.from({ length: this.length }, (_, i) => {
      const [sequence = -1, status = 0, bytes = 0, inIsr = 0, over = 0] = this.#entries.subarray(i * WORDS)
      return { sequence, status, bytes, inIsr: inIsr === 1, over }
    })
  }

  get sequences(): readonly number[] {
    return this.entries.map(({ sequence }) => sequence)
  }

  async until(length: number): Promise<void> {
    await until(() => this.length >= length, `${length} calls of a resident callback`)
  }
}

/** Some words in the Soc's memory. */
export class Words {
  readonly address: number
  readonly #words: Int32Array

  constructor(world: Memory, ...values: readonly number[]) {
    const bytes = world.alloc(values.length * 4)
    this.address = world.soc.addressOf(bytes)
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, values.length)
    this.#words.set(values)
  }

  get(index: number): number {
    return Atomics.load(this.#words, index)
  }

  set(index: number, value: number): void {
    Atomics.store(this.#words, index, value)
    Atomics.notify(this.#words, index)
  }
}
