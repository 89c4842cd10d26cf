/**
 * The script of a channel's thread: takes what it is given, measures the kernels if nobody has, and runs the loop, which
 * it leaves for its mail.
 */
import {
  CHANNEL_DRIVER,
  CHANNEL_ROLE,
  CHANNEL_ROLE_TIMERS,
  CHANNEL_STATE,
  CHANNEL_STATE_DEAD,
  CHANNEL_STATE_RUNNING,
  CHANNEL_STOP,
  DRIVER_NEWS,
} from '../../microcode/layout.ts'
import { instantiateMicrocode, type Microcode } from '../../microcode/microcode.ts'
import { platform } from '../../platform/current-thread.ts'
import type { DriverRules } from '../../targets/driver-rules.ts'

import { runChannel, type ChannelThread, type Step } from './channel-loop.ts'
import { PacedChannel } from './paced-channel.ts'
import type { ChannelThreadData } from './thread-data.ts'
import { ThreadForeign } from './thread-foreign.ts'
import { ThreadResidents } from './thread-residents.ts'
import { runTimers } from './timer-loop.ts'

async function main(data: unknown): Promise<void> {
  const thread = data as ChannelThreadData
  const { memory, module, channel, scratch, rules, succession } = thread
  const words = new Int32Array(memory.buffer)
  const doubles = new Float64Array(memory.buffer)
  const residents = new ThreadResidents(thread, words, () => microcode)
  const microcode: Microcode = instantiateMicrocode(
    memory,
    {
      now: platform.now,
      interrupt: (driver, callback, argument, sequence, length, status, start, end) =>
        residents.interrupt(driver, callback, argument, sequence, length, status, start, end),
      foreign: (block, moved, most) => foreign.move(block, moved, most),
    },
    module,
  )
  const foreign = new ThreadForeign(memory, () => microcode, channel)
  for (const news of thread.foreign) await foreign.hear(news)

  // The opener hears of the end in its event loop. Should it be blocked in copySync, this wakes it. Nothing but the state
  // is written: as soon as that says DEAD, the driver may be given back. A thread that never ran says nothing.
  platform.onThreadExit(() => {
    const driver = Atomics.load(words, (channel + CHANNEL_DRIVER) >> 2) >>> 0
    const state = (channel + CHANNEL_STATE) >> 2
    if (Atomics.compareExchange(words, state, CHANNEL_STATE_RUNNING, CHANNEL_STATE_DEAD) !== CHANNEL_STATE_RUNNING)
      return
    if (driver !== 0) Atomics.notify(words, (driver + DRIVER_NEWS) >> 2)
  })

  if (scratch !== 0) microcode.calibrate(scratch)
  // What cannot be loaded again ends this thread before it runs, as if it could not be started.
  if (succession !== undefined) await residents.succeed(succession)
  Atomics.store(words, (channel + CHANNEL_STATE) >> 2, CHANNEL_STATE_RUNNING)
  Atomics.notify(words, (channel + CHANNEL_STATE) >> 2)
  if (Atomics.load(words, (channel + CHANNEL_ROLE) >> 2) === CHANNEL_ROLE_TIMERS) {
    runTimers({ channel, words, microcode, now: platform.now })
  } else {
    if (succession !== undefined) microcode.takeOver(channel, succession.heldBelow)
    const runsOn = { channel, words, doubles, microcode, now: platform.now }
    for (let step = stepOf(runsOn, rules); ;) {
      runChannel(runsOn, step)
      if (Atomics.load(words, (channel + CHANNEL_STOP) >> 2) !== 0) break
      await residents.takeMail(foreign)
    }
  }
}

/** How it works, if it keeps to a chip's time. */
function stepOf(thread: ChannelThread, rules: DriverRules | undefined): Step | undefined {
  if (rules === undefined) return undefined
  const channel = new PacedChannel(thread, rules)
  return (looks) => channel.step(looks)
}

platform.runThread(main)
