/** What is thrown through C to leave it. */

/** The task that runs on this thread ends: it asked to, or another task has deleted it. */
export class TaskEnd extends Error {}

/** Leaves everything up to the innermost `port_protect`. */
export class Unwind extends Error {
  /** What that returns. */
  readonly code: number

  /** @param code - What `port_protect` returns. */
  constructor(code: number) {
    super('port_unwind outside of port_protect')
    this.code = code
  }
}
