/** Threads that attach to the Soc of a test by the built package and do what they are told: see threads/fixtures/actor.js. */
import { Worker } from 'node:worker_threads'

import type { AsyncMemcpy, CompleteConfig, CopyEvent, DriverStats, EspErrorName, Soc } from '../../src/index.ts'

import { until } from './world.ts'

const script = new URL('../threads/fixtures/actor.js', import.meta.url)

/** Words that a test and its actors share: how many have begun their act, and whether they are to stop. */
const [STARTED, STOP] = [0, 1]

/** A place on the stage where actors meet. */
export class Stage {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(8))

  /** Resolves when so many have begun. */
  async begun(actors: number): Promise<void> {
    await until(() => Atomics.load(this.words, STARTED) >= actors, `${actors} actors to begin`)
  }

  /** Tells those who go on until they are told to stop. */
  stop(): void {
    Atomics.store(this.words, STOP, 1)
    Atomics.notify(this.words, STOP)
  }
}

/** What came of a race with an uninstall. */
export interface Race {
  readonly attached: boolean
  readonly accepted: number
  readonly settled: number
  readonly refusals: Readonly<Partial<Record<EspErrorName, number>>>
}

/** What came of feeding. */
export interface Fed {
  readonly called: readonly number[]
  readonly promised: number
  readonly sequences: readonly number[]
  readonly wrong: number
}

interface Acts {
  attach: [args: { handle: number }, value: CompleteConfig]
  detach: [args: object, value: undefined]
  stats: [args: object, value: DriverStats]
  now: [args: object, value: number]
  advance: [args: object, value: undefined]
  feed: [args: { actor: number; count: number }, value: Fed]
  fill: [args: { address: number; count: number }, value: number]
  copySync: [args: { address: number; timeoutMs?: number }, value: CopyEvent | EspErrorName]
  copy: [args: { address: number }, value: CopyEvent | EspErrorName]
  post: [args: { address: number }, value: undefined]
  race: [args: { handle: number; address: number; seed: number }, value: Race]
  hang: [args: object, value: never]
  comeAndGo: [args: { handle: number }, value: number]
  exit: [args: object, value: never]
}

type Message = { readonly value: unknown } | { readonly failure: string; readonly message: string }

/** A thread of a test that has its Soc. */
export class Actor {
  readonly stage: Stage
  readonly #worker: Worker
  readonly #ended: Promise<void>
  readonly #failed: Promise<never>

  private constructor(worker: Worker, stage: Stage) {
    this.#worker = worker
    this.stage = stage
    this.#failed = new Promise((_resolve, reject) => {
      worker.once('error', reject)
    })
    this.#failed.catch(() => undefined)
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve()
      })
    })
  }

  /**
   * Resolves when it runs and has attached.
   *
   * @param soc - The Soc, which it gets by `workerData`.
   * @param driver - What it attaches to, if anything yet.
   * @param stage - Where it meets others.
   */
  static async enter(soc: Soc, driver?: AsyncMemcpy, stage: Stage = new Stage()): Promise<Actor> {
    const workerData = { port: soc.port, handle: driver?.handle, words: stage.words }
    const worker = new Worker(script, { workerData, execArgv: [] })
    await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    return new Actor(worker, stage)
  }

  /** Lets it act; resolves with what it tells. Rejects with what it throws. */
  async act<Name extends keyof Acts>(act: Name, args: Acts[Name][0]): Promise<Acts[Name][1]> {
    const reply = new Promise<Message>((resolve) => {
      this.#worker.once('message', resolve)
    })
    this.#worker.postMessage({ act, args })
    const message = await Promise.race([reply, this.#failed])
    if ('failure' in message) throw new Error(`${act}: ${message.message}`, { cause: message.failure })
    return message.value as Acts[Name][1]
  }

  /** The name of the error that an act ends with. */
  async refusal<Name extends keyof Acts>(act: Name, args: Acts[Name][0]): Promise<unknown> {
    return await this.act(act, args).then(
      () => 'none',
      (error: unknown) => (error as Error).cause,
    )
  }

  /** Ends it wherever it is. Resolves when it has ended. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.#ended
  }

  /** Lets it end of its own. */
  async exit(): Promise<void> {
    this.#worker.postMessage({ act: 'exit', args: {} })
    await this.#ended
  }
}
