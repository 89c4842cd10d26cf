/**
 * Tasks of firmware over time: one state after another. In virtual time most of what C does takes none, and a task may wake, run
 * and sleep again many times at one moment. Such turns are no stretches of time; they are put together to one visit, counted.
 */
import type { AwaitedThing, ReadyCause, TaskBlocked, TraceRecord } from '../chip/trace-record.ts'

import type { CompleteInfo } from './trace-info.ts'

/** What a task waits for. */
export interface Waiting {
  /** Which kind of thing. */
  readonly awaits: AwaitedThing
  /** Address of the thing, or 0. */
  readonly object: number
  /** Until when at most, in milliseconds of the Soc's clock. */
  readonly untilMs: number
}

/** Why a task can run. */
export interface Reason {
  /** What has happened. */
  readonly cause: ReadyCause
  /** The task that did it, 0 for none. */
  readonly by: number
}

/** A state that lasts. Nanoseconds of the timeline. */
export interface TaskSpan {
  /** Which. */
  readonly state: 'running' | 'ready' | 'blocked'
  /** When it began. */
  readonly start: number
  /** When it was over; undefined: not before the recording ended. */
  readonly end: number | undefined
  /** `blocked`: what for. */
  readonly waiting: Waiting | undefined
  /** Why it can run: told of the first state after that. */
  readonly reason: Reason | undefined
}

/** Turns that took no time. */
export interface TaskVisit {
  /** When. */
  readonly at: number
  /** How many. */
  turns: number
  /** Why the first of them came. */
  readonly reason: Reason | undefined
}

/** What is known of one task. */
export interface TaskLife {
  /** Its number. */
  readonly task: number
  /** Its name; empty if it was started before the recording. */
  name: string
  /** Its core, or -1. */
  core: number
  /** Its priorities, the first one first. */
  readonly priorities: { readonly at: number; readonly priority: number }[]
  /** By time; none has no length. */
  readonly spans: TaskSpan[]
  /** By time; none where it runs anyway. */
  readonly visits: TaskVisit[]
}

type StateRecord = Extract<
  TraceRecord,
  { readonly kind: 'task-ready' | 'task-running' | 'task-blocked' | 'task-ended' }
>

/** All tasks that records tell of, in the order of their numbers. */
export function taskLives(records: readonly TraceRecord[], { ns }: CompleteInfo): TaskLife[] {
  const lives = new Map<number, LifeBuilder>()
  for (const record of records) {
    if (!('task' in record) || record.kind === 'etm-task') continue
    let life = lives.get(record.task)
    if (life === undefined) lives.set(record.task, (life = new LifeBuilder(record.task)))
    const at = ns(record.time)
    switch (record.kind) {
      case 'task-started':
        life.name = record.name
        life.core = record.core
        break
      case 'task-priority':
        life.priorities.push({ at, priority: record.priority })
        break
      case 'task-copy':
        break
      default:
        life.enter(record, at)
    }
  }
  return [...lives.values()].map((life) => life.finish()).sort((a, b) => a.task - b.task)
}

/** The state that a task is in. */
interface Open {
  readonly state: TaskSpan['state']
  readonly start: number
  readonly waiting: Waiting | undefined
  readonly reason: Reason | undefined
}

class LifeBuilder implements TaskLife {
  readonly task: number
  name = ''
  core = -1
  readonly priorities: { at: number; priority: number }[] = []
  readonly spans: TaskSpan[] = []
  readonly visits: TaskVisit[] = []
  #open: Open | undefined
  #reason: Reason | undefined

  constructor(task: number) {
    this.task = task
  }

  enter(record: StateRecord, at: number): void {
    this.#close(at)
    if (record.kind === 'task-ready') this.#reason = { cause: record.cause, by: record.by }
    if (record.kind === 'task-ended') return
    const state = ({ 'task-ready': 'ready', 'task-running': 'running', 'task-blocked': 'blocked' } as const)[
      record.kind
    ]
    const waiting = record.kind === 'task-blocked' ? waitingOf(record) : undefined
    this.#open = { state, start: at, waiting, reason: this.#reason }
  }

  finish(): this {
    if (this.#open !== undefined) this.spans.push({ ...this.#open, end: undefined })
    // Where it runs anyway a turn more says nothing.
    const running = this.spans.filter(({ state }) => state === 'running')
    const touched = new Set(running.flatMap(({ start, end }) => [start, end]))
    const kept = this.visits.filter(({ at }) => !touched.has(at))
    this.visits.splice(0, this.visits.length, ...kept)
    return this
  }

  #close(at: number): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    if (at > open.start) this.#span(open, at)
    else if (open.state === 'running') this.#visit(open)
    // What it was ready for at this very moment is the reason of what follows.
    if (at > open.start || open.state === 'running') this.#reason = undefined
  }

  #span(open: Open, end: number): void {
    const last = this.spans.at(-1)
    // What came between took no time.
    const goesOn = open.state === 'running' && last?.state === 'running' && last.end === open.start
    if (goesOn) this.spans.splice(-1, 1, { ...last, end })
    else this.spans.push({ ...open, end })
  }

  #visit({ start: at, reason }: Open): void {
    const last = this.visits.at(-1)
    if (last?.at === at) last.turns++
    else this.visits.push({ at, turns: 1, reason })
  }
}

const waitingOf = ({ awaits, object, until }: TaskBlocked): Waiting => ({ awaits, object, untilMs: until })
