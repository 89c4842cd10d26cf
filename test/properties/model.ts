/**
 * A driver and what it should do: every accepted copy is a memmove, one after another in the order of their sequences.
 *
 * The model needs no knowledge of when something happens. It learns the sequence of a copy that was accepted at once from
 * its thread's client block, of one that waited in the line from its event, and of one that a resident callback submitted
 * from the next callback's log. What is left over are copies that were called off, and those had waited in a known order.
 */
import { expect, vi } from 'vitest'

import {
  AsyncMemcpy,
  type AsyncMemcpyConfig,
  type CopyEvent,
  type ResidentCallback,
  type Soc,
} from '../../src/index.ts'
import { CLIENT_SEQUENCE } from '../../src/microcode/layout.ts'
import { loadCallbacks } from '../isr/isr-log.ts'
import { Arena } from '../support/bytes.ts'
import { expectEspError } from '../support/errors.ts'
import { microtasks, until } from '../support/world.ts'

/** From where to where in the arena. */
export interface Range {
  readonly dst: number
  readonly src: number
  readonly length: number
}

/** What a driver is installed with, and how many bytes its copies work on. */
export interface Plan {
  readonly config: AsyncMemcpyConfig
  readonly firstSequence: number
  readonly size: number
  /** Whether it has resident callbacks. */
  readonly resident: boolean
}

/** What a callback does beside taking note. */
export interface Then {
  readonly next: Range | undefined
  readonly yields: boolean
}

type Fate = 'unknown' | 'carried out' | 'withdrawn' | 'left the line'

/** One call that was not refused. */
interface Accepted extends Range {
  sequence: number | undefined
  fate: Fate
}

/** Doubles of an entry of the resident callbacks' log: the copy's sequence, its script, the steps made before. */
const LOG_ENTRY = 3
/** Calls that a program may make between two looks at the log. */
const LOG_ENTRIES = 1000

/** What a resident callback follows, see fixtures/callbacks.js. */
interface Script {
  readonly memory: Uint8Array
  readonly steps: readonly Range[]
}

/** Zones that no copy may touch, before and behind what the copies of a program work on. */
const GUARD = 256

/** A driver with its arena. */
export class Modelled {
  readonly #soc: Soc
  readonly #plan: Plan
  readonly #arena: Arena
  #driver: AsyncMemcpy | undefined
  #client = 0
  #follow: ResidentCallback | undefined
  readonly #log: Uint8Array<SharedArrayBuffer>
  readonly #scripts = new Map<number, Script>()
  #interrupts = 0
  #draining: Promise<void> | undefined
  #closing = false
  #copies: Accepted[] = []
  #calledBack: number[] = []
  readonly #laterChecks: Promise<void>[] = []
  readonly #errors: unknown[] = []

  constructor(soc: Soc, plan: Plan) {
    this.#soc = soc
    this.#plan = plan
    this.#arena = new Arena(soc, plan.size + 2 * GUARD, plan.size)
    this.#log = soc.heap.alloc(8 * (1 + LOG_ENTRIES * LOG_ENTRY)).fill(0)
  }

  /** Installs the driver, if there is none. */
  async install(): Promise<void> {
    if (this.#draining !== undefined) await this.#untilDrained()
    if (this.#driver !== undefined) return
    const alloc = vi.spyOn(this.#soc.control, 'alloc')
    const driver = await AsyncMemcpy.installAt(this.#plan.config, this.#soc, this.#plan.firstSequence)
    this.#client = alloc.mock.results.at(-1)?.value as number
    alloc.mockRestore()
    this.#follow = this.#plan.resident ? (await loadCallbacks(driver)).follow : undefined
    this.#interrupts = 0
    this.#driver = driver
  }

  /** `memcpy`, with a callback or without. */
  memcpy(range: Range, then: Then | undefined): void {
    this.#attempt((driver) => {
      const { dst, src } = this.#addresses(range)
      // Without a callback nobody tells; that it is carried out is seen when nothing is in flight.
      const copy: Accepted = { ...range, sequence: undefined, fate: then === undefined ? 'carried out' : 'unknown' }
      if (then === undefined) driver.memcpy(dst, src, range.length)
      else driver.memcpy(dst, src, range.length, (handle, event) => this.#callback(handle, event, copy, then))
      copy.sequence = this.#lastSequence
      this.#copies.push(copy)
    })
  }

  /** `memcpy` with a resident callback, which submits further copies one after another. Without any, it is a plain copy. */
  memcpyWithInterrupt(range: Range, steps: readonly Range[], wakes: boolean): void {
    const follow = this.#follow
    if (follow === undefined) {
      this.memcpy(range, undefined)
      return
    }
    const words = [0, steps.length, this.#soc.addressOf(this.#log), Number(wakes)]
    for (const step of steps) {
      const { dst, src } = this.#addresses(step)
      words.push(dst, src, step.length)
    }
    const memory = this.#soc.heap.alloc(words.length * 4)
    new Int32Array(memory.buffer, memory.byteOffset, words.length).set(words)
    const address = this.#soc.addressOf(memory)
    const accepted = this.#attempt((driver) => {
      const { dst, src } = this.#addresses(range)
      // Once it is accepted, and no sooner, somebody else may read this.
      this.#scripts.set(address, { memory, steps: [range, ...steps] })
      driver.memcpy(dst, src, range.length, follow, address)
    })
    if (accepted) return
    this.#scripts.delete(address)
    this.#soc.heap.free(memory)
  }

  /** `copySync`. */
  copySync(range: Range): void {
    this.#attempt((driver) => {
      const { dst, src } = this.#addresses(range)
      const copy: Accepted = { ...range, sequence: undefined, fate: 'unknown' }
      this.#carriedOut(copy, driver.copySync(dst, src, range.length))
      this.#copies.push(copy)
    })
  }

