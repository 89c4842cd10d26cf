/**
 * The event-task matrix: what a finished copy, an edge or an alarm sets going, without any JavaScript in between.
 *
 * An event's channels come in the order of their numbers. A task may cause events of its own; those are followed before the
 * next channel is (depth first). All that one event sets off is limited, because a loop of pins alone has no time in it: it
 * would never end. A copy that restarts itself is no such loop, it goes through the ring.
 *
 *   follower   count in < read the source < read the route of each of its channels < perform the task < count out
 *   reuse      retire a slot < LEFT equals ENTERED < use the slot for another object (objects.ts)
 * A route names the source and the task in one word, so whoever follows an event performs a task that was connected to this
 * event at that moment, and the object is not another one before the follower is out again (verify/etm.pml).
 */
import {
  COUNTER_VALUE, ETM_BUDGET, ETM_CHANNELS, ETM_CHANNEL_ROUTE, ETM_CHANNEL_SIZE, ETM_CUT, ETM_DONE, ETM_ENTERED, ETM_GONE,
  ETM_LEFT, EVENT_OWN_SOURCE, EVENT_SOFTWARE, EVENT_TYPE, PIN_SET, PREPARED_ARGUMENT, PREPARED_CALLBACK, PREPARED_CLIENT,
  PREPARED_DESTINATION, PREPARED_LENGTH, PREPARED_REFUSED, PREPARED_SOURCE, PREPARED_STARTED, TASK_AMOUNT, TASK_COPY_START,
  TASK_COUNTER_ADD, TASK_GENERATION, TASK_GPIO_SET, TASK_GPIO_TOGGLE, TASK_PINS,
  TASK_SEMAPHORE_GIVE, TASK_TARGET, TASK_TIMER, TASK_TYPE,
} from '../etm-layout'
import { CHANNEL_FOLLOWING, ETM_BLOCK, SUBMIT_WOKE } from '../layout'
import { KIND_EVENT } from '../object-layout'
import { TRACE_ETM_EVENT, TRACE_ETM_TASK } from '../trace-layout'
import { isObject } from './objects'
import { pinChange } from './pin'
import { instantMs } from './instant'
import { submit } from './ring'
import { semaphoreGive } from './semaphore'
import { timerOperate } from './timer'
import { isTraced, trace } from './trace'

/** Events that this thread follows, one inside the other. */
let depth: u32 = 0
/** Tasks that the outermost of them may still set off. */
let budget: u32 = 0
/** The channel whose thread this is, or 0: should the thread die on the way, its opener counts it out. */
let ownChannel: usize = 0

export function followAs(channel: usize): void {
  ownChannel = channel
}

/** Counts this thread in. No thread ends between the two accesses: there is no loop and no call. */
// @ts-ignore: decorator
@inline
function enter(): void {
  if (depth == 0) {
    budget = ETM_BUDGET
    atomic.add<u32>(ETM_BLOCK, 1, ETM_ENTERED)
    if (ownChannel != 0) atomic.store<u32>(ownChannel, 1, CHANNEL_FOLLOWING)
  }
  depth++
}

// @ts-ignore: decorator
@inline
function leave(): void {
  depth--
  if (depth == 0) {
    if (ownChannel != 0) atomic.store<u32>(ownChannel, 0, CHANNEL_FOLLOWING)
    atomic.add<u32>(ETM_BLOCK, 1, ETM_LEFT)
  }
}

function traceChannel(number: u32, source: u32, task: u32): void {
  const timeMs = instantMs()
  trace(TRACE_ETM_EVENT, number, source, 0, 0, 0, 0, timeMs)
  trace(TRACE_ETM_TASK, number, task, 0, 0, 0, 0, timeMs)
}

function follow(source: usize): void {
  let listening = atomic.load<i64>(source)
  while (listening != 0) {
    const number = ctz(listening) as u32
    const channel = ETM_BLOCK + ETM_CHANNELS + number * ETM_CHANNEL_SIZE
    listening &= listening - 1
    const route = atomic.load<u64>(channel, ETM_CHANNEL_ROUTE)
    if ((route >> 32) as usize != source) continue
    if (budget == 0) {
      atomic.add<i64>(ETM_BLOCK, 1, ETM_CUT)
    } else {
      budget--
      if (isTraced()) traceChannel(number, source as u32, route as u32)
      perform(route as u32)
    }
  }
}

/** An event of a source. */
export function fire(source: usize): void {
  if (atomic.load<i64>(source) == 0) return
  enter()
  follow(source)
  leave()
}

/** An event of two sources at once. */
export function fireBoth(first: usize, second: usize): void {
  if ((atomic.load<i64>(first) | atomic.load<i64>(second)) == 0) return
  enter()
  follow(first)
  follow(second)
  leave()
}

/** Triggers a software event. ETM_DONE, or ETM_GONE. */
export function etmTrigger(event: usize): u32 {
  // Counted in first: the slot stays this event's, alive or not, until this thread is out again.
  enter()
  const isAlive = isObject(event, KIND_EVENT) && load<u32>(event, EVENT_TYPE) == EVENT_SOFTWARE
  if (isAlive) follow(event + EVENT_OWN_SOURCE)
  leave()
  return isAlive ? ETM_DONE : ETM_GONE
}

function perform(task: usize): void {
  const type = load<u32>(task, TASK_TYPE)
  const target = load<u32>(task, TASK_TARGET) as usize
  if (type >= TASK_TIMER) {
    timerOperate(target, load<u32>(task, TASK_GENERATION), type - TASK_TIMER)
  } else if (type <= TASK_GPIO_TOGGLE) {
    let pins = atomic.load<i64>(task, TASK_PINS)
    while (pins != 0) {
      pinChange(ctz(pins) as u32, type - TASK_GPIO_SET + PIN_SET)
      pins &= pins - 1
    }
  } else if (type == TASK_COUNTER_ADD) {
    atomic.add<i64>(target, load<i64>(task, TASK_AMOUNT), COUNTER_VALUE)
  } else if (type == TASK_SEMAPHORE_GIVE) {
    semaphoreGive(target, load<u32>(task, TASK_GENERATION))
  } else if (type == TASK_COPY_START) {
    startCopy(task, target)
  }
}

/** A prepared copy is a submission with no record: nobody waits for it. A full or closed ring refuses it. */
function startCopy(task: usize, driver: usize): void {
  const result = submit(
    driver, task + PREPARED_CLIENT, load<u32>(task, PREPARED_DESTINATION), load<u32>(task, PREPARED_SOURCE),
    load<u32>(task, PREPARED_LENGTH), 0, load<u32>(task, PREPARED_CALLBACK), load<u32>(task, PREPARED_ARGUMENT),
  )
  if (result <= SUBMIT_WOKE) atomic.add<i64>(task, 1, PREPARED_STARTED)
  else atomic.add<i64>(task, 1, PREPARED_REFUSED)
}
