/** Where in the program something was called. */

/** The library as stacks name it: one file, or, where it was not built, a folder. Unknown in some bundles. */
function library(): string | undefined {
  const url = (import.meta as { readonly url?: string }).url?.replace(/diagnostics\/[^/]*\.ts$/, '')
  // Some runtimes name files by URL and others by path.
  return url?.startsWith('file://') === true ? new URL(url).pathname : url
}

/** V8 keeps ten frames, which the library alone may have; so many are asked for, and so many of the program's kept. */
const DEEPEST = 40
const MOST_KEPT = 10

/** The stack of the program above the library. Where nothing tells the two apart, all of it. */
export function originHere(): string | undefined {
  const usual = Error.stackTraceLimit
  Error.stackTraceLimit = DEEPEST
  const { stack = '' } = new Error()
  Error.stackTraceLimit = usual
  const own = library()
  const frames = stack.split('\n').filter((line) => /:\d+:\d+\)?$/.test(line))
  const above = own === undefined ? -1 : frames.findIndex((line) => !line.includes(own))
  const kept = above < 0 ? frames : frames.slice(above, above + MOST_KEPT)
  return kept.length === 0 ? undefined : kept.map((line) => line.trim()).join('\n')
}
