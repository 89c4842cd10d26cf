/** What a Chrome timeline is made of, in the Chrome trace event format: tracks with slices, instants, counters, waits, arrows. */
import { Track } from './tracks.ts'

/** The process that the Soc is shown as. */
const PROCESS = 1

/** An event of the format; `ts` and `dur` in microseconds. */
interface ChromeEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly [property: string]: unknown
}

/** A place on a track that an arrow touches. */
export interface Touch {
  /** Which. */
  readonly track: Track
  /** Nanoseconds: the first time at which it may. */
  readonly from: number
  /** The last. */
  readonly to: number
}

/** A time of the format. Three digits are nanoseconds, and no more. */
const microseconds = (ns: number): number => Number((ns / 1000).toFixed(3))

/** A timeline of one Soc. All times are nanoseconds. */
export class ChromePage {
  readonly #tracks = new Map<string, Track>()
  readonly #events: ChromeEvent[] = []
  #arrows = 0

  /** The track of a key; it is called so if it is new. Tracks stand in the order in which they were asked for. */
  track(key: string, name: string = key): Track {
    let track = this.#tracks.get(key)
    if (track === undefined) {
      track = new Track(this.#tracks.size + 1, name)
      this.#tracks.set(key, track)
    }
    return track
  }

  /** Adds what takes no time. */
  instant(track: Track, name: string, at: number, args: object): void {
    this.#events.push({
      ph: 'i',
      name,
      cat: 'instant',
      pid: PROCESS,
      tid: track.id,
      ts: microseconds(at),
      s: 't',
      args,
    })
  }

  /** Adds what concerns all tracks. */
  notice(name: string, at: number): void {
    this.#events.push({ ph: 'i', name, pid: PROCESS, tid: 0, ts: microseconds(at), s: 'g' })
  }

  /** From now on a counter has other values. */
  counter(name: string, at: number, values: object): void {
    this.#events.push({ ph: 'C', name, pid: PROCESS, tid: 0, ts: microseconds(at), args: values })
  }

  /** A wait for a semaphore begins (`b`) or ends (`e`): those with the same id belong together. */
  wait(ph: 'b' | 'e', name: string, id: string, at: number, args: object): void {
    this.#events.push({ ph, name, cat: 'semaphore', pid: PROCESS, tid: 0, ts: microseconds(at), id, args })
  }

  /** An arrow from one touch to the next, as far as time goes forward. */
  arrow(what: string, touches: readonly Touch[]): void {
    const points: { readonly track: Track; readonly at: number }[] = []
    for (const { track, from, to } of touches) {
      const at = Math.max(from, points.at(-1)?.at ?? 0)
      if (at <= to) points.push({ track, at })
    }
    if (points.length < 2) return
    const id = ++this.#arrows
    points.forEach(({ track, at }, i) => {
      const ph = i === 0 ? 's' : i === points.length - 1 ? 'f' : 't'
      const binding = ph === 'f' ? { bp: 'e' } : {}
      const ts = microseconds(at)
      this.#events.push({ ph, name: what, cat: 'flow', pid: PROCESS, tid: track.id, ts, id, ...binding })
    })
  }

  /**
   * The file's text.
   *
   * @param title - What the process is called.
   * @param otherData - What the file says about itself.
   */
  text(title: string, otherData: object): string {
    const slices = [...this.#tracks.values()].flatMap((track) =>
      track.slices.map((slice): ChromeEvent => {
        const ts = microseconds(slice.start)
        const dur = microseconds(slice.end - slice.start)
        const { name, category: cat, args, colour } = slice
        const cname = colour === undefined ? {} : { cname: colour }
        return { ph: 'X', name, cat, pid: PROCESS, tid: track.id, ts, dur, ...cname, args }
      }),
    )
    const events = [...slices, ...this.#events].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0))
    const traceEvents = [...this.#metadata(title), ...events]
    // An event a line: the file can be read and compared.
    const lines = traceEvents.map((event) => JSON.stringify(event)).join(',\n')
    return `{"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)},"traceEvents":[\n${lines}\n]}\n`
  }

  #metadata(title: string): ChromeEvent[] {
    const label = { ph: 'M', pid: PROCESS, tid: 0 }
    const tracks = [...this.#tracks.values()]
    return [
      { ...label, name: 'process_name', args: { name: title } },
      ...tracks.flatMap(({ id, name }) => [
        { ...label, tid: id, name: 'thread_name', args: { name } },
        { ...label, tid: id, name: 'thread_sort_index', args: { sort_index: id } },
      ]),
    ]
  }
}
