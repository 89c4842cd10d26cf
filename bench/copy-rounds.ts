/** Copies of one length by different means, timed one by one and checked. */
import type { AsyncMemcpy } from '../src/index.ts'

import type { Arena, CopyRange } from './arena.ts'
import type { Libc } from './peers.ts'
import { median, type Side } from './statistics.ts'

/** A way to make a copy. The copy is complete, and its caller knows, when it returns or resolves. */
export type CopyMeans = (range: CopyRange) => unknown

/** The driver, the caller blocked meanwhile. */
export const bySync =
  (driver: AsyncMemcpy): CopyMeans =>
  ({ destination, source, length }) =>
    driver.copySync(destination, source, length)

/** The driver, awaited. */
export const byPromise =
  (driver: AsyncMemcpy): CopyMeans =>
  ({ destination, source, length }) =>
    driver.copy(destination, source, { length })

/** `TypedArray.set`. */
export const bySet: CopyMeans = ({ destinationView, sourceView }) => {
  destinationView.set(sourceView)
}

/** libc's memcpy, on the very memory that the driver copies. */
export function byLibc({ memcpy, addressOf }: Libc): CopyMeans {
  const addresses = new WeakMap<CopyRange, readonly [to: number, from: number]>()
  return (range) => {
    let known = addresses.get(range)
    if (known === undefined) {
      known = [addressOf(range.destinationView), addressOf(range.sourceView)]
      addresses.set(range, known)
    }
    memcpy(known[0], known[1], range.length)
  }
}

/** Copies of one length that are made in one round. */
const BYTES_PER_ROUND = 48 * 2 ** 20
const MOST_COPIES = 200
/** Longer copies leave nothing of themselves in a core's own cache: no need to copy once before the clock runs. */
const CACHED = 32 * 2 ** 20

/** Copies that are timed in one round, one by one. */
export function copiesPerRound(length: number): number {
  return Math.max(1, Math.min(MOST_COPIES, Math.floor(BYTES_PER_ROUND / length)))
}

/**
 * A side that copies, checks every copy by marks and the last one byte by byte, and gives the median time in milliseconds.
 *
 * @param arena - Where.
 * @param range - What.
 * @param means - How.
 * @param who - Its name, should a copy be wrong.
 */
export function copySide(arena: Arena, range: CopyRange, means: CopyMeans, who: string): Side {
  const copies = copiesPerRound(range.length)
  const once = async (): Promise<number> => {
    arena.mark(range)
    const start = performance.now()
    const pending = means(range)
    // Awaiting what is no promise costs a turn of its own.
    if (pending instanceof Promise) await pending
    const time = performance.now() - start
    arena.checkMarks(range, who)
    return time
  }
  return async () => {
    if (range.length < CACHED) await once()
    const times: number[] = []
    for (let i = 0; i < copies; i++) times.push(await once())
    arena.verify(range, who)
    return median(times)
  }
}

/** Copies until everything is compiled, chosen and touched. */
export async function warmUp(side: Side, range: CopyRange, copies: number): Promise<void> {
  const perCall = copiesPerRound(range.length) + (range.length < CACHED ? 1 : 0)
  for (let done = 0; done < copies; done += perCall) await side()
}

/** Milliseconds to GB/s (10^9). */
export function gigabytesPerSecond(length: number, milliseconds: readonly number[]): number[] {
  return milliseconds.map((time) => length / time / 1e6)
}
