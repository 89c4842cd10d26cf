/**
 * Value change dump (IEEE 1364-2005, section 18), which GTKWave, PulseView and Surfer open. A nanosecond is the unit.
 *
 * Scopes: each task of firmware with `running`, `ready`, a wire for each thing that it waits for, and `priority`; each driver with `busy`, `in_flight`, `interrupt`, `callback` and `diagnosis`; each DMA channel with `parked` and `part`;
 * `interrupts` of pins and timers that call C; `gpio` with the pins; `etm` with a wire a channel; timers and semaphores. What takes no time, as an event or an alarm, is
 * a pulse of 1 ns; two that come closer together are one pulse.
 */
import type { HandlerRecord, TraceRecord } from '../chip/trace-record.ts'

import { handlerSpans } from './handler-spans.ts'
import { copyLives, type CopyLife, type Span } from './lives.ts'
import { Numbering } from './numbering.ts'
import { taskLives, type TaskLife } from './task-lives.ts'
import { completeInfo, type CompleteInfo, type TraceInfo } from './trace-info.ts'
import { WaitNames } from './wait-names.ts'
import { Wire } from './wires.ts'

/** Bits of signals that count. */
const COUNT_BITS = 32
const PRIORITY_BITS = 8

/**
 * A trace as a value change dump. Opens in GTKWave, PulseView and Surfer.
 *
 * @param records - What `soc.trace.records()` returned.
 * @param info - What was recorded, and how much was lost.
 * @returns The file's text.
 *
 * @example
 * ```ts
 * await writeFile('copies.vcd', vcd(soc.trace.records(), { name: soc.target.name, dropped: soc.trace.dropped }))
 * ```
 */
export function vcd(records: readonly TraceRecord[], info: TraceInfo = {}): string {
  const complete = completeInfo(records, info)
  const signals = new Signals(complete)
  for (const life of taskLives(records, complete)) signals.addTask(life)
  for (const span of handlerSpans(records)) signals.addHandler(span)
  for (const life of copyLives(records)) signals.addCopy(life)
  for (const record of records) signals.addRecord(record)
  signals.finish()
  return render(signals.wires, complete)
}

