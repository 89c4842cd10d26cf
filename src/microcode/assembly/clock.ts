/** The time in milliseconds on the Soc's clock: the thread's clock in the threads engine, virtual in the simulated one. */
// @ts-ignore: decorator
@external('env', 'now')
export declare function now(): f64
