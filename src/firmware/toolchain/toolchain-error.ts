/** What building firmware fails with. */

/** The toolchain is missing or cannot do what was asked. */
export class ToolchainError extends Error {
  override readonly name: string = 'ToolchainError'
}

/** A source with errors in it. */
export interface SourceFailure {
  /** Its path from the root of the build. */
  readonly source: string
  /** What the compiler says of it. */
  readonly diagnostics: string
}

/** The compiler or the linker found errors in the sources. */
export class CompileError extends ToolchainError {
  override readonly name: string = 'CompileError'
  /** What it says, in as many lines as it takes; with the user's paths. */
  readonly diagnostics: string
  /** The same by source; nothing if it is the linker who says it. */
  readonly failures: readonly SourceFailure[]

  /**
   * @param diagnostics - What the compiler says.
   * @param failures - The same by source.
   */
  constructor(diagnostics: string, failures: readonly SourceFailure[] = []) {
    super(diagnostics.trimEnd())
    this.diagnostics = diagnostics
    this.failures = failures
  }
}
