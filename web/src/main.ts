/** The page: a driver beside an animation, what it does on a timeline, and virtual chips. */
import { EspError, Soc } from 'async-memcpy'

import { ChipView } from './chip/chip-view.ts'
import { FramesView } from './frames/frames-view.ts'
import { showError, startErrors } from './parts/announce.ts'
import { find, setText } from './parts/dom.ts'
import { startTheme } from './parts/theme.ts'
import { startViews } from './parts/views.ts'
import { TimelineView } from './timeline/timeline-view.ts'

/** Asks the library whether there can be threads. @returns Why not, in its words; undefined if there can. */
async function whyNoThreads(): Promise<string | undefined> {
  try {
    const soc = await Soc.open('host', { engine: 'threads' })
    await soc.close()
    return undefined
  } catch (error) {
    if (error instanceof EspError && error.name === 'ESP_ERR_NOT_SUPPORTED') return error.message
    throw error
  }
}

async function start(): Promise<void> {
  const reason = await whyNoThreads()
  const canHaveThreads = reason === undefined
  setText(
    find('isolation', HTMLElement),
    canHaveThreads ? 'cross-origin isolated: threads' : 'not isolated: slices on this thread',
  )
  if (!canHaveThreads) {
    setText(find('how-to-isolate', HTMLElement), reason)
    find('not-isolated', HTMLElement).hidden = false
  }
  const frames = new FramesView(canHaveThreads)
  const timeline = new TimelineView(frames)
  const chip = new ChipView()
  startViews((view) => {
    timeline.opened()
    if (view === 'chip') chip.opened()
  })
  frames.start()
}

startErrors()
startTheme()
start().catch(showError)
