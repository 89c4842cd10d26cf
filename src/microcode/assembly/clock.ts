import { SOC_BLOCK, SOC_TIME } from '../layout'

/** The time in milliseconds on the Soc's clock: the thread's clock in the threads engine, virtual in the simulated one. */
// @ts-ignore: decorator
@external('env', 'now')
export declare function now(): f64

/** Simulated engine: tells the threads that do not have the clock what time it is. A double has no atomic accesses. */
export function setTime(milliseconds: f64): void {
  atomic.store<i64>(SOC_BLOCK, reinterpret<i64>(milliseconds), SOC_TIME)
}

/** What was told last. */
export function time(): f64 {
  return reinterpret<f64>(atomic.load<i64>(SOC_BLOCK, SOC_TIME))
}
