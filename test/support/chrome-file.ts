/** A strict reader of Chrome trace event files (JSON object format): throws at whatever a viewer would stumble over. */

/** An event of the file. */
export interface ChromeEvent {
  readonly ph: string
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly id?: number | string
  readonly args: Readonly<Record<string, unknown>>
}

/** What a file says. */
export interface ChromeFile {
  /** All but the metadata, in the order of the file. */
  readonly events: readonly ChromeEvent[]
  /** Names of the tracks by number. */
  readonly tracks: ReadonlyMap<number, string>
  readonly process: string
  readonly otherData: Readonly<Record<string, unknown>>
}

const PHASES = new Set(['X', 'i', 'C', 's', 't', 'f', 'b', 'e'])

/** Reads a file. */
export function parseChrome(text: string): ChromeFile {
  const { traceEvents, otherData, displayTimeUnit } = JSON.parse(text) as {
    traceEvents: ChromeEvent[]
    otherData: Record<string, unknown>
    displayTimeUnit: string
  }
  if (displayTimeUnit !== 'ns' && displayTimeUnit !== 'ms') throw new Error(`displayTimeUnit ${displayTimeUnit}`)
  const metadata = traceEvents.filter(({ ph }) => ph === 'M')
  const events = traceEvents.filter(({ ph }) => ph !== 'M')
  const named = (what: string): [number, string][] =>
    metadata.filter(({ name }) => name === what).map(({ tid, args }) => [tid, String(args['name'])])
  const tracks = new Map(named('thread_name'))
  if (tracks.size !== named('thread_name').length) throw new Error('a track has two names')
  const [process, ...others] = named('process_name')
  if (process === undefined || others.length > 0) throw new Error('one process is expected')
  let last = 0
  for (const event of events) {
    if (!PHASES.has(event.ph)) throw new Error(`unknown phase: ${JSON.stringify(event)}`)
    if (!Number.isFinite(event.ts) || event.ts < last) throw new Error(`time goes back: ${JSON.stringify(event)}`)
    if (event.tid !== 0 && !tracks.has(event.tid)) throw new Error(`a track without a name: ${JSON.stringify(event)}`)
    last = event.ts
  }
  for (const track of tracks.keys()) checkNesting(events.filter(({ ph, tid }) => ph === 'X' && tid === track))
  checkFlows(events)
  checkWaits(events)
  return { events, tracks, process: process[1], otherData }
}

/** Slices of one track lie in each other or side by side. */
function checkNesting(slices: readonly ChromeEvent[]): void {
  const open: number[] = []
  for (const slice of slices) {
    if (!(slice.dur >= 0)) throw new Error(`it has no length: ${JSON.stringify(slice)}`)
    while (open.length > 0 && (open.at(-1) ?? 0) <= slice.ts) open.pop()
    const end = Math.round((slice.ts + slice.dur) * 1000) / 1000
    if (end > (open.at(-1) ?? Infinity)) throw new Error(`it crosses another: ${JSON.stringify(slice)}`)
    open.push(end)
  }
}

/** An arrow begins once, ends once, and touches a slice at each of its points. */
function checkFlows(events: readonly ChromeEvent[]): void {
  const flows = events.filter(({ ph }) => 'stf'.includes(ph))
  for (const id of new Set(flows.map((flow) => flow.id))) {
    const points = flows.filter((flow) => flow.id === id)
    const phases = points.map(({ ph }) => ph).join('')
    if (!/^st*f$/.test(phases)) throw new Error(`arrow ${String(id)} is ${phases}`)
    if (new Set(points.map(({ name, cat }) => `${name} ${cat ?? ''}`)).size !== 1)
      throw new Error('an arrow has two names')
  }
  for (const { ts, tid } of flows) {
    const touched = events.some((one) => one.ph === 'X' && one.tid === tid && one.ts <= ts && ts <= one.ts + one.dur)
    if (!touched) throw new Error(`an arrow touches nothing at ${ts} on track ${tid}`)
  }
}

/** Asynchronous spans of one id begin before they end, and do not overlap. */
function checkWaits(events: readonly ChromeEvent[]): void {
  const open = new Set<string>()
  for (const { ph, id, name } of events) {
    const key = `${name} ${String(id)}`
    if (ph === 'b' && open.size === open.add(key).size) throw new Error(`${key} begins twice`)
    if (ph === 'e' && !open.delete(key)) throw new Error(`${key} ends without a begin`)
  }
}
