/** The copies of the view Frames, on the host: asked for in every frame, and counted. */
import { Soc, type CopyEvent } from 'async-memcpy'

import { buildBench, type Bench } from './bench.ts'
import type { Means, Settings } from './settings.ts'

/** What was done so far. Only grows. */
export interface Done {
  /** Copies. */
  readonly copies: number
  /** Bytes. */
  readonly bytes: number
  /** Copies that were not asked for because the backlog was full. */
  readonly held: number
}

/** Copies, as the settings have them. */
export class Workload {
  #soc: Soc | undefined
  #bench: Bench | undefined
  #changing: Promise<void> = Promise.resolve()
  #done: Done = { copies: 0, bytes: 0, held: 0 }
  #inFlight = 0
  /** Virtual time that is still to go by. */
  #owedMs = 0
  #lastMs: number | undefined
  readonly #onError: (error: unknown) => void

  /** @param onError - Told of copies that fail. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** The Soc, once there is one. */
  get soc(): Soc | undefined {
    return this.#soc
  }

  /** What was done so far. */
  get done(): Done {
    return this.#done
  }

  /** Copies that are in flight. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** How long the latest copy took, from the call to the news of its end, in milliseconds. */
  get lastMs(): number | undefined {
    return this.#lastMs
  }

  /**
   * Installs a driver as the settings have it, in place of the one before. One change follows the other.
   *
   * @throws EspError as the library refuses them. There is no driver then, and nothing is copied.
   */
  change(settings: Settings): Promise<void> {
    const changed = this.#changing.then(() => this.#replace(settings))
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  /** Asks for copies, at the beginning of a frame. With `set` they are done when it returns. */
  ask(means: Means, perFrame: number): void {
    const bench = this.#bench
    if (bench === undefined) return
    for (let asked = 0; asked < perFrame; asked++) {
      if (means === 'set') {
        const start = performance.now()
        bench.destination.set(bench.source)
        this.#count(bench.source.length, performance.now() - start)
      } else if (this.#inFlight < bench.driver.config.backlog) {
        this.#submit(bench)
      } else {
        this.#done = { ...this.#done, held: this.#done.held + perFrame - asked }
        return
      }
    }
  }

  /**
   * Virtual time goes on from frame to frame, where nothing is in flight: to move the clock is to carry out at once what is.
   * Copies on the host take none of it.
   */
  passTime(ms: number): void {
    if (this.#soc?.engine !== 'simulated' || this.#bench === undefined) return
    this.#owedMs += ms
    if (this.#inFlight > 0) return
    this.#soc.advance(this.#owedMs * 1000)
    this.#owedMs = 0
  }

  #submit({ driver, destination, source, isr }: Bench): void {
    const start = performance.now()
    const done = ({ bytes }: CopyEvent): void => {
      this.#inFlight--
      this.#count(bytes, performance.now() - start)
    }
    const failed = (error: unknown): void => {
      this.#inFlight--
      this.#onError(error)
    }
    this.#inFlight++
    if (isr !== undefined) {
      driver.copy(destination, source, { isr }).then(done, failed)
      return
    }
    try {
      driver.memcpy(destination, source, source.length, (_driver, event) => {
        done(event)
      })
    } catch (error) {
      failed(error)
    }
  }

  #count(bytes: number, ms: number): void {
    const { copies, held } = this.#done
    this.#done = { copies: copies + 1, bytes: this.#done.bytes + bytes, held }
    this.#lastMs = ms
  }

  async #replace(settings: Settings): Promise<void> {
    const before = this.#bench
    this.#bench = undefined
    await before?.dismantle()
    if (this.#soc !== undefined && this.#soc.engine !== settings.engine) {
      const soc = this.#soc
      this.#soc = undefined
      await soc.close()
    }
    this.#soc ??= await Soc.open('host', { engine: settings.engine })
    this.#bench = await buildBench(this.#soc, settings)
  }
}
