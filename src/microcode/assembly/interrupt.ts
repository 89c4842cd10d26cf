/** Runs a resident callback in this thread. Returns 1 if it woke somebody. */
// @ts-ignore: decorator
@external('env', 'interrupt')
export declare function interrupt(
  driver: u32, callback: u32, argument: u32, sequence: f64, length: u32, status: i32, start: f64, end: f64,
): u32
