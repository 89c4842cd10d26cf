/** Copies that keep to a chip's time: how much longer they take on this machine than in virtual time. */
import { AsyncMemcpy, Soc, type SocOptions } from '../src/index.ts'

import { ratioOf, type Bench, type Group, type Measurement } from './group.ts'

const CHIP = 'esp32s3'
const LENGTH = 40 * 2 ** 10
const COPIES = 16

/** Copies back to back, again and again. */
class Stream {
  readonly #driver: AsyncMemcpy
  readonly #dst: number
  readonly #src: number

  private constructor(driver: AsyncMemcpy, dst: number, src: number) {
    this.#driver = driver
    this.#dst = dst
    this.#src = src
  }

  static async open(options: SocOptions): Promise<Stream> {
    const soc = await Soc.open(CHIP, options)
    const driver = await AsyncMemcpy.install({ backlog: COPIES, sramTransAlign: 64 }, soc)
    const [dst, src] = [soc.heap.alloc(LENGTH, { align: 64 }), soc.heap.alloc(LENGTH, { align: 64 })]
    return new Stream(driver, soc.addressOf(dst), soc.addressOf(src))
  }

  /** Milliseconds from the start of the first copy to the end of the last. */
  async run(): Promise<number> {
    const copies = Array.from({ length: COPIES }, () => this.#driver.copy(this.#dst, this.#src, { length: LENGTH }))
    const events = await Promise.all(copies)
    return (events.at(-1)?.endTime ?? NaN) - (events[0]?.startTime ?? NaN)
  }

  async close(): Promise<void> {
    await this.#driver.uninstall()
    await this.#driver.soc.close()
  }
}

async function run({ plan, progress }: Bench): Promise<readonly Measurement[]> {
  const paced = await Stream.open({ engine: 'threads', timing: 'chip' })
  const model = await Stream.open({ engine: 'simulated' })
  const [pacedMs, modelMs]: [number[], number[]] = [[], []]
  // The first round compiles what the others run.
  for (let round = 0; round <= plan.rounds; round++) {
    const [real, virtual] = [await paced.run(), await model.run()]
    if (round > 0) {
      pacedMs.push(real)
      modelMs.push(virtual)
    }
    progress(round / plan.rounds)
  }
  await paced.close()
  await model.close()
  return [
    ratioOf(
      'paced_vs_model_ratio',
      { numerator: ['paced', pacedMs], denominator: ['model', modelMs], unit: 'ms' },
      `${COPIES} copies of ${LENGTH} bytes on the ${CHIP}, from the start of the first to the end of the last`,
    ),
  ]
}

/** How well threads keep to a chip's time. */
export const pacing: Group = {
  name: 'pacing',
  metrics: ['paced_vs_model_ratio'],
  run,
}
