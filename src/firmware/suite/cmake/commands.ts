/** Reads a CMakeLists.txt into its commands. What they mean is told by evaluate.ts. */

/** An argument, as it is written. */
export interface Argument {
  /** Without its quotes and brackets. */
  readonly text: string
  /** `"…"`: one argument, whatever is in it. `[[…]]`: nothing in it is replaced. */
  readonly kind: 'bare' | 'quoted' | 'bracket'
}

/** A command. */
export interface Command {
  /** In lower case, as CMake takes both. */
  readonly name: string
  /** What stands between its parentheses; those within are arguments too. */
  readonly args: readonly Argument[]
  /** Where it begins. */
  readonly line: number
}

/** It is no CMake as far as this reader knows it. */
export class CmakeSyntaxError extends Error {
  override readonly name: string = 'CmakeSyntaxError'
}

const TOKENS = new RegExp(
  [
    String.raw`(?<space>[ \t\r\n;]+)`,
    String.raw`(?<comment>#\[(?<hash>=*)\[[\s\S]*?\]\k<hash>\]|#[^\n]*)`,
    String.raw`(?<bracket>\[(?<level>=*)\[[\s\S]*?\]\k<level>\])`,
    String.raw`(?<quoted>"(?:[^"\\]|\\[\s\S])*")`,
    String.raw`(?<paren>[()])`,
    // Quotes within one belong to it, as in -DNAME="text".
    String.raw`(?<bare>(?:[^\s()#"\\;]|\\[\s\S])(?:[^\s()#"\\;]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*")*)`,
  ].join('|'),
  'y',
)

/**
 * Reads the commands of a file.
 *
 * @throws CmakeSyntaxError where it cannot go on.
 */
export function readCommands(text: string): readonly Command[] {
  const commands: Command[] = []
  let open: { name: string; args: Argument[]; line: number; depth: number } | undefined
  let pending: { name: string; line: number } | undefined
  let line = 1
  let at = 0
  while (at < text.length) {
    TOKENS.lastIndex = at
    const groups = TOKENS.exec(text)?.groups
    if (groups === undefined) throw new CmakeSyntaxError(`line ${line}: "${text.slice(at, at + 20)}" is not understood`)
    const { space, comment, bracket, level = '', quoted, paren, bare } = groups
    const whole = space ?? comment ?? bracket ?? quoted ?? paren ?? bare ?? ''
    if (open === undefined) {
      if (bare !== undefined) pending = { name: bare.toLowerCase(), line }
      else if (paren === '(' && pending !== undefined) open = { ...pending, args: [], depth: 0 }
      else if (space === undefined && comment === undefined) {
        throw new CmakeSyntaxError(`line ${line}: "${whole}" where a command is expected`)
      }
    } else if (paren === ')' && open.depth === 0) {
      commands.push({ name: open.name, args: open.args, line: open.line })
      open = pending = undefined
    } else if (paren !== undefined) {
      open.depth += paren === '(' ? 1 : -1
      open.args.push({ text: paren, kind: 'bare' })
    } else if (bracket !== undefined) {
      const edge = level.length + 2
      open.args.push({ text: bracket.slice(edge, -edge).replace(/^\r?\n/, ''), kind: 'bracket' })
    } else if (quoted !== undefined) {
      open.args.push({ text: quoted.slice(1, -1), kind: 'quoted' })
    } else if (bare !== undefined) {
      open.args.push({ text: bare, kind: 'bare' })
    }
    line += whole.split('\n').length - 1
    at += whole.length
  }
  if (open !== undefined) throw new CmakeSyntaxError(`line ${open.line}: ${open.name}( has no end`)
  return commands
}
