/** A macro of the preprocessor. */
export interface Define {
  /** Its name. */
  readonly name: string
  /** What it stands for. */
  readonly value: string
  /** Whether it stands for yes, which `sdkconfig` writes as `y`, and not for the number 1. */
  readonly isFlag?: boolean
}

/** A header that defines macros, each in a line. */
export function headerOf(comment: string, defines: readonly Define[]): string {
  const lines = defines.map(({ name, value }) => `#define ${name} ${value}`.trimEnd())
  return `/* ${comment} */\n#pragma once\n\n${lines.join('\n')}\n`
}