class Signals {
  readonly #info: CompleteInfo
  readonly #wires = new Map<string, Wire>()
  readonly #numbers = {
    driver: new Numbering(),
    channel: new Numbering(),
    timer: new Numbering(),
    semaphore: new Numbering(),
  }
  readonly #waitNames = new WaitNames(this.#numbers.driver)
  readonly #taskScopes = new Set<string>()
  readonly #parkedSince = new Map<number, number>()
  readonly #waiting = new Set<string>()

  constructor(info: CompleteInfo) {
    this.#info = info
  }

  get wires(): readonly Wire[] {
    return [...this.#wires.values()]
  }

  addTask({ task, name, spans, visits, priorities }: TaskLife): void {
    const scope = this.#taskScope(task, name)
    const [running, ready] = [this.#wire(scope, 'running', 1), this.#wire(scope, 'ready', 1)]
    for (const { state, start, end = this.#info.endNs, waiting } of spans) {
      if (waiting === undefined) (state === 'ready' ? ready : running).span(start, end)
      else this.#wire(scope, `wait_${words(this.#waitNames.of(waiting))}`, 1).span(start, end)
    }
    for (const { at } of visits) running.span(at, at)
    const [first] = priorities
    if (first === undefined) return
    const wire = this.#wire(scope, 'priority', PRIORITY_BITS)
    for (const { at, priority } of priorities) wire.set(at, priority, first.priority)
  }

  /** Tasks may have the same name. */
  #taskScope(task: number, name: string): string {
    const plain = `task_${name === '' ? task : words(name)}`
    const scope = this.#taskScopes.has(plain) ? `${plain}_${task}` : plain
    this.#taskScopes.add(scope)
    return scope
  }

  addHandler({ begin: { time, peripheral, which }, endMs }: Span<HandlerRecord>): void {
    const name = `${peripheral}_${peripheral === 'gpio' ? which : this.#numbers.timer.of(which)}`
    this.#wire('interrupts', name, 1).span(this.#ns(time), this.#endOf(endMs))
  }

  addCopy({ driver, submitted, taken, ended, interrupt, callback }: CopyLife): void {
    const scope = `driver_${this.#numbers.driver.of(driver)}`
    const inFlight = this.#wire(scope, 'in_flight', COUNT_BITS)
    const over = taken?.kind === 'copy-withdrawn' ? taken : ended
    if (submitted !== undefined) {
      inFlight.add(this.#ns(submitted.time), 1)
      if (over !== undefined) inFlight.add(Math.max(this.#ns(submitted.time), this.#ns(over.time)), -1)
    }
    const busy = this.#wire(scope, 'busy', 1)
    if (taken?.kind === 'copy-started') busy.span(this.#ns(taken.time), this.#endOf(ended?.time))
    for (const [name, span] of Object.entries({ interrupt, callback })) {
      const wire = this.#wire(scope, name, 1)
      if (span !== undefined) wire.span(this.#ns(span.begin.time), this.#endOf(span.endMs))
    }
  }

  addRecord(record: TraceRecord): void {
    const at = this.#ns(record.time)
    switch (record.kind) {
      case 'segment':
        this.#channel(record.channel, 'part').span(at, this.#ns(record.end))
        break
      case 'channel-parked':
        this.#parkedSince.set(record.channel, at)
        break
      case 'channel-woken':
        this.#endPause(record.channel, at)
        break
      case 'etm-event':
      case 'etm-task':
        this.#wire('etm', `channel_${record.channel}`, 1).span(at, at)
        break
      case 'gpio':
        this.#wire('gpio', `gpio_${record.pin}`, 1).set(at, record.level, 1 - record.level)
        break
      case 'timer-alarm':
        this.#wire(`timer_${this.#numbers.timer.of(record.timer)}`, 'alarm', 1).span(at, at)
        break
      case 'diagnosis':
        this.#wire(`driver_${this.#numbers.driver.of(record.driver)}`, 'diagnosis', 1).span(at, at)
        break
      case 'semaphore-given':
      case 'semaphore-taken': {
        const before = record.tokens + (record.kind === 'semaphore-given' ? -1 : 1)
        this.#semaphore(record.semaphore, 'tokens').set(at, record.tokens, before)
        break
      }
      case 'semaphore-wait':
        this.#waiting.add(`${record.semaphore} ${record.wait}`)
        this.#semaphore(record.semaphore, 'waiting').add(at, 1)
        break
      case 'semaphore-waited':
        // A wait that began before the recording was never counted.
        if (this.#waiting.delete(`${record.semaphore} ${record.wait}`)) {
          this.#semaphore(record.semaphore, 'waiting').add(at, -1)
        }
        break
      case 'copy-submitted':
      case 'copy-started':
      case 'copy-ended':
      case 'copy-withdrawn':
      case 'published':
      case 'notified':
      case 'interrupt-begin':
      case 'interrupt-end':
      case 'callback-begin':
      case 'callback-end':
      case 'task-copy':
      case 'task-started':
      case 'task-priority':
      case 'task-ready':
      case 'task-running':
      case 'task-blocked':
      case 'task-ended':
      case 'handler-begin':
      case 'handler-end':
        // Part of a copy's or a task's life, or told by it.
        break
    }
  }

  /** What has not ended ends with the recording. */
  finish(): void {
    for (const channel of [...this.#parkedSince.keys()]) this.#endPause(channel, this.#info.endNs)
  }

  #endPause(channel: number, end: number): void {
    const start = this.#parkedSince.get(channel)
    this.#parkedSince.delete(channel)
    if (start !== undefined) this.#channel(channel, 'parked').span(start, end)
  }

  #ns(timeMs: number): number {
    return this.#info.ns(timeMs)
  }

  #endOf(endMs: number | undefined): number {
    return endMs === undefined ? this.#info.endNs : this.#ns(endMs)
  }

  #channel(channel: number, name: string): Wire {
    return this.#wire(`channel_${this.#numbers.channel.of(channel)}`, name, 1)
  }

  #semaphore(semaphore: number, name: string): Wire {
    return this.#wire(`semaphore_${this.#numbers.semaphore.of(semaphore)}`, name, COUNT_BITS)
  }

  #wire(scope: string, name: string, width: number): Wire {
    const key = `${scope}.${name}`
    let wire = this.#wires.get(key)
    if (wire === undefined) {
      wire = new Wire(scope, name, width)
      this.#wires.set(key, wire)
    }
    return wire
  }
}

function render(wires: readonly Wire[], { name, dropped, endNs }: CompleteInfo): string {
  const codes = new Map(wires.map((wire, i) => [wire, identifier(i)]))
  const value = (wire: Wire, what: number): string => {
    const code = codes.get(wire) ?? ''
    return wire.width === 1 ? `${what}${code}` : `b${what.toString(2)} ${code}`
  }
  const lines = [
    '$version async-memcpy $end',
    `$comment ${dropped === 0 ? 'complete' : `${dropped} records were dropped: the trace was full`} $end`,
    '$timescale 1 ns $end',
    `$scope module ${word(name)} $end`,
  ]
  for (const scope of new Set(wires.map((wire) => wire.scope))) {
    lines.push(`$scope module ${scope} $end`)
    for (const wire of wires.filter((one) => one.scope === scope)) {
      const range = wire.width === 1 ? '' : ` [${wire.width - 1}:0]`
      lines.push(`$var wire ${wire.width} ${codes.get(wire) ?? ''} ${wire.name}${range} $end`)
    }
    lines.push('$upscope $end')
  }
  lines.push('$upscope $end', '$enddefinitions $end', '#0', '$dumpvars')
  for (const wire of wires) lines.push(value(wire, wire.initial ?? 0))
  lines.push('$end')
  const changes = wires
    .flatMap((wire) => wire.values.map((change) => ({ at: change.at, text: value(wire, change.value) })))
    .sort((a, b) => a.at - b.at)
  let now = 0
  for (const { at, text } of changes) {
    if (at !== now) lines.push(`#${at}`)
    now = at
    lines.push(text)
  }
  if (endNs > now) lines.push(`#${endNs}`)
  return `${lines.join('\n')}\n`
}

/** Identifier codes are made of the 94 printing characters from `!` on. */
function identifier(index: number): string {
  let code = ''
  for (let rest = index; ; rest = Math.floor(rest / 94) - 1) {
    code = String.fromCharCode(33 + (rest % 94)) + code
    if (rest < 94) return code
  }
}

/** The letters and digits of a name. */
const words = (name: string): string => name.match(/\w+/g)?.join('_') ?? '_'

/** A name as scopes have them. */
function word(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `soc_${name.replaceAll(/\W+/g, '_')}`
}
