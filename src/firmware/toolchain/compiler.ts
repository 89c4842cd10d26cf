/** A compiler for firmware, whichever it is. */

/** A file to compile. */
export interface CompileJob {
  /** Path as the compiler sees it. */
  readonly input: string
  /** Arguments of `clang`, without those for input and output. */
  readonly options: readonly string[]
  /** Every file that may be read, by path as the compiler sees it. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** A compiled file. */
export interface NamedObject {
  /** What messages of the linker call it. */
  readonly name: string
  /** The object. */
  readonly bytes: Uint8Array
}

/** What is linked. */
export interface LinkJob {
  /** Arguments of `wasm-ld` beside objects and system libraries. */
  readonly options: readonly string[]
  /** Objects that are linked in any case. */
  readonly objects: readonly NamedObject[]
  /** Objects that are linked where something refers to them. */
  readonly library: readonly NamedObject[]
  /** Whether the C++ library is needed. */
  readonly cplusplus: boolean
}

/** What came of it. */
export interface ToolOutcome {
  /** Object or module; undefined if there were errors. */
  readonly output: Uint8Array | undefined
  /** Warnings and errors as the compiler words them. */
  readonly diagnostics: string
}

/** How the compiler names files: it may have a file system of its own. */
export interface CompilerPaths {
  /** A file of the user's, by its absolute path. */
  readonly ofUser: (path: string) => string
  /** Which beginning of the compiler's names stands for which of the user's: what programs say of themselves. */
  readonly prefixMap: string
  /** Makes of the compiler's names in a text the user's. */
  readonly toUser: (text: string) => string
  /** Folder of headers and sources of firmware. */
  readonly sdk: string
  /** Folder of headers that are made for a target. */
  readonly generated: string
}

/** A compiler. */
export interface Compiler {
  /** Its paths. */
  readonly paths: CompilerPaths
  /** Tells one compiler from another: what it makes may be kept under this name. */
  readonly identity: string
  /** What it calls WebAssembly with wasi-libc. */
  readonly triple: string
  /** How many files it compiles at a time. */
  readonly concurrency: number
  /** Compiles a file. */
  compile(job: CompileJob): Promise<ToolOutcome>
  /** Links objects. */
  link(job: LinkJob): Promise<ToolOutcome>
  /** Whoever asked for it needs it no more. */
  close(): Promise<void>
}
