/**
 * A driver and what it should do: every accepted copy is a memmove, one after another in the order of their sequences.
 *
 * The model needs no knowledge of when something happens. It learns the sequence of a copy that was accepted at once from
 * the ring's head, and of one that waited in the line from its event. What is left over are copies that were called off,
 * and those had waited in a known order.
 */
import { expect } from 'vitest'

import { AsyncMemcpy, type AsyncMemcpyConfig, type CopyEvent, type Soc } from '../../src/index.ts'
import { DRIVER_HEAD } from '../../src/microcode/layout.ts'
import { readSequence } from '../../src/microcode/sequences.ts'
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

/** Zones that no copy may touch, before and behind what the copies of a program work on. */
const GUARD = 256

/** A driver with its arena. */
export class Modelled {
  readonly #soc: Soc
  readonly #plan: Plan
  readonly #arena: Arena
  #driver: AsyncMemcpy | undefined
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
  }

  /** Installs the driver, if there is none. */
  async install(): Promise<void> {
    if (this.#draining !== undefined) await this.#untilDrained()
    this.#driver ??= await AsyncMemcpy.installAt(this.#plan.config, this.#soc, this.#plan.firstSequence)
  }

  /** `memcpy`, with a callback or without. */
  memcpy(range: Range, then: Then | undefined): void {
    this.#attempt((driver) => {
      const { dst, src } = this.#addresses(range)
      // Without a callback nobody tells; that it is carried out is seen when nothing is in flight.
      const copy: Accepted = { ...range, sequence: undefined, fate: then === undefined ? 'carried out' : 'unknown' }
      if (then === undefined) driver.memcpy(dst, src, range.length)
      else driver.memcpy(dst, src, range.length, (handle, event) => this.#callback(handle, event, copy, then))
      copy.sequence = this.#head(driver) - 1
      this.#copies.push(copy)
    })
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
    const head = this.#draining === undefined ? this.#head(driver) : 0
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
      if (this.#head(driver) !== head) copy.sequence = head
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
      this.#checkStats(driver)
      await this.#check()
      await driver.uninstall()
    }
    this.#driver = undefined
    this.#arena.free()
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

  /** The sequence of the next copy. */
  #head(driver: AsyncMemcpy): number {
    return readSequence(driver.soc.space.words, driver.handle + DRIVER_HEAD)
  }

  /** A call that may be refused: by a full ring, or because the driver is going. */
  #attempt(call: (driver: AsyncMemcpy) => void): void {
    const driver = this.#driver
    if (driver === undefined) return
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
      // Only this thread submits, so it was full before, too.
      expect(inFlight).toBe(driver.config.backlog)
    }
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
