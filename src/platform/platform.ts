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

/** What `Atomics.waitAsync` without a timeout returns: there is nothing to wait for, or a promise that never rejects. */
export type WordWait = { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> }

/** What every thread has, those that run channels too. */
export interface ThreadPlatform {
  /** Milliseconds, on one clock for all threads of the process. */
  readonly now: () => number
  /** Inside a thread that was started here: runs it. It ends when `main` has, by an error if that throws. */
  readonly runThread: (main: (data: unknown) => Promise<void> | void) => void
  /** Inside such a thread: the thread that started it. Messages that have come already are kept. */
  readonly parent: () => PlatformParent
  /** Inside such a thread: called with each promise's rejection that nobody handles, which then does not end the thread. */
  readonly onUnhandledRejection: (callback: (reason: unknown) => void) => void
  /**
   * Called when this thread ends of its own, by an error or an exit. Not when it is terminated. A browser tells it to the
   * threads that were started here only.
   */
  readonly onThreadExit: (callback: () => void) => void
}

/** The differences between runtimes. */
export interface Platform extends ThreadPlatform {
  /** Fetches what threads are started with, where that takes a moment. Before the first `startThread`. */
  readonly prepare: () => Promise<void>
  /** Whether other threads can have shared memory: not in a page that is not cross-origin isolated. */
  readonly canShare: () => boolean
  /** What makes `canShare` true, for people. */
  readonly howToShare: string
  /** Starts a thread that does not keep the process alive, and hands it `data` (structured clone). */
  readonly startThread: (script: URL, name: string, data: unknown) => PlatformThread
  /** Whether this thread may block in `Atomics.wait`. */
  readonly canBlock: () => boolean
  /** `Atomics.waitAsync` without a timeout, in some way. Does not keep the event loop alive. */
  readonly waitAsync: (words: Int32Array, index: number, value: number) => WordWait
  /** Calls back in a later turn of the event loop, as soon as there is nothing else to do. Keeps the loop alive. */
  readonly nextTurn: (callback: () => void) => void
  /** An error that nobody can catch: as if thrown by the event loop itself. */
  readonly reportError: (error: unknown) => void
  /** Tells the program's author of something that is wrong with the program. */
  readonly warn: (type: string, message: string) => void
  /** A handle that keeps the event loop alive while held. Starts released. */
  readonly keepAlive: () => KeepAlive
  /**
   * Ties a callback that is called once to the asynchronous context it is made in: there `AsyncLocalStorage` finds its store.
   * Where there is no such thing it stays what it is.
   */
  readonly bindOnce: <Argument, Result>(callback: (argument: Argument) => Result) => (argument: Argument) => Result
  /** A channel of `node:diagnostics_channel`; elsewhere one that nobody listens on. */
  readonly diagnosticsChannel: (name: string) => DiagnosticsChannel
}

/** A named channel on which a program is told what happens, if it wants to hear of it. */
export interface DiagnosticsChannel {
  /** Whether anybody listens. Cheap. */
  readonly hasSubscribers: boolean
  /** Tells those who do. */
  publish(message: object): void
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
