/** Threads that follow an event may know an object a moment longer than the matrix does: what must wait for them. */
import { ETM_ENTERED, ETM_LEFT } from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

const waiting = new WeakMap<SocCore, (() => void)[]>()

/** Whether a thread follows an event just now. LEFT is read first: if it equals ENTERED afterwards, nobody was on the way. */
function isFollowed({ space: { words } }: SocCore): boolean {
  const left = Atomics.load(words, (ETM_BLOCK + ETM_LEFT) >> 2)
  return Atomics.load(words, (ETM_BLOCK + ETM_ENTERED) >> 2) !== left
}

/**
 * Does something as soon as nobody follows an event: at once, which is nearly always, or at a later call on this thread.
 *
 * @param soc - Whose events.
 * @param action - What is to be done.
 */
export function whenNobodyFollows(soc: SocCore, action: () => void): void {
  const actions = waiting.get(soc) ?? []
  waiting.set(soc, actions)
  actions.push(action)
  if (isFollowed(soc)) return
  for (const each of actions.splice(0)) each()
}
