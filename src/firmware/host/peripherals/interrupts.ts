/** Interrupts of pins and timers: the kernel looks what has happened, and calls C for each edge and each alarm. */
import type { PinChange } from '../../../etm/pin-watch.ts'
import type { GpTimer } from '../../../etm/timer.ts'
import type { HostModule, Kernel } from '../host-module.ts'
import type { Handler } from '../task-trace.ts'

import { setWord, type KernelReasons } from './answer.ts'
import { takeStop } from './timer-stops.ts'

/** Bits of idf_gpio_watch. */
const RISING = 1
const FALLING = 2

/** Of edges or alarms that come faster than C is called, so many are told at most. */
const MOST_AT_ONCE = 1000
/** Real time: so often alarms are looked for. */
const LOOK_MS = 1

interface WatchedTimer {
  readonly timer: GpTimer
  readonly handler: Handler
  readonly argument: number
  /** Alarms that C was told of. */
  told: number
}

/** The functions of the kernel. */
export function interruptCalls(kernel: Kernel, reasons: KernelReasons): ReturnType<NonNullable<HostModule['calls']>> {
  const { soc, thread } = kernel
  const pins = new Map<number, () => void>()
  const timers = new WatchedTimers(kernel)
  /** Lets happen what is to happen by now. Timers count in whole nanoseconds: what is due at once is due at the next of them. */
  const settle = (): number => {
    const { virtualClock } = soc
    virtualClock?.poke()
    virtualClock?.runUntil(() => false, Math.ceil(virtualClock.nowNs))
    return 0
  }
  return {
    gpio_watch: (pin = 0, kinds = 0, fn = 0, argument = 0) =>
      reasons.answerNow(() => {
        const gpio = soc.gpio(pin)
        pins.get(pin)?.()
        pins.delete(pin)
        if (fn === 0) return
        const handler: Handler = { peripheral: 'gpio', which: pin, function: fn >>> 0, core: kernel.callerCore }
        const tell = ({ level, edges }: PinChange): void => {
          const matching = matchingEdges(kinds, level, edges)
          for (let i = 0; i < matching; i++) kernel.interrupt(handler, pin, argument >>> 0)
        }
        pins.set(pin, gpio.onChange(tell))
      }),
    gpio_changed: settle,
    gpio_told: (pin = 0) =>
      reasons.answerNow(() => {
        soc.gpio(pin).tellNow()
      }),
    timer_due: settle,
    timer_new: (resolutionHz = 0, isDown = 0, out = 0) =>
      reasons.answerNow(() => {
        const direction = isDown === 0 ? 'up' : 'down'
        setWord(thread, out, soc.newTimer({ resolutionHz: resolutionHz >>> 0, direction }).handle)
      }),
    timer_told: () => {
      timers.look()
      return 0
    },
    timer_watch: (handle = 0, fn = 0, argument = 0) =>
      reasons.answerNow(() => {
        timers.watch(handle >>> 0, fn >>> 0, argument >>> 0)
      }),
  }
}

/** How many of the last edges are of a kind: they take turns, and the level tells what the last one was. */
export function matchingEdges(kinds: number, level: 0 | 1, edges: number): number {
  const lastKind = Math.ceil(edges / 2)
  const otherKind = edges - lastKind
  const rising = level === 1 ? lastKind : otherKind
  const told = ((kinds & RISING) === 0 ? 0 : rising) + ((kinds & FALLING) === 0 ? 0 : edges - rising)
  return Math.min(told, MOST_AT_ONCE)
}

/** Timers with callbacks. */
class WatchedTimers {
  readonly #kernel: Kernel
  readonly #timers = new Map<number, WatchedTimer>()
  #looking: NodeJS.Timeout | undefined

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    kernel.onIdle(() => [...this.#timers.values()].some(({ timer }) => timer.state === 'running'))
  }

  watch(handle: number, fn: number, argument: number): void {
    const { soc } = this.#kernel
    const timer = soc.timer(handle)
    this.#timers.delete(handle)
    const handler: Handler = { peripheral: 'timer', which: handle, function: fn, core: this.#kernel.callerCore }
    if (fn !== 0) this.#timers.set(handle, { timer, handler, argument, told: timer.alarms })
    if (soc.virtualClock !== undefined) {
      soc.virtualClock.unwatch(this.look)
      if (this.#timers.size > 0) soc.virtualClock.watch(this.look)
      return
    }
    clearInterval(this.#looking)
    this.#looking = undefined
    if (this.#timers.size > 0) this.#looking = setInterval(this.look, LOOK_MS)
  }

  /** Tells what there is to be told. */
  readonly look = (): void => {
    for (const [handle, watched] of this.#timers) {
      const { timer, handler, argument } = watched
      if (timer.state === 'deleted') {
        this.#timers.delete(handle)
        continue
      }
      const { alarms } = timer
      const since = Math.min(alarms - watched.told, MOST_AT_ONCE)
      watched.told = alarms
      for (let i = 0; i < since; i++) {
        this.#kernel.interrupt(handler, argument)
        // A callback that stops its timer is the last until it is started again, which may have happened meanwhile.
        const stopped = takeStop(this.#kernel.thread, handle)
        if (stopped === undefined) continue
        watched.told = Math.max(alarms, stopped)
        break
      }
    }
  }
}
