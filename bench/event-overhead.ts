/**
 * What the event-task matrix and the recorder cost each copy of those who do not use them: the channel's loop, as it is and
 * compiled without either, on the same ring and on this thread, so that nothing but the loop is in the figure.
 */
import { createClientBlock, createDriverBlock, freeRing } from '../src/driver/ring-memory.ts'
import { AsyncMemcpy, Soc } from '../src/index.ts'
import { CHANNEL_DRIVER, CHANNEL_SIZE, CHANNEL_STATE, CHANNEL_STATE_RUNNING } from '../src/microcode/layout.ts'
import { bytesOfHex, instantiateMicrocode, microcodeModule, type Microcode } from '../src/microcode/microcode.ts'

import { microcodeWithoutEventsHex } from './microcode-without-events.generated.ts'
import { microcodeWithoutTraceHex } from './microcode-without-trace.generated.ts'
import type { Side } from './statistics.ts'

const LENGTH = 64
const COPIES = 1024

/** A ring and a channel that no thread serves. */
export class LoneRing {
  readonly #soc: Soc
  readonly #driver: number
  readonly #client: number
  readonly #channel: number
  readonly #source: number
  readonly #destination: number

  private constructor(soc: Soc) {
    this.#soc = soc
    this.#channel = soc.control.alloc(CHANNEL_SIZE)
    const config = { ...AsyncMemcpy.defaultConfig, backlog: COPIES }
    this.#driver = createDriverBlock(soc, { config, firstSequence: 0, channels: [this.#channel] })
    this.#client = createClientBlock(soc, this.#driver)
    const { words } = soc.space
    Atomics.store(words, (this.#channel + CHANNEL_DRIVER) >> 2, this.#driver)
    Atomics.store(words, (this.#channel + CHANNEL_STATE) >> 2, CHANNEL_STATE_RUNNING)
    this.#source = soc.addressOf(soc.heap.alloc(COPIES * LENGTH))
    this.#destination = soc.addressOf(soc.heap.alloc(COPIES * LENGTH))
  }

  /** Opens a Soc with such a ring. */
  static async open(): Promise<LoneRing> {
    return new LoneRing(await Soc.open('host'))
  }

  /** The loop as it is, without events, and without the recorder. Nanoseconds a copy. */
  sides(rounds: number): Readonly<Record<'asItIs' | 'withoutEvents' | 'withoutTrace', Side>> {
    const { memory } = this.#soc.space
    const imports = { now: () => this.#soc.now(), interrupt: () => 0, foreign: () => 0 }
    const as = (module: WebAssembly.Module): Side => this.#side(instantiateMicrocode(memory, imports, module), rounds)
    const compiled = (hex: string): Side => as(new WebAssembly.Module(bytesOfHex(hex)))
    return {
      asItIs: as(microcodeModule()),
      withoutEvents: compiled(microcodeWithoutEventsHex),
      withoutTrace: compiled(microcodeWithoutTraceHex),
    }
  }

  /** Gives the memory back. */
  async close(): Promise<void> {
    freeRing(this.#soc, this.#driver)
    await this.#soc.close()
  }

  #side(microcode: Microcode, rounds: number): Side {
    return () => {
      let milliseconds = 0
      for (let round = 0; round < rounds; round++) {
        for (let at = 0; at < COPIES * LENGTH; at += LENGTH) {
          microcode.submit(this.#driver, this.#client, this.#destination + at, this.#source + at, LENGTH, 0, 0, 0)
        }
        const start = performance.now()
        microcode.step(this.#channel, 0)
        milliseconds += performance.now() - start
      }
      return (milliseconds * 1e6) / (rounds * COPIES)
    }
  }
}
