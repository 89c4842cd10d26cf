/** Tasks of firmware as tracks of a Chrome timeline: what each of them does over time, and what it waits for. */
import type { ChromePage } from './chrome-page.ts'
import type { Numbering } from './numbering.ts'
import type { Reason, TaskLife, TaskSpan } from './task-lives.ts'
import { WaitNames } from './wait-names.ts'

/** Names of colours that chrome://tracing has for this. Perfetto chooses by the slices' names. */
const COLOURS: Readonly<Record<TaskSpan['state'], string>> = {
  running: 'thread_state_running',
  ready: 'thread_state_runnable',
  blocked: 'thread_state_sleeping',
}

/** What the tracks are put on, and what they need. */
export interface TaskTimeline {
  /** The timeline. */
  readonly page: ChromePage
  /** What is not over ends here. */
  readonly endNs: number
  /** Nanoseconds of the timeline. */
  readonly ns: (timeMs: number) => number
  /** Numbers of drivers. */
  readonly drivers: Numbering
}

/** Under which key a task's track is found. */
export const taskKey = (task: number): string => `task ${task}`

/** Adds the tracks of all tasks. */
export function addTasks(lives: readonly TaskLife[], { page, endNs, ns, drivers }: TaskTimeline): void {
  const names = new WaitNames(drivers)
  const nameOf = new Map(lives.map(({ task, name }) => [task, name === '' ? taskKey(task) : name]))
  const told = (reason: Reason | undefined): object =>
    reason === undefined ? {} : { because: reason.cause, ...(reason.by === 0 ? {} : { by: nameOf.get(reason.by) }) }
  for (const life of lives) {
    const track = page.track(taskKey(life.task), trackName(life))
    for (const { state, start, end = endNs, waiting, reason } of life.spans) {
      const until =
        waiting === undefined || waiting.untilMs === Infinity ? {} : { until_us: ns(waiting.untilMs) / 1000 }
      track.add({
        name: waiting === undefined ? state : `wait: ${names.of(waiting)}`,
        start,
        end: Math.max(start, end),
        args: { state, ...until, ...told(reason) },
        category: 'task',
        colour: COLOURS[state],
      })
    }
    for (const { at, turns, reason } of life.visits) {
      page.instant(track, turns === 1 ? 'runs' : `runs ${turns} times`, at, { turns, ...told(reason) })
    }
    for (const { at, priority } of life.priorities.slice(1))
      page.instant(track, `priority ${priority}`, at, { priority })
  }
}

function trackName({ task, name, core, priorities }: TaskLife): string {
  const known = [
    ...priorities.slice(0, 1).map(({ priority }) => `priority ${priority}`),
    ...(core < 0 ? [] : [`core ${core}`]),
  ]
  return `task ${name === '' ? task : name}${known.length === 0 ? '' : ` (${known.join(', ')})`}`
}
