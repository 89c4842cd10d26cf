/** General purpose timers, for idf_host.h: made on the kernel's thread, used on the one that calls. */
import type { AlarmMode, GpTimer, GpTimerAction } from '../../../etm/timer.ts'
import type { HostModule, HostThread } from '../host-module.ts'

import { answer, setWord, type Reasons } from './answer.ts'
import { nth } from './matrix.ts'
import { noteStop } from './timer-stops.ts'

/** In the order of IDF_TIMER_DELETE and so on. */
const OPERATIONS: readonly ((timer: GpTimer) => void)[] = [
  (timer) => {
    timer.delete()
  },
  (timer) => {
    timer.enable()
  },
  (timer) => {
    timer.disable()
  },
  (timer) => {
    timer.start()
  },
  (timer) => {
    timer.stop()
  },
]

const START = 3
const STOP = 4

/** In the order of IDF_TIMER_COUNT and so on. */
const VALUES: readonly ((timer: GpTimer) => bigint)[] = [
  (timer) => timer.exactCount,
  (timer) => timer.exactCaptured,
  (timer) => BigInt(timer.resolutionHz),
]

/** In the order of `gptimer_etm_task_type_t`. */
const ACTIONS: readonly GpTimerAction[] = ['start', 'stop', 'enable-alarm', 'reload', 'capture']

/** In the order of IDF_TIMER_ALARM_OFF and so on. */
const ALARM_MODES: readonly AlarmMode[] = ['off', 'once', 'periodic']

/** The functions of a thread. */
export function timerFunctions(thread: HostThread, reasons: Reasons): ReturnType<HostModule['functions']> {
  const does = (run: () => void): number => answer(reasons, run)
  const timer = (handle: number): GpTimer => thread.soc.timer(handle >>> 0)
  /** An alarm that is due at once, as the count is there or past it, interrupts the task here and not when time passes next. */
  const interrupted = (code: number): number => {
    const isTask = thread.kind === 'task' && !thread.inInterrupt && !thread.isCritical
    if (code === 0 && thread.engine === 'simulated' && isTask) thread.call('timer_due')
    return code
  }
  return {
    timer_new: (...values: number[]) => thread.call('timer_new', ...values),
    timer_watch: (...values: number[]) => thread.call('timer_watch', ...values),
    timer_operate: (handle: number, operation: number) => {
      const code = does(() => {
        const meant = timer(handle)
        nth('operation', OPERATIONS, operation)(meant)
        if (operation === STOP && thread.inInterrupt) noteStop(thread, meant.handle, meant.alarms)
      })
      return operation === START ? interrupted(code) : code
    },
    timer_told: (handle: number) => {
      if (thread.kind === 'task' && thread.engine === 'threads' && !thread.isCritical) thread.call('timer_told', handle)
    },
    timer_set_count: (handle: number, count: bigint) =>
      interrupted(
        does(() => {
          timer(handle).exactCount = count
        }),
      ),
    timer_get: (handle: number, what: number, out: number) =>
      does(() => {
        const value = nth('what', VALUES, what)(timer(handle))
        setWord(thread, out, Number(BigInt.asUintN(32, value)))
        setWord(thread, (out >>> 0) + 4, Number(value >> 32n))
      }),
    timer_alarm: (handle: number, mode: number, count: bigint, reload: bigint) =>
      interrupted(
        does(() => {
          timer(handle).setExactAlarm(nth('mode', ALARM_MODES, mode), count, reload)
        }),
      ),
    timer_event: (handle: number, out: number) =>
      does(() => {
        setWord(thread, out, timer(handle).newEtmEvent('alarm').handle)
      }),
    timer_task: (handle: number, action: number, out: number) =>
      does(() => {
        setWord(thread, out, timer(handle).newEtmTask(nth('action', ACTIONS, action)).handle)
      }),
  }
}
