/** What tests of the event-task matrix set up again and again. */
import type { EtmChannel, EtmEvent, EtmTask, GpTimer, GpTimerAlarm, GpTimerDirection, Soc } from '../../src/index.ts'

/** A new channel, enabled, that lets an event set off a task. */
export function wire(soc: Soc, event: EtmEvent, task: EtmTask): EtmChannel {
  const channel = soc.etm.newChannel()
  channel.connect(event, task)
  channel.enable()
  return channel
}

/** A new timer that runs. */
export function runningTimer(
  soc: Soc,
  resolutionHz: number,
  alarm: GpTimerAlarm | null = null,
  direction: GpTimerDirection = 'up',
): GpTimer {
  const timer = soc.newTimer({ resolutionHz, direction })
  timer.setAlarm(alarm)
  timer.enable()
  timer.start()
  return timer
}
