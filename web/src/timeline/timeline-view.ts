/** The view Timeline: what the copies of the view Frames do, while it is looked at. */
import type { Frame } from '../frames/frame-loop.ts'
import type { FramesView } from '../frames/frames-view.ts'
import { find } from '../parts/dom.ts'
import { prefersStillness } from '../parts/theme.ts'
import { openView } from '../parts/views.ts'

import { Recording } from './recording.ts'
import { Timeline } from './timeline.ts'

/** How often the records are read. */
const READ_MS = 250
/** The same where things are to stand still. */
const READ_STILL_MS = 2000

/** The view. */
export class TimelineView {
  readonly #frames: FramesView
  readonly #timeline: Timeline
  #recording: Recording | undefined
  #paused = false
  #readAt = 0

  /** @param frames - Whose copies they are. */
  constructor(frames: FramesView) {
    this.#frames = frames
    this.#timeline = new Timeline({
      name: 'Timeline of the copies',
      empty: 'No copies yet: press Start',
      onPause: (paused) => {
        this.#setPaused(paused)
      },
    })
    find('timeline-host', HTMLElement).append(this.#timeline.element)
    frames.onFrame((frame) => {
      this.#onFrame(frame)
    })
  }

  /** The view was opened, or another was. */
  opened(): void {
    if (openView() !== 'timeline') this.#stop()
    else this.#timeline.draw()
  }

  #onFrame({ now }: Frame): void {
    if (openView() !== 'timeline' || this.#paused) return
    const { soc } = this.#frames.workload
    // Settings have changed the engine: another Soc.
    if (this.#recording !== undefined && this.#recording.soc !== soc) this.#stop()
    if (soc === undefined || soc.closed) return
    this.#recording ??= new Recording(soc)
    if (now - this.#readAt < (prefersStillness.matches ? READ_STILL_MS : READ_MS)) return
    this.#readAt = now
    this.#timeline.show(this.#recording.read())
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    if (!paused || this.#recording === undefined) return
    // What has happened since the records were read last belongs to it.
    this.#timeline.show(this.#recording.read())
    this.#stop()
  }

  #stop(): void {
    this.#recording?.stop()
    this.#recording = undefined
  }
}
