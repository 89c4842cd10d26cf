/** What the other threads of the benchmark are asked to do, and the memory through which that happens. */
import type { SocPort } from '../src/index.ts'

/** Words of {@link Signals.words}. */
export const SIGNAL = {
  /** Rounds that were asked for. */
  asked: 0,
  /** Rounds that are answered: what the asking thread sleeps on. */
  answered: 1,
  /** 1 opens the gate for producers. */
  go: 2,
  /** Producers that are ready; then those that are done. */
  ready: 3,
  done: 4,
  /** 1 ends the thread. */
  stop: 5,
} as const

/** Memory that the main thread shares with the others. */
export interface Signals {
  /** See {@link SIGNAL}. */
  readonly words: Int32Array<SharedArrayBuffer>
  /** One element: when the last answer was given, in milliseconds of the process's clock. */
  readonly answeredAt: Float64Array<SharedArrayBuffer>
}

/** Fresh signals. */
export function createSignals(): Signals {
  return {
    words: new Int32Array(new SharedArrayBuffer(Object.keys(SIGNAL).length * Int32Array.BYTES_PER_ELEMENT)),
    answeredAt: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
  }
}

/** Answers each round a while after it was asked for: `Atomics.store` and `Atomics.notify`, nothing else. */
export interface AnswerTask {
  /** Which task it is. */
  readonly kind: 'answer'
  /** Where. */
  readonly signals: Signals
  /** Milliseconds between the question and the answer. The thread that asks may fall asleep meanwhile. */
  readonly delayMs: number
}

/** Sends copies to a driver that another thread has installed. */
export interface ProduceTask {
  /** Which task it is. */
  readonly kind: 'produce'
  /** Where. */
  readonly signals: Signals
  /** The Soc. */
  readonly port: SocPort
  /** Handle of the driver. */
  readonly driver: number
  /** Addresses and length of its copies. */
  readonly destination: number
  /** See above. */
  readonly source: number
  /** See above. */
  readonly length: number
  /** How many, each time the gate opens. */
  readonly copies: number
}

/** What a thread of the benchmark is given. */
export type ThreadTask = AnswerTask | ProduceTask
