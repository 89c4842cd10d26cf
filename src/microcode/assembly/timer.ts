/**
 * General purpose timers: counters that run with the Soc's clock, each with an alarm. Nothing ticks. The count is worked out
 * from the time when it is asked for, in whole nanoseconds, so that it and the alarms come out exactly at any resolution.
 *
 * Counters have 54 bits and wrap. One that counts down is a counter up over negated counts: they are turned where they come in
 * and go out (`turned`), and all between knows one direction. An alarm is ahead of a count, or there, if it is within half of
 * the counter's range; else the count has passed it.
 *
 * An alarm that is due is let go off by the timers' thread, or by the virtual clock, or by whoever else touches the timer
 * first: nobody ever sees a count that an alarm should have reset. It happens at the time when it was due (instant.ts).
 *
 *   change    store DEADLINE, earlier than it was < look at PARKED of the timers' thread; if set: wake it
 *   thread    PARKED = 1 < look at the deadlines < wait while PARKED is 1, at most until the first of them
 * Either the thread sees the new deadline or the changer sees it parked (timer-loop.ts, verify/timer.pml).
 *
 * Between taking and giving a timer's lock there is no loop and no call, so no thread dies with it in its hand.
 */
import {
  ETM_DONE, ETM_GONE, ETM_IN_USE, ETM_TIMER_SLOTS, ETM_TIMER_THREAD, ETM_WRONG_STATE, TIMER_ALARM_COUNT, TIMER_ALARM_NS, TIMER_ALARM_OFF,
  TIMER_ALARM_ONCE, TIMER_ALARM_PERIODIC, TIMER_ALARM_SPENT, TIMER_ALARMS, TIMER_ALARMS_PER_RUN, TIMER_ARM,
  TIMER_BASE_COUNT, TIMER_BASE_NS, TIMER_BEGIN, TIMER_CAPTURE, TIMER_CAPTURED, TIMER_CAPTURED_NS, TIMER_CAPTURES, TIMER_CATCH_UP, TIMER_CREATED,
  TIMER_DEADLINE, TIMER_DELETE, TIMER_DIRECTION, TIMER_DISABLE, TIMER_DOWN, TIMER_ENABLE, TIMER_ENABLED, TIMER_GENERATION, TIMER_LOAD, TIMER_LOCK,
  TIMER_MODE, TIMER_REFERENCES, TIMER_RELOAD_COUNT, TIMER_RESOLUTION, TIMER_RETAIN, TIMER_RUNNING, TIMER_SET_COUNT, TIMER_SIZE,
  TIMER_SKIPPED, TIMER_SOURCE, TIMER_START, TIMER_STATE, TIMER_STOP, TIMERS,
} from '../etm-layout'
import { ETM_BLOCK } from '../layout'
import { TRACE_TIMER_ALARM } from '../trace-layout'
import { fire } from './etm'
import { instantMs, instantNs, setInstant } from './instant'
import { wake } from './ring'
import { isTraced, trace } from './trace'

const NEVER: i64 = i64.MAX_VALUE
const NS_PER_SECOND: i64 = 1000000000
/** Of a counter of 54 bits. */
const LAST_COUNT: i64 = (1 << 54) - 1
const HALF_RANGE: i64 = 1 << 53
/** More seconds than this, over a century, are never: their nanoseconds would not fit. */
const MOST_SECONDS: i64 = 4000000000

// @ts-ignore: decorator
@inline
function lock(timer: usize): void {
  while (atomic.load<u32>(timer, TIMER_LOCK) != 0 || atomic.cmpxchg<u32>(timer, 0, 1, TIMER_LOCK) != 0) {}
}

// @ts-ignore: decorator
@inline
function unlock(timer: usize): void {
  atomic.store<u32>(timer, 0, TIMER_LOCK)
}

/** Counts in so many nanoseconds. In two parts, as the product with a resolution would not fit. */
// @ts-ignore: decorator
@inline
function countsIn(ns: i64, hz: i64): i64 {
  return ns <= 0 ? 0 : (ns / NS_PER_SECOND) * hz + ((ns % NS_PER_SECOND) * hz) / NS_PER_SECOND
}

/** When there are so many counts more than at a time: the first nanosecond in which there are. */
// @ts-ignore: decorator
@inline
function nsAfter(ns: i64, counts: i64, hz: i64): i64 {
  if (counts / hz > MOST_SECONDS) return NEVER
  return ns + (counts / hz) * NS_PER_SECOND + ((counts % hz) * NS_PER_SECOND + hz - 1) / hz
}

