/** What the figures of the demo come to, and what to hold against them. */
import type { DemoFigures } from './demo-figures.ts'
import type { DemoOptions } from './demo-result.ts'
import { formatBytes, formatDuration, formatRate } from './format.ts'
import type { LoopDelays } from './loop-delays.ts'

/** A difference smaller than this factor may be chance. */
const CLEARLY = 1.5
/** Nobody notices an event loop that is held for so long. */
const UNNOTICED_MS = 0.1
/** Shorter copies than this leave their channel idle between them, so that processor time tells nothing. */
const BUSY_COPY_MS = 1
/** With less than this part of the processors it could use, a process was kept waiting by others. */
const FAIR_SHARE = 0.85

/**
 * The outcome in a sentence or two.
 *
 * @param figures - What was measured.
 * @param options - How the demo ran.
 */
export function conclude(figures: DemoFigures, options: Pick<DemoOptions, 'engine' | 'chip'>): string {
  const { bytes, driver, set } = figures
  const longest = { driver: formatDuration(driver.loop.longestMs), set: formatDuration(set.loop.longestMs) }
  if (options.engine === 'simulated') {
    return (
      `The simulated engine copies on the calling thread, so it holds the event loop too, for up to ${longest.driver} here. ` +
      'The engine "threads" takes the copies off it.'
    )
  }
  const { chip } = options
  if (chip?.timing === 'chip') {
    return (
      `The driver kept to the time of the ${chip.target}, where a copy of ${formatBytes(bytes)} takes ` +
      `${formatDuration(chip.copyMs)} (${formatRate((bytes * 1000) / chip.copyMs)}), by estimates: here it took ` +
      `${formatDuration(driver.medianCopyMs)}, which is as much and what this machine adds. It is never less.`
    )
  }
  if (set.medianCopyMs < UNNOTICED_MS && driver.medianCopyMs > set.medianCopyMs) {
    return (
      `${formatBytes(bytes)} is too little to gain from the driver: a copy takes it ${formatDuration(driver.medianCopyMs)}, ` +
      `TypedArray.set ${formatDuration(set.medianCopyMs)}, which holds the event loop hardly at all.`
    )
  }
  if (isClearlyShorter(driver.loop, set.loop)) {
    const rate = formatRate((bytes * driver.copies * 1000) / driver.totalMs)
    return (
      `While the driver copied ${rate} the event loop was held for ${held(driver.loop, ' in all')}; ` +
      `TypedArray.set held it for ${held(set.loop, '')}.`
    )
  }
  return (
    `The event loop was held for up to ${longest.driver} while the driver copied, and for up to ${longest.set} by ` +
    'TypedArray.set: no clear difference this time.'
  )
}

function held({ heldMs, longestMs }: LoopDelays, inAll: string): string {
  const longest = formatDuration(longestMs)
  return heldMs === 0 ? `at most ${longest}` : `${formatDuration(heldMs)}${inAll} (longest: ${longest})`
}

function isClearlyShorter(driver: LoopDelays, set: LoopDelays): boolean {
  // The sum tells more than the longest, which may be a single accident.
  return set.heldMs > 0 ? set.heldMs > driver.heldMs * CLEARLY : set.longestMs > driver.longestMs * CLEARLY
}

/**
 * What made the driver's figures worse than they need be, if anything did.
 *
 * @param figures - What was measured.
 * @param options - How the demo ran.
 * @param parallelism - Processors that this process may use.
 */
export function caveat(
  figures: DemoFigures,
  options: Pick<DemoOptions, 'engine' | 'channels' | 'chip'>,
  parallelism: number,
): string {
  const { driver } = figures
  const { engine, channels } = options
  // A channel that keeps to a chip's time sleeps most of it.
  const isIdle = options.chip?.timing === 'chip' || driver.medianCopyMs < BUSY_COPY_MS
  if (engine === 'simulated' || isIdle) return ''
  // The heartbeat never pauses, so the event loop wants a processor of its own.
  const threads = channels + 1
  const usable = Math.min(threads, parallelism)
  if (driver.processors < usable * FAIR_SHARE) {
    return (
      `The driver and the event loop got ${driver.processors.toFixed(1)} of the ${usable} processors they could use: ` +
      'other programs were busy, or something limits this one. The figures of the driver suffer from that.'
    )
  }
  if (threads > parallelism) {
    const processors = parallelism === 1 ? 'one processor' : `${parallelism} processors`
    return (
      `The event loop and ${channels === 1 ? 'the channel' : `${channels} channels`} had to share ${processors}, ` +
      'so the loop waited for its turn on one now and then.'
    )
  }
  return ''
}
