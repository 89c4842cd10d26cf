/**
 * Places in firmware as text: who is there, in a line, and the frames of C as the engine writes them. Symbols are looked up by
 * the supervisor, which has the module's bytes.
 */

/** Frames of WebAssembly in a stack, each with the name that the engine has given its module. */
const FRAMES = /(?:wasm:\/\/[^\s()]*:)?wasm-function\[\d+\]:0x[\da-f]+/g
/** So many of them are kept. */
const MOST_FRAMES = 24

/**
 * Where this thread is.
 *
 * @param who - A task's name; empty for an interrupt.
 */
export function placeHere(who: string): string {
  return placeIn(who, new Error().stack ?? '')
}

function placeIn(who: string, stack: string): string {
  const frames = (stack.match(FRAMES) ?? []).slice(0, MOST_FRAMES)
  return [`${who === '' ? INTERRUPT : TASK}${who}`, ...frames].join('\n')
}

const TASK = 'task '
const INTERRUPT = 'interrupt'

/** Who is at a place: a task's name; empty for an interrupt. */
export function whoIsAt(place: string): string {
  const [first = ''] = place.split('\n', 1)
  return first.startsWith(TASK) ? first.slice(TASK.length) : ''
}