  /**
   * `copy`.
   *
   * @returns What calls it off.
   */
  copy(range: Range): () => Promise<void> {
    const driver = this.#driver
    if (driver === undefined) return () => Promise.resolve()
    const { dst, src } = this.#addresses(range)
    const copy: Accepted = { ...range, sequence: undefined, fate: 'unknown' }
    const controller = new AbortController()
    const before = this.#lastSequence
    let isOver = false
    const promise = driver.copy(dst, src, { length: range.length, signal: controller.signal }).then(
      (event) => {
        isOver = true
        this.#carriedOut(copy, event)
      },
      (reason: unknown) => {
        isOver = true
        if (this.#draining !== undefined && reason !== 'off') {
          expectEspError(reason, 'ESP_ERR_INVALID_STATE', 'uninstalled')
        } else {
          expect(reason).toBe('off')
          // What is rejected in the turn of the abort is told apart there; this one had started.
          queueMicrotask(() => {
            if (copy.fate === 'unknown') copy.fate = 'carried out'
          })
        }
      },
    )
    this.#laterChecks.push(promise)
    if (this.#draining === undefined) {
      if (this.#lastSequence !== before) copy.sequence = this.#lastSequence
      this.#copies.push(copy)
    }
    return async () => {
      if (isOver || controller.signal.aborted) return
      const before = waitingIn(driver)
      controller.abort('off')
      const left = waitingIn(driver) < before
      // Listeners of the rejection run after this turn of the event loop's code, in the order of joining.
      const fate = left ? 'left the line' : 'withdrawn'
      queueMicrotask(() => {
        if (isOver && copy.fate === 'unknown') copy.fate = fate
      })
      await microtasks()
    }
  }

  /** `uninstall`. Without draining it must be refused if something is in flight, and only then. */
  async uninstall(drain: boolean): Promise<void> {
    const driver = this.#driver
    if (driver === undefined || this.#draining !== undefined) return
    if (drain) {
      this.#draining = driver.uninstall({ drain })
      return
    }
    const { inFlight, waiting } = driver.stats
    this.#closing = true
    try {
      await driver.uninstall()
    } catch (error) {
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'in flight')
      expect(inFlight + waiting).toBeGreaterThan(0)
      return
    } finally {
      this.#closing = false
    }
    expect(waiting).toBe(0)
    this.#driver = undefined
    await this.#check()
  }

  /** Waits for all that was begun, compares, uninstalls, and gives the memory back. */
  async end(): Promise<void> {
    const driver = this.#driver
    if (this.#draining !== undefined) await this.#untilDrained()
    else if (driver !== undefined) {
      const isAtRest = (): boolean =>
        driver.stats.inFlight === 0 &&
        driver.stats.waiting === 0 &&
        this.#copies.every(({ fate }) => fate !== 'unknown')
      await until(() => isAtRest() || this.#errors.length > 0, 'everybody told')
      this.#readLog()
      this.#checkStats(driver)
      await this.#check()
      await driver.uninstall()
    }
    this.#driver = undefined
    this.#arena.free()
    this.#soc.heap.free(this.#log)
  }

  async #untilDrained(): Promise<void> {
    await this.#draining
    await this.#check()
    this.#draining = undefined
    this.#driver = undefined
  }

  #addresses({ dst, src }: Range): { dst: number; src: number } {
    return { dst: this.#arena.address + GUARD + dst, src: this.#arena.address + GUARD + src }
  }

  /** The sequence of the last copy that was accepted from this thread. */
  get #lastSequence(): number {
    return this.#soc.space.doubles[(this.#client + CLIENT_SEQUENCE) >> 3] ?? 0
  }

  /** What resident callbacks have written down. They are at rest. */
  #readLog(): void {
    const { buffer, byteOffset } = this.#log
    const [length = 0] = new Int32Array(buffer, byteOffset, 1)
    const entries = new Float64Array(buffer, byteOffset + 8, length * LOG_ENTRY)
    const called: number[] = []
    for (let i = 0; i < length; i++) {
      const [sequence = 0, address = 0, made = 0] = entries.subarray(i * LOG_ENTRY)
      const range = this.#scripts.get(address)?.steps[made]
      if (range === undefined) throw new Error(`no step ${made} of the script at ${address}`)
      this.#copies.push({ ...range, sequence, fate: 'carried out' })
      called.push(sequence)
    }
    expect(called).toEqual([...called].sort((a, b) => a - b))
    new Int32Array(buffer, byteOffset, 1)[0] = 0
    this.#interrupts += length
    for (const { memory } of this.#scripts.values()) this.#soc.heap.free(memory)
    this.#scripts.clear()
  }

  /**
   * A call that may be refused: by a full ring, or because the driver is going.
   *
   * @returns Whether it was not.
   */
  #attempt(call: (driver: AsyncMemcpy) => void): boolean {
    const driver = this.#driver
    if (driver === undefined) return false
    const isGoing = this.#closing || this.#draining !== undefined
    const inFlight = isGoing ? 0 : driver.stats.inFlight
    let error: unknown
    try {
      call(driver)
    } catch (caught) {
      error = caught
    }
    if (isGoing) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'uninstalled')
    else if (error !== undefined) {
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'backlog is full')
      // If only this thread submits, it was full before, too.
      if (this.#scripts.size === 0) expect(inFlight).toBe(driver.config.backlog)
    }
    return !isGoing && error === undefined
  }

  #callback(handle: AsyncMemcpy, event: CopyEvent, copy: Accepted, { next, yields }: Then): boolean {
    try {
      expect(handle).toBe(this.#driver)
      this.#carriedOut(copy, event)
      this.#calledBack.push(event.sequence)
      if (next !== undefined) this.memcpy(next, { next: undefined, yields })
    } catch (error) {
      this.#errors.push(error)
    }
    return yields
  }

  #carriedOut(copy: Accepted, event: CopyEvent): void {
    expect(event).toMatchObject({ status: 0, bytes: copy.length, sequence: copy.sequence ?? event.sequence })
    expect(event.endTime).toBeGreaterThanOrEqual(event.startTime)
    expect(copy.fate).toBe('unknown')
    copy.sequence = event.sequence
    copy.fate = 'carried out'
  }

  /** Carries out in the model what the driver was to carry out, and compares. */
  async #check(): Promise<void> {
    await Promise.all(this.#laterChecks.splice(0))
    await microtasks()
    for (const error of this.#errors) throw error
    this.#readLog()
    const { firstSequence } = this.#plan
    const copies = this.#copies.filter(({ fate }) => fate !== 'left the line')
    const known = new Set(copies.map(({ sequence }) => sequence))
    let free = firstSequence
    for (const copy of copies) {
      if (copy.sequence !== undefined) continue
      while (known.has(free)) free++
      copy.sequence = free++
    }
    copies.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
    expect(copies.map(({ sequence }) => sequence)).toEqual(copies.map((_, i) => firstSequence + i))
    expect(this.#calledBack).toEqual([...this.#calledBack].sort((a, b) => a - b))
    for (const { fate, dst, src, length } of copies) {
      expect(fate).not.toBe('unknown')
      if (fate === 'carried out') this.#arena.expectCopy(GUARD + dst, GUARD + src, length)
    }
    expect(this.#arena.difference).toBe(-1)
    this.#copies = []
    this.#calledBack = []
  }

  #checkStats(driver: AsyncMemcpy): void {
    const carriedOut = this.#copies.filter(({ fate }) => fate === 'carried out')
    const withdrawn = this.#copies.filter(({ fate }) => fate === 'withdrawn').length
    expect(driver.stats).toMatchObject({
      submitted: carriedOut.length + withdrawn,
      completed: carriedOut.length,
      withdrawn,
      failed: 0,
      inFlight: 0,
      waiting: 0,
      interrupts: this.#interrupts,
      interruptErrors: 0,
      bytes: carriedOut.reduce((sum, { length }) => sum + length, 0),
    })
  }
}

/** Copies in a driver's line; none when it is gone. */
function waitingIn(driver: AsyncMemcpy): number {
  try {
    return driver.stats.waiting
  } catch {
    return 0
  }
}
