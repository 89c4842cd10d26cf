/** Threads of a test that share a Soc with it. They are plain JavaScript: threads of Node.js 20 cannot load TypeScript. */
import { Worker } from 'node:worker_threads'

import { createClientBlock } from '../../src/driver/ring-memory.ts'
import { holdDriver, letGoOfDriver } from '../../src/engine/driver-block.ts'
import type { AsyncMemcpy, Soc } from '../../src/index.ts'
import * as layout from '../../src/microcode/layout.ts'

/** A thread, and what it says. */
export class TestThread {
  readonly worker: Worker
  /** Resolves when it has ended of its own; rejects if it ended by an error. */
  readonly ended: Promise<void>
  readonly #said: Promise<void>

  constructor(script: URL, data: Readonly<Record<string, unknown>>) {
    this.worker = new Worker(script, { workerData: { ...data, layout: { ...layout } }, execArgv: [] })
    this.ended = new Promise((resolve, reject) => {
      this.worker.once('error', reject)
      this.worker.once('exit', () => {
        resolve()
      })
    })
    this.#said = new Promise((resolve) => {
      this.worker.once('message', () => {
        resolve()
      })
    })
  }

  /** Resolves with its first message. */
  async ready(): Promise<void> {
    await Promise.race([this.#said, this.ended.then(() => Promise.reject(new Error('it ended before it was ready')))])
  }
}

/** A gate that threads wait at until it is opened for all of them. */
export class Gate {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))

  open(): void {
    Atomics.store(this.words, 0, 1)
    Atomics.notify(this.words, 0)
  }
}

/** A part in a driver for a thread of the test. */
export class Client {
  readonly address: number
  readonly #driver: AsyncMemcpy

  constructor(driver: AsyncMemcpy) {
    this.#driver = driver
    if (!holdDriver(driver.soc, driver.handle)) throw new Error('the driver is gone')
    this.address = createClientBlock(driver.soc, driver.handle)
  }

  /** What ring-client.js needs. */
  get data(): { port: Soc['port']; driver: number; client: number } {
    return { port: this.#driver.soc.port, driver: this.#driver.handle, client: this.address }
  }

  free(): void {
    this.#driver.soc.control.free(this.address)
    letGoOfDriver(this.#driver.soc, this.#driver.handle)
  }
}