/** A count as it is kept, or as it is told: the one of the other. */
// @ts-ignore: decorator
@inline
function turned(timer: usize, count: i64): i64 {
  return (load<u32>(timer, TIMER_DIRECTION) == TIMER_DOWN ? -count : count) & LAST_COUNT
}

/**
 * Counts of a running timer since its base. Who read the clock before another thread let an alarm go off comes after it all
 * the same.
 */
// @ts-ignore: decorator
@inline
function countsSince(timer: usize, ns: i64): i64 {
  const alarmNs = load<i64>(timer, TIMER_ALARM_NS)
  const latest = ns < alarmNs ? alarmNs : ns
  return countsIn(latest - load<i64>(timer, TIMER_BASE_NS), load<u32>(timer, TIMER_RESOLUTION))
}

/** The count at a time, turned. */
// @ts-ignore: decorator
@inline
function countAt(timer: usize, ns: i64): i64 {
  const base = load<i64>(timer, TIMER_BASE_COUNT)
  if (atomic.load<u32>(timer, TIMER_STATE) != TIMER_RUNNING) return base
  return (base + countsSince(timer, ns)) & LAST_COUNT
}

// @ts-ignore: decorator
@inline
function setCountAt(timer: usize, ns: i64, count: i64): void {
  store<i64>(timer, ns, TIMER_BASE_NS)
  store<i64>(timer, count, TIMER_BASE_COUNT)
}

/**
 * Works out when the alarm goes off. A count that is there already, or beyond, means now; but a timer's alarms are a count
 * apart, as on the chip: one that arms itself again would go off without end. True: earlier than before.
 */
// @ts-ignore: decorator
@inline
function rearm(timer: usize, ns: i64): bool {
  const before = atomic.load<i64>(timer, TIMER_DEADLINE)
  const mode = load<u32>(timer, TIMER_MODE)
  let deadline = NEVER
  if (
    atomic.load<u32>(timer, TIMER_STATE) == TIMER_RUNNING
    && (mode == TIMER_ALARM_ONCE || mode == TIMER_ALARM_PERIODIC)
  ) {
    const hz: i64 = load<u32>(timer, TIMER_RESOLUTION)
    const counts = countsSince(timer, ns)
    const ahead = (load<i64>(timer, TIMER_ALARM_COUNT) - load<i64>(timer, TIMER_BASE_COUNT) - counts) & LAST_COUNT
    const earliest = load<i64>(timer, TIMER_ALARM_NS) + NS_PER_SECOND / hz
    // From the base on, whose time is exact: that of the count was some time ago.
    deadline = ahead > HALF_RANGE ? ns : nsAfter(load<i64>(timer, TIMER_BASE_NS), counts + ahead, hz)
    if (deadline < ns) deadline = ns
    if (deadline < earliest) deadline = earliest
  }
  atomic.store<i64>(timer, deadline, TIMER_DEADLINE)
  return deadline < before
}

// @ts-ignore: decorator
@inline
function wakeThread(): void {
  const thread = atomic.load<u32>(ETM_BLOCK, ETM_TIMER_THREAD)
  if (thread != 0) wake(thread)
}

/** Lets an alarm go off if it is due by then. */
function alarm(timer: usize, ns: i64): void {
  let count: i64 = 0
  lock(timer)
  let deadline = atomic.load<i64>(timer, TIMER_DEADLINE)
  const isDue = deadline <= ns
  if (isDue) {
    if (load<u32>(timer, TIMER_MODE) == TIMER_ALARM_PERIODIC) {
      const hz: i64 = load<u32>(timer, TIMER_RESOLUTION)
      const reload = load<i64>(timer, TIMER_RELOAD_COUNT)
      let period = (load<i64>(timer, TIMER_ALARM_COUNT) - reload) & LAST_COUNT
      // A reload that is past the alarm sets it off again as soon as can be.
      if (period == 0 || period > HALF_RANGE) period = 1
      const late = countsIn(ns - deadline, hz) / period
      if (late > (TIMER_CATCH_UP as i64)) {
        const skipped = late - (TIMER_CATCH_UP as i64)
        const counts = countsSince(timer, deadline) + skipped * period
        store<i64>(timer, load<i64>(timer, TIMER_SKIPPED) + skipped, TIMER_SKIPPED)
        store<i64>(timer, (load<i64>(timer, TIMER_BASE_COUNT) - skipped * period) & LAST_COUNT, TIMER_BASE_COUNT)
        deadline = nsAfter(load<i64>(timer, TIMER_BASE_NS), counts, hz)
      }
      count = countAt(timer, deadline)
      // The base time stays, so that a period that is no whole number of nanoseconds does not drift.
      store<i64>(timer, (load<i64>(timer, TIMER_BASE_COUNT) - count + reload) & LAST_COUNT, TIMER_BASE_COUNT)
    } else {
      count = countAt(timer, deadline)
      store<u32>(timer, TIMER_ALARM_SPENT, TIMER_MODE)
    }
    store<i64>(timer, load<i64>(timer, TIMER_ALARMS) + 1, TIMER_ALARMS)
    store<i64>(timer, deadline, TIMER_ALARM_NS)
    rearm(timer, deadline)
  }
  unlock(timer)
  if (!isDue) return
  const before = setInstant(deadline)
  if (isTraced()) trace(TRACE_TIMER_ALARM, timer as u32, 0, 0, 0, 0, turned(timer, count) as f64, instantMs())
  fire(timer + TIMER_SOURCE)
  setInstant(before)
}

