/** Timers that interrupts have stopped: on the chip the alarms from between an alarm and its callback's stop would not have come. */
import type { HostThread } from '../host-module.ts'

/** By the thread that interrupts run on: the alarms that a timer had when one of them stopped it, by its handle. */
const stops = new WeakMap<HostThread, Map<number, number>>()

/** An interrupt has just stopped a timer. */
export function noteStop(thread: HostThread, handle: number, alarms: number): void {
  const noted = stops.get(thread) ?? new Map<number, number>()
  stops.set(thread, noted.set(handle, alarms))
}

/**
 * Whether an interrupt has stopped a timer since this was last asked.
 *
 * @returns The alarms that it had then, which nobody is to hear of any more.
 */
export function takeStop(thread: HostThread, handle: number): number | undefined {
  const alarms = stops.get(thread)?.get(handle)
  stops.get(thread)?.delete(handle)
  return alarms
}
