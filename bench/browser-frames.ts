/**
 * What runs in a page: copies, and the frames meanwhile. These functions are sent there as text, so each of them is all that
 * it needs.
 */
import type * as library from '../src/index.ts'

/** Who copies; `nothing` only waits as long. */
export type Means = 'driver' | 'set' | 'nothing'

/** A driver in a page, and what it copies. */
export interface PageBench {
  /** The driver. */
  readonly driver: library.AsyncMemcpy
  /** Where from. */
  readonly src: Uint8Array<SharedArrayBuffer>
  /** Where to. */
  readonly dst: Uint8Array<SharedArrayBuffer>
}

/** What is measured once. */
export interface Held {
  /** The longest time between two frames, in milliseconds. */
  readonly longestMs: number
  /** How long it took, in milliseconds. */
  readonly tookMs: number
  /** Whether all that was to be copied was. */
  readonly isRight: boolean
}

/** Installs a driver in the page, and makes the copies that do not count. */
export async function openInPage({
  libraryUrl,
  length,
  warmUps,
}: {
  readonly libraryUrl: string
  readonly length: number
  readonly warmUps: number
}): Promise<PageBench> {
  const { AsyncMemcpy } = (await import(libraryUrl)) as typeof library
  const driver = await AsyncMemcpy.install()
  const { heap } = driver.soc
  const [src, dst] = [heap.alloc(length).fill(1), heap.alloc(length)]
  for (let i = 0; i < warmUps; i++) await driver.copy(dst, src)
  return { driver, src, dst }
}

/** The longest time between two frames, from some frames before a copy until some after it. */
export async function longestFrame(
  { driver, src, dst }: PageBench,
  { means, stamp, waitMs }: { readonly means: Means; readonly stamp: number; readonly waitMs: number },
): Promise<Held> {
  const AROUND = 4
  const nextFrame = (): Promise<number> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        resolve(performance.now())
      })
    })
  const work = {
    driver: () => driver.copy(dst, src),
    set: () => {
      dst.set(src)
    },
    nothing: () => new Promise((resolve) => setTimeout(resolve, waitMs)),
  }
  const marks = [0, src.length >> 1, src.length - 1]
  for (const at of marks) src[at] = stamp
  for (let i = 0; i < AROUND; i++) await nextFrame()
  const end = { isComing: false }
  const watch = async (): Promise<number> => {
    let longest = 0
    let last = await nextFrame()
    for (let left = AROUND; left > 0;) {
      const now = await nextFrame()
      longest = Math.max(longest, now - last)
      last = now
      if (end.isComing) left--
    }
    return longest
  }
  const watching = watch()
  for (let i = 0; i < 2; i++) await nextFrame()
  const start = performance.now()
  await work[means]()
  const tookMs = performance.now() - start
  end.isComing = true
  const isRight = means === 'nothing' || marks.every((at) => dst[at] === stamp)
  return { longestMs: await watching, tookMs, isRight }
}
