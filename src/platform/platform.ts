/** What the library needs of the runtime it is in, and nothing else: threads, time, and the life of the event loop. */

/** A thread that runs a channel. */
export interface PlatformThread {
  /** Resolves when the thread has ended, for whatever reason; `reason` is there if it ended by an error. */
  readonly ended: Promise<{ readonly reason?: Error }>
  /** Ends the thread wherever it is. */
  terminate(): void
  /** Sends it a message (structured clone), which waits until the thread asks for it. */
  post(message: unknown): void
  /** Called with each message that the thread sends. Does not keep the event loop alive. */
  listen(callback: (message: unknown) => void): void
}

/** Inside such a thread: the thread that started it. */
export interface PlatformParent {
  /** Sends it a message, at once, whether or not this thread's event loop turns. */
  post(message: unknown): void
  /** The next message from it. Keeps the event loop alive until there is one. */
  next(): Promise<unknown>
}

/** The differences between runtimes. */
export interface Platform {
  /** Milliseconds, on one clock for all threads of the process. */
  readonly now: () => number
  /** Starts a thread that does not keep the process alive, and hands it `data` (structured clone). */
  readonly startThread: (script: URL, name: string, data: unknown) => PlatformThread
  /** Inside such a thread: the data it was given. */
  readonly threadData: () => Promise<unknown>
  /** Inside such a thread: the thread that started it. Messages that have come already are kept. */
  readonly parent: () => PlatformParent
  /** Inside such a thread: called with each promise's rejection that nobody handles, which then does not end the thread. */
  readonly onUnhandledRejection: (callback: (reason: unknown) => void) => void
  /** Inside such a thread: called when it ends of its own, by an error or an exit. Not when it is terminated. */
  readonly onThreadExit: (callback: () => void) => void
  /** Whether this thread may block in `Atomics.wait`. */
  readonly canBlock: () => boolean
  /** Calls back in a later turn of the event loop, as soon as there is nothing else to do. Keeps the loop alive. */
  readonly nextTurn: (callback: () => void) => void
  /** An error that nobody can catch: as if thrown by the event loop itself. */
  readonly reportError: (error: unknown) => void
  /** A handle that keeps the event loop alive while held. Starts released. */
  readonly keepAlive: () => KeepAlive
}

/** Keeps the event loop of its thread alive between `hold` and `release`. */
export interface KeepAlive {
  /** The loop goes on. */
  hold(): void
  /** The loop may end if nothing else holds it. */
  release(): void
  /** Gives the handle back for good. */
  close(): void
}
