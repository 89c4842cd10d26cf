/** What is copied in the view Frames, and by whom: the controls, and what they say. */
import type { EngineKind } from 'async-memcpy'

import { find, setOptions, setText } from '../parts/dom.ts'
import { memory } from '../parts/quantities.ts'

/** Who copies. */
export type Means = 'driver' | 'set'

/** What the controls say. */
export interface Settings {
  /** Bytes of a copy. */
  readonly bytes: number
  /** The destination is a multiple of 64 and this. */
  readonly offset: number
  /** Which engine. */
  readonly engine: EngineKind
  /** Channels that share out each copy. */
  readonly channels: number
  /** Copies in flight at once. */
  readonly backlog: number
  /** Copies asked for in each frame. */
  readonly perFrame: number
  /** Whether each has a resident callback. */
  readonly withInterrupt: boolean
  /** Whether each is an event that toggles a pin. */
  readonly withEtm: boolean
}

const SIZES = [4, 16, 64, 256]
  .flatMap((size) => [size * 2 ** 10, size * 2 ** 20])
  .concat(2 ** 20)
  .sort((a, b) => a - b)
const USUAL_BYTES = 64 * 2 ** 20
/** On the page's own thread: less. */
const USUAL_BYTES_SLICED = 16 * 2 ** 20

/** Where the settings are made. */
export class SettingsForm {
  readonly #size = find('size', HTMLSelectElement)
  readonly #offset = find('offset', HTMLSelectElement)
  readonly #engine = find('engine', HTMLSelectElement)
  readonly #channels = find('channels', HTMLInputElement)
  readonly #backlog = find('backlog', HTMLInputElement)
  readonly #perFrame = find('per-frame', HTMLInputElement)
  readonly #interrupt = find('with-interrupt', HTMLInputElement)
  readonly #etm = find('with-etm', HTMLInputElement)

  /** @param canHaveThreads - Whether memory can be shared with threads here. */
  constructor(canHaveThreads: boolean) {
    setOptions(
      this.#size,
      SIZES.map((bytes) => [String(bytes), memory(bytes)]),
    )
    this.#size.value = String(canHaveThreads ? USUAL_BYTES : USUAL_BYTES_SLICED)
    this.#engine.value = canHaveThreads ? 'threads' : 'simulated'
    for (const option of this.#engine.options) option.disabled = option.value === 'threads' && !canHaveThreads
    this.#tell()
  }

  /** What they say now. */
  get settings(): Settings {
    return {
      bytes: Number(this.#size.value),
      offset: Number(this.#offset.value),
      engine: this.#engine.value as EngineKind,
      // What is no number, or out of range, the library refuses in its own words.
      channels: this.#channels.valueAsNumber,
      backlog: this.#backlog.valueAsNumber,
      perFrame: Math.max(1, Math.floor(this.#perFrame.valueAsNumber || 1)),
      withInterrupt: this.#interrupt.checked,
      withEtm: this.#etm.checked,
    }
  }

  /** Who is to copy. */
  get means(): Means {
    return document.querySelector('input[name="means"][value="set"]:checked') === null ? 'driver' : 'set'
  }

  /** Calls back when a setting has changed. */
  onChange(listen: () => void): void {
    const form = find('settings', HTMLFormElement)
    form.addEventListener('submit', (event) => {
      event.preventDefault()
    })
    for (const control of [form, this.#interrupt, this.#etm]) {
      control.addEventListener('change', () => {
        this.#tell()
        listen()
      })
    }
  }

  /** Calls back when somebody else is to copy. */
  onMeans(listen: (means: Means) => void): void {
    for (const radio of document.querySelectorAll('input[name="means"]')) {
      radio.addEventListener('change', () => {
        listen(this.means)
      })
    }
  }

  /** What an engine is, under its name. */
  #tell(): void {
    const isThreads = this.#engine.value === 'threads'
    this.#channels.disabled = !isThreads
    setText(
      find('engine-note', HTMLElement),
      isThreads ? 'each channel is a thread' : 'slices on this thread, in virtual time',
    )
  }
}