/** Lets go off what is due by then, so that nobody works on a count from before an alarm. */
// @ts-ignore: decorator
@inline
function settle(timer: usize, ns: i64): void {
  while (atomic.load<i64>(timer, TIMER_DEADLINE) <= ns) alarm(timer, ns)
}

// @ts-ignore: decorator
@inline
function isAlive(timer: usize, generation: u32): bool {
  return load<u32>(timer, TIMER_GENERATION) == generation && atomic.load<u32>(timer, TIMER_STATE) != 0
}

/** A free timer, or 0. Called by the opener only. */
export function timerNew(timers: u32, resolutionHz: u32, direction: u32): u32 {
  for (let number: u32 = 0; number < timers; number++) {
    const timer: usize = ETM_BLOCK + TIMERS + number * TIMER_SIZE
    if (atomic.load<u32>(timer, TIMER_STATE) != 0) continue
    atomic.store<i64>(timer, NEVER, TIMER_DEADLINE)
    store<u32>(timer, resolutionHz, TIMER_RESOLUTION)
    store<u32>(timer, direction, TIMER_DIRECTION)
    store<u32>(timer, TIMER_ALARM_OFF, TIMER_MODE)
    setCountAt(timer, 0, 0)
    store<i64>(timer, 0, TIMER_RELOAD_COUNT)
    store<i64>(timer, 0, TIMER_CAPTURED)
    store<i64>(timer, 0, TIMER_CAPTURES)
    store<i64>(timer, i64.MIN_VALUE, TIMER_CAPTURED_NS)
    store<i64>(timer, 0, TIMER_ALARMS)
    store<i64>(timer, 0, TIMER_SKIPPED)
    store<i64>(timer, -NS_PER_SECOND, TIMER_ALARM_NS)
    if (number >= atomic.load<u32>(ETM_BLOCK, ETM_TIMER_SLOTS)) atomic.store<u32>(ETM_BLOCK, number + 1, ETM_TIMER_SLOTS)
    atomic.store<u32>(timer, TIMER_CREATED, TIMER_STATE)
    return timer as u32
  }
  return 0
}

