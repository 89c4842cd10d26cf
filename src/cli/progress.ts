/** Progress on standard error: a bar in a terminal, lines in a log, nothing for programs. */
import { SingleBar } from 'cli-progress'

/** What is told about a piece of work. */
export interface Progress {
  /**
   * Begins a piece of work; the one before is over.
   *
   * @param what - Such as `Copying`.
   * @param total - How much there is to do.
   */
  begin(what: string, total: number): void
  /** How much of it is done. */
  advance(done: number): void
  /** All is over. */
  end(): void
}

/** Where progress is shown. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** Lines in a log are this far apart at least. */
const LINE_INTERVAL_MS = 5000
const WHAT_WIDTH = 24

/**
 * Chooses how to tell.
 *
 * @param stream - Standard error.
 * @param audience - Who reads: people, or a program that wants none of it.
 */
export function createProgress(stream: ProgressStream, audience: 'people' | 'program'): Progress {
  if (audience === 'program') return silent
  return stream.isTTY === true ? new Bar(stream) : new Lines(stream)
}

const silent: Progress = { begin: () => undefined, advance: () => undefined, end: () => undefined }

/** A bar that moves only when it is told to: a timer of its own would hold the event loop while that is measured. */
class Bar implements Progress {
  readonly #stream: ProgressStream
  #bar: SingleBar | undefined

  constructor(stream: ProgressStream) {
    this.#stream = stream
  }

  begin(what: string, total: number): void {
    this.end()
    this.#bar = new SingleBar({
      stream: this.#stream,
      format: `{what} {bar} {percentage} %`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 40,
      clearOnComplete: true,
      // An interrupted bar leaves nothing switched off.
      linewrap: true,
      // Once an hour, which is never.
      fps: 1 / 3600,
    })
    this.#bar.start(total, 0, { what: shorten(what, WHAT_WIDTH) })
  }

  advance(done: number): void {
    this.#bar?.update(done)
    this.#bar?.render()
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

/** A line at the beginning of each piece of work, and now and then if it takes long. */
export class Lines implements Progress {
  readonly #stream: ProgressStream
  readonly #now: () => number
  #what = ''
  #total = 0
  #lastMs = 0

  /**
   * @param stream - Where to.
   * @param now - The time in milliseconds.
   */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream
    this.#now = now
  }

  /** {@inheritDoc Progress.begin} */
  begin(what: string, total: number): void {
    this.#what = what
    this.#total = total
    this.#write(what)
  }

  /** {@inheritDoc Progress.advance} */
  advance(done: number): void {
    if (this.#now() - this.#lastMs < LINE_INTERVAL_MS || done >= this.#total) return
    this.#write(`${this.#what}: ${Math.floor((100 * done) / this.#total)} %`)
  }

  /** {@inheritDoc Progress.end} */
  end(): void {
    this.#what = ''
  }

  #write(line: string): void {
    this.#stream.write(`${line}\n`)
    this.#lastMs = this.#now()
  }
}

function shorten(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)
}
