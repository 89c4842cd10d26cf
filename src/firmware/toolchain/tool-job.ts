/** What the compiler's thread is asked for, and what it answers. */

/** A program of the toolchain, run once over files in memory. */
export interface ToolJob {
  /** The program and its arguments: `clang …`, `wasm-ld …`. */
  readonly command: readonly string[]
  /** Files it may read, by absolute path in its own file system. */
  readonly files: ReadonlyMap<string, Uint8Array | string>
  /** The file that it writes. */
  readonly output: string
}

/** How it ended. */
export interface ToolResult {
  /** Its exit code. */
  readonly exitCode: number
  /** What it wrote to standard output and error. */
  readonly text: string
  /** The file that it wrote; undefined if it did not. */
  readonly output: Uint8Array | undefined
}

/** A job on its way to the thread. */
export interface JobMessage extends ToolJob {
  /** Its number. */
  readonly id: number
}

/** An answer on its way back: of a job, or an error that is none of the program's. */
export type AnswerMessage =
  { readonly id: number; readonly result: ToolResult } | { readonly id: number; readonly failure: string }