/** Does something to a timer: TIMER_ENABLE and so on. ETM_DONE, ETM_GONE, ETM_WRONG_STATE or ETM_IN_USE. */
export function timerOperate(timer: usize, generation: u32, operation: u32): u32 {
  const ns = instantNs()
  settle(timer, ns)
  let result = ETM_GONE
  let isEarlier = false
  lock(timer)
  if (isAlive(timer, generation)) {
    const state = atomic.load<u32>(timer, TIMER_STATE)
    result = ETM_WRONG_STATE
    if (operation == TIMER_ENABLE) {
      if (state == TIMER_CREATED) {
        atomic.store<u32>(timer, TIMER_ENABLED, TIMER_STATE)
        result = ETM_DONE
      }
    } else if (operation == TIMER_DISABLE) {
      if (state == TIMER_ENABLED) {
        atomic.store<u32>(timer, TIMER_CREATED, TIMER_STATE)
        result = ETM_DONE
      }
    } else if (operation == TIMER_START || operation == TIMER_BEGIN) {
      if (state == TIMER_ENABLED) {
        if (operation == TIMER_BEGIN && load<u32>(timer, TIMER_MODE) == TIMER_ALARM_SPENT) {
          store<u32>(timer, TIMER_ALARM_ONCE, TIMER_MODE)
        }
        store<i64>(timer, ns, TIMER_BASE_NS)
        atomic.store<u32>(timer, TIMER_RUNNING, TIMER_STATE)
        result = ETM_DONE
      }
    } else if (operation == TIMER_STOP) {
      if (state == TIMER_RUNNING) {
        store<i64>(timer, countAt(timer, ns), TIMER_BASE_COUNT)
        atomic.store<u32>(timer, TIMER_ENABLED, TIMER_STATE)
        result = ETM_DONE
      }
    } else if (operation == TIMER_DELETE) {
      if (state == TIMER_CREATED) {
        result = ETM_IN_USE
        if (atomic.load<u32>(timer, TIMER_REFERENCES) == 0) {
          store<u32>(timer, generation + 1, TIMER_GENERATION)
          atomic.store<u32>(timer, 0, TIMER_STATE)
          result = ETM_DONE
        }
      }
    } else {
      if (operation == TIMER_LOAD) {
        setCountAt(timer, ns, load<i64>(timer, TIMER_RELOAD_COUNT))
      } else if (operation == TIMER_CAPTURE) {
        // Two threads may follow alarms of one timer: the one that is later in time counts, not the one that got here last.
        if (ns >= load<i64>(timer, TIMER_CAPTURED_NS)) {
          store<i64>(timer, ns, TIMER_CAPTURED_NS)
          atomic.store<i64>(timer, turned(timer, countAt(timer, ns)), TIMER_CAPTURED)
        }
        atomic.store<i64>(timer, load<i64>(timer, TIMER_CAPTURES) + 1, TIMER_CAPTURES)
      } else if (operation == TIMER_ARM) {
        if (load<u32>(timer, TIMER_MODE) == TIMER_ALARM_SPENT) store<u32>(timer, TIMER_ALARM_ONCE, TIMER_MODE)
      } else if (operation == TIMER_RETAIN) {
        atomic.add<u32>(timer, 1, TIMER_REFERENCES)
      }
      result = ETM_DONE
    }
    isEarlier = rearm(timer, ns)
  }
  unlock(timer)
  if (isEarlier) wakeThread()
  return result
}

/** The count, or the one that was captured last; -1 if the timer is deleted. */
export function timerCount(timer: usize, generation: u32, isCaptured: u32): i64 {
  const ns = instantNs()
  settle(timer, ns)
  lock(timer)
  let count: i64 = -1
  if (isAlive(timer, generation)) {
    count = isCaptured != 0 ? load<i64>(timer, TIMER_CAPTURED) : turned(timer, countAt(timer, ns))
  }
  unlock(timer)
  return count
}

/** Sets the count (TIMER_SET_COUNT), or the alarm (TIMER_ALARM_OFF, _ONCE, _PERIODIC); 54 bits are kept. ETM_DONE, or ETM_GONE. */
export function timerSet(timer: usize, generation: u32, what: u32, count: i64, reload: i64): u32 {
  const ns = instantNs()
  settle(timer, ns)
  let result = ETM_GONE
  let isEarlier = false
  lock(timer)
  if (isAlive(timer, generation)) {
    if (what == TIMER_SET_COUNT) {
      setCountAt(timer, ns, turned(timer, count))
    } else {
      store<u32>(timer, what, TIMER_MODE)
      store<i64>(timer, turned(timer, count), TIMER_ALARM_COUNT)
      store<i64>(timer, turned(timer, reload), TIMER_RELOAD_COUNT)
    }
    isEarlier = rearm(timer, ns)
    result = ETM_DONE
  }
  unlock(timer)
  if (isEarlier) wakeThread()
  return result
}

/** The timer whose alarm is due first, or 0 if none is armed. */
function firstDue(): usize {
  const slots = atomic.load<u32>(ETM_BLOCK, ETM_TIMER_SLOTS)
  let first: usize = 0
  let deadline = NEVER
  for (let number: u32 = 0; number < slots; number++) {
    const timer: usize = ETM_BLOCK + TIMERS + number * TIMER_SIZE
    const due = atomic.load<i64>(timer, TIMER_DEADLINE)
    if (due < deadline) {
      deadline = due
      first = timer
    }
  }
  return first
}

/** When the next alarm is due, in nanoseconds of the Soc's clock; Infinity for never. */
export function timersNext(): f64 {
  const timer = firstDue()
  return timer == 0 ? Infinity : atomic.load<i64>(timer, TIMER_DEADLINE) as f64
}

/** Lets alarms go off that are due, the earliest first; not endlessly many. */
export function timersRun(): void {
  for (let alarms: u32 = 0; alarms < TIMER_ALARMS_PER_RUN; alarms++) {
    const timer = firstDue()
    const ns = instantNs()
    if (timer == 0 || atomic.load<i64>(timer, TIMER_DEADLINE) > ns) return
    alarm(timer, ns)
  }
}
