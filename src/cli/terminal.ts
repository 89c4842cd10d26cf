/** What the terminal can show, and what the command is called in it. */
import { basename, relative } from 'node:path'

const USUAL_COLUMNS = 80

/** What is asked of an output stream. */
export interface Screen {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean
  /** Its width. */
  readonly columns?: number
}

/** Characters of a line; 80 where nobody tells. */
export function widthOf(screen: Screen): number {
  return screen.columns ?? USUAL_COLUMNS
}

/**
 * Whether to write colours: in a terminal that has them. `FORCE_COLOR` asks for them elsewhere, `NO_COLOR` forbids them.
 *
 * @param screen - Where the output goes.
 * @param env - The environment.
 */
export function coloursOn(screen: Screen, env: NodeJS.ProcessEnv): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== ''
  if (isSet('NO_COLOR')) return false
  if (isSet('FORCE_COLOR')) return env['FORCE_COLOR'] !== '0'
  return screen.isTTY === true && env['TERM'] !== 'dumb'
}

/** How the running command was started. */
export interface Invocation {
  /** Its script, `process.argv[1]`. */
  readonly script: string
  /** The current directory. */
  readonly directory: string
  /** The environment. */
  readonly env: NodeJS.ProcessEnv
}

/** What to type to start this command again. */
export function commandName({ script, directory, env }: Invocation): string {
  if (env['npm_command'] === 'exec') return 'npx async-memcpy'
  const name = basename(script)
  return name.startsWith('async-memcpy') ? 'async-memcpy' : `node ${relative(directory, script)}`
}
