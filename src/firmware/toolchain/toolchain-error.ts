/** What building firmware fails with. */

/** The toolchain is missing or cannot do what was asked. */
export class ToolchainError extends Error {
  override readonly name: string = 'ToolchainError'
}

/** The compiler or the linker found errors in the sources. */
export class CompileError extends ToolchainError {
  override readonly name: string = 'CompileError'
  /** What it says, in as many lines as it takes; with the user's paths. */
  readonly diagnostics: string

  /** @param diagnostics - What the compiler says. */
  constructor(diagnostics: string) {
    super(diagnostics.trimEnd())
    this.diagnostics = diagnostics
  }
}
