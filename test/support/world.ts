/**
 * A Soc for the tests of one suite, the drivers and the memory that one test uses, and what must hold after each of them
 * whatever it did: the counts add up, everything can be uninstalled, and no memory is left behind.
 */
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig, type EngineKind, type SocOptions } from '../../src/index.ts'
import { platform } from '../../src/platform/current.ts'

import { Arena } from './bytes.ts'
import { hold, type Held } from './hold.ts'

/** Both engines keep the same rules. */
export const ENGINES: readonly EngineKind[] = ['threads', 'simulated']

/** Fails a test that would otherwise look for ever. */
const PATIENCE_MS = 20_000

/** What one suite works on. */
export class World {
  readonly engine: EngineKind
  #soc: Soc | undefined
  readonly #drivers = new Set<AsyncMemcpy>()
  readonly #arenas: Arena[] = []
  readonly #blocks: Uint8Array[] = []
  readonly #held = new Set<Held>()

  constructor(engine: EngineKind) {
    this.engine = engine
  }

  get soc(): Soc {
    if (this.#soc === undefined) throw new Error('the world is opened in beforeAll')
    return this.#soc
  }

  async open(options: SocOptions): Promise<void> {
    this.#soc = await Soc.open('host', { engine: this.engine, ...options })
  }

  async close(): Promise<void> {
    await this.soc.close()
  }

  /** A driver that is drained and uninstalled when the test is over. */
  async install(config: AsyncMemcpyConfig = {}, firstSequence = 0): Promise<AsyncMemcpy> {
    const driver = await AsyncMemcpy.installAt(config, this.soc, firstSequence)
    this.#drivers.add(driver)
    return driver
  }

  /** Watched memory that is freed when the test is over. */
  arena(length: number, seed = 1): Arena {
    const arena = new Arena(this.soc, length, seed)
    this.#arenas.push(arena)
    return arena
  }

  /** Memory full of zeros that is freed when the test is over. */
  alloc(length: number): Uint8Array<SharedArrayBuffer> {
    const block = this.soc.heap.alloc(length).fill(0)
    this.#blocks.push(block)
    return block
  }

  /** Holds the channel of an idle driver until it is released, at the latest when the test is over. */
  hold(driver: AsyncMemcpy): Held {
    const held = hold(driver)
    this.#held.add(held)
    return {
      start: held.start,
      release: () => {
        if (this.#held.delete(held)) held.release()
      },
    }
  }

  /** After each test. */
  async tidyUp(): Promise<void> {
    for (const held of this.#held) held.release()
    this.#held.clear()
    for (const driver of this.#drivers) {
      if (isUninstalled(driver)) continue
      await untilIdle(driver)
      expectExactStats(driver)
      await driver.uninstall({ drain: true })
    }
    this.#drivers.clear()
    for (const arena of this.#arenas.splice(0)) arena.free()
    for (const block of this.#blocks.splice(0)) this.soc.heap.free(block)
    expect(this.soc.heap.stats()).toMatchObject({ blocks: 0, used: 0 })
  }
}

/** A world for the suite in whose `describe` this is called. */
export function useWorld(engine: EngineKind, options: SocOptions = {}): World {
  const world = new World(engine)
  beforeAll(() => world.open(options))
  afterEach(() => world.tidyUp())
  afterAll(() => world.close())
  return world
}

/** Whether a driver says that it is gone. */
export function isUninstalled(driver: AsyncMemcpy): boolean {
  try {
    return driver.stats.submitted < 0
  } catch {
    return true
  }
}

/** Every accepted copy is over in exactly one way, or in flight. */
export function expectExactStats(driver: AsyncMemcpy): void {
  const { submitted, completed, failed, withdrawn, inFlight } = driver.stats
  expect(completed + failed + withdrawn + inFlight).toBe(submitted)
}

/** Resolves when nothing is in flight and nothing waits for a slot; callbacks may still be to come. */
export async function untilIdle(driver: AsyncMemcpy): Promise<void> {
  await until(() => driver.stats.inFlight === 0 && driver.stats.waiting === 0, 'nothing in flight')
}

/** Threads engine: blocks until every copy is carried out, so that the event loop has not heard of any of them yet. */
export function blockUntilCarriedOut(driver: AsyncMemcpy): void {
  const end = platform.now() + PATIENCE_MS
  while (driver.stats.inFlight > 0) {
    if (platform.now() > end) throw new Error('copies are still in flight')
  }
}

/** Resolves when a condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = platform.now() + PATIENCE_MS
  while (!condition()) {
    if (platform.now() > end) throw new Error(`waited in vain: ${what}`)
    await turn()
  }
}

/** The next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Lets everything happen that only waits for the code that runs now to end, but gives the event loop no turn. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** Whether a promise is pending, and with what it settled. */
export interface Watched<T> {
  state: 'pending' | 'resolved' | 'rejected'
  value: T | undefined
  reason: unknown
}

/** Watches a promise without waiting for it. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending', value: undefined, reason: undefined }
  promise.then(
    (value) => {
      watched.state = 'resolved'
      watched.value = value
    },
    (reason: unknown) => {
      watched.state = 'rejected'
      watched.reason = reason
    },
  )
  return watched
}
