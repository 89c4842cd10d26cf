/** What tasks wait for, by name: things of a kind have numbers, in the order in which they are first waited for. */
import type { AwaitedThing } from '../chip/trace-record.ts'

import { Numbering } from './numbering.ts'

/** Who waits for room in a queue waits for the queue as well. */
const KINDS: Readonly<Record<AwaitedThing, string>> = {
  anything: 'something',
  time: 'delay',
  message: 'queue',
  room: 'queue',
  semaphore: 'semaphore',
  mutex: 'mutex',
  events: 'event group',
  notification: 'notification',
  stream: 'stream buffer',
  resume: 'resume',
  alarm: 'next alarm',
  copy: 'copy of driver',
  host: 'host',
}

/** Names for one timeline. */
export class WaitNames {
  readonly #numbers = new Map<string, Numbering>()

  /** @param drivers - Numbers of the drivers, which other tracks use too. */
  constructor(drivers: Numbering) {
    this.#numbers.set(KINDS.copy, drivers)
  }

  /** Such as `queue 1` or `delay`. */
  of({ awaits, object }: { readonly awaits: AwaitedThing; readonly object: number }): string {
    const kind = KINDS[awaits]
    if (object === 0) return kind
    let numbers = this.#numbers.get(kind)
    if (numbers === undefined) this.#numbers.set(kind, (numbers = new Numbering()))
    return `${kind} ${numbers.of(object)}${awaits === 'room' ? ' (full)' : ''}`
  }
}
