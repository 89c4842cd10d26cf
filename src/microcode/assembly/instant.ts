/**
 * When something happens. An alarm happens when it is due, although a thread gets to it a little later; so does all that it
 * sets off: a timer that is stopped by its own alarm stands at the alarm's count exactly.
 */
import { now } from './clock'

const NONE: i64 = -1
const NS_PER_MS: f64 = 1e6

let instant: i64 = -1

/** Everything happens at this time, until the one that was before is set again. @returns that one. */
// @ts-ignore: decorator
@inline
export function setInstant(ns: i64): i64 {
  const before = instant
  instant = ns
  return before
}

/** Nanoseconds of the Soc's clock. Whole: virtual time is, and counts must come out exactly. */
// @ts-ignore: decorator
@inline
export function instantNs(): i64 {
  return instant == NONE ? nearest(now() * NS_PER_MS) as i64 : instant
}

/** The same in the milliseconds of the Soc. */
// @ts-ignore: decorator
@inline
export function instantMs(): f64 {
  return instant == NONE ? now() : instant as f64 / NS_PER_MS
}
