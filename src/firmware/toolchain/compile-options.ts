/** What firmware is compiled from, and how. */
import type { Optimization } from './flags.ts'

/** How far a build is. */
export interface CompileProgress {
  /** What is done: files are compiled, then linked. */
  readonly stage: 'compile' | 'link'
  /** The file that is compiled now, as the user named it. */
  readonly file: string
  /** Files that are compiled. */
  readonly done: number
  /** Files that are to be compiled. */
  readonly total: number
}

/** What to compile, and for which chip. */
export interface CompileOptions {
  /** C and C++ files, and folders of them. */
  readonly sources: readonly string[]
  /** The chip, such as `esp32s3`. */
  readonly target: string
  /** The version of ESP-IDF whose names and structures are meant, such as `5.1`. Default: `6.0`. */
  readonly idf?: string
  /** Folders to look for headers in, before those of this package. */
  readonly includeDirs?: readonly string[]
  /** Macros, such as `NAME` or `NAME=value`. Those that begin with `CONFIG_` go into `sdkconfig.h`. */
  readonly defines?: readonly string[]
  /** Files `sdkconfig` or `sdkconfig.defaults`; later ones win. */
  readonly sdkconfig?: readonly string[]
  /** As in `-O1`, which is the default. */
  readonly optimize?: Optimization
  /** A clang of the system that compiles for wasm32-wasip1, instead of the package `@yowasp/clang`. */
  readonly clang?: string
  /** Whether accesses outside the chip's memory and stack overflows are found. Default true. */
  readonly checks?: boolean
  /**
   * Whether every access is compared with the memory of copies in flight, for `runFirmware` with `diagnostics`: it tells the line
   * that touches it. Needs `checks`. Default false.
   */
  readonly watch?: boolean
  /** Where to keep what was built; `false` for nowhere. Default: the user's folder of caches. */
  readonly cacheDir?: string | false
  /** What relative paths are relative to, and what paths in messages begin behind. Default: the working directory. */
  readonly root?: string
  /** Whether diagnostics are coloured for a terminal. Default false. */
  readonly color?: boolean
  /** Called before each step of a build. */
  readonly onProgress?: (progress: CompileProgress) => void
}
