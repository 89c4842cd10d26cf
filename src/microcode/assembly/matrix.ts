/**
 * The changes of the event-task matrix: channels, what they connect, and the end of events and tasks. Any thread makes them,
 * under ETM_LOCK; threads that follow events (etm.ts) need no lock, each change reaches them in single atomic words.
 *
 * Between taking and giving the lock there is no loop and no call, so no thread dies with it in its hand, and whoever finds
 * it taken waits for a few dozen instructions of another thread.
 */
import {
  ETM_BOUND, ETM_CHANNEL_CREATED, ETM_CHANNEL_ENABLED, ETM_CHANNEL_EVENT, ETM_CHANNEL_GENERATION, ETM_CHANNEL_ROUTE,
  ETM_CHANNEL_SIZE, ETM_CHANNEL_STATE, ETM_CHANNEL_TASK, ETM_CHANNELS, ETM_DONE, ETM_GONE, ETM_GPIO_EVENTS, ETM_GPIO_TASKS,
  ETM_IN_USE, ETM_LOCK, ETM_NO_EVENT, ETM_NO_TASK, ETM_WRONG_STATE, EVENT_GPIO_ANY, EVENT_GPIO_RISING, EVENT_OWNER,
  EVENT_SOURCE, EVENT_TIMER_ALARM, EVENT_TYPE, TASK_COUNTER_ADD, TASK_GPIO_SET, TASK_GPIO_TOGGLE, TASK_PINS,
  TASK_SEMAPHORE_GIVE, TASK_TARGET, TASK_TIMER, TASK_TYPE, TIMER_REFERENCES,
} from '../etm-layout'
import { ETM_BLOCK, HEAP_CONTENDED } from '../layout'
import { KIND_EVENT, KIND_TASK, OBJECT_KIND, OBJECT_REFERENCES } from '../object-layout'
import { isObject, listOf, retire, tryLockObjects, unlockObjects } from './objects'

// @ts-ignore: decorator
@inline
function lock(): void {
  while (atomic.load<u32>(ETM_BLOCK, ETM_LOCK) != 0 || atomic.cmpxchg<u32>(ETM_BLOCK, 0, 1, ETM_LOCK) != 0) {}
}

// @ts-ignore: decorator
@inline
function unlock(): void {
  atomic.store<u32>(ETM_BLOCK, 0, ETM_LOCK)
}

// @ts-ignore: decorator
@inline
function isAlive(channel: usize, generation: u32): bool {
  return load<u32>(channel, ETM_CHANNEL_GENERATION) == generation && atomic.load<u32>(channel, ETM_CHANNEL_STATE) != 0
}

// @ts-ignore: decorator
@inline
function refer(object: usize, amount: u32): void {
  if (object != 0) atomic.add<u32>(object, amount, OBJECT_REFERENCES)
}

/**
 * Gives the channel's changes to those who follow events. A channel that stays with its source is never off it, so that no
 * event is missed; one that changes has its new route before the new source names it.
 */
// @ts-ignore: decorator
@inline
function reroute(channel: usize): void {
  const event = load<u32>(channel, ETM_CHANNEL_EVENT) as usize
  const task = load<u32>(channel, ETM_CHANNEL_TASK)
  const isOn = atomic.load<u32>(channel, ETM_CHANNEL_STATE) == ETM_CHANNEL_ENABLED && event != 0 && task != 0
  const source: usize = isOn ? load<u32>(event, EVENT_SOURCE) as usize : 0
  const before = (atomic.load<u64>(channel, ETM_CHANNEL_ROUTE) >> 32) as usize
  const bit: i64 = 1 << (((channel - ETM_BLOCK - ETM_CHANNELS) / ETM_CHANNEL_SIZE) as i64)
  if (before != 0 && before != source) atomic.and<i64>(before, ~bit)
  atomic.store<u64>(channel, isOn ? ((source as u64) << 32) | (task as u64) : 0, ETM_CHANNEL_ROUTE)
  if (source != 0 && before != source) atomic.or<i64>(source, bit)
}

/** The free channel of the lowest number, or 0. */
export function etmNewChannel(channels: u32): u32 {
  for (let number: u32 = 0; number < channels; number++) {
    const channel: usize = ETM_BLOCK + ETM_CHANNELS + number * ETM_CHANNEL_SIZE
    if (atomic.load<u32>(channel, ETM_CHANNEL_STATE) != 0) continue
    if (atomic.cmpxchg<u32>(channel, 0, ETM_CHANNEL_CREATED, ETM_CHANNEL_STATE) == 0) return channel as u32
  }
  return 0
}

/** Connects an event with a task; 0 for none. ETM_DONE, ETM_GONE, ETM_NO_EVENT or ETM_NO_TASK. */
export function etmConnect(channel: usize, generation: u32, event: usize, task: usize): u32 {
  let result = ETM_DONE
  lock()
  if (!isAlive(channel, generation)) {
    result = ETM_GONE
  } else if (event != 0 && !isObject(event, KIND_EVENT)) {
    result = ETM_NO_EVENT
  } else if (task != 0 && !isObject(task, KIND_TASK)) {
    result = ETM_NO_TASK
  } else {
    refer(event, 1)
    refer(task, 1)
    refer(load<u32>(channel, ETM_CHANNEL_EVENT), -1)
    refer(load<u32>(channel, ETM_CHANNEL_TASK), -1)
    store<u32>(channel, event as u32, ETM_CHANNEL_EVENT)
    store<u32>(channel, task as u32, ETM_CHANNEL_TASK)
    reroute(channel)
  }
  unlock()
  return result
}

/** ETM_DONE, ETM_GONE or ETM_WRONG_STATE. */
export function etmEnable(channel: usize, generation: u32): u32 {
  let result = ETM_GONE
  lock()
  if (isAlive(channel, generation)) {
    result = ETM_WRONG_STATE
    if (atomic.load<u32>(channel, ETM_CHANNEL_STATE) == ETM_CHANNEL_CREATED) {
      atomic.store<u32>(channel, ETM_CHANNEL_ENABLED, ETM_CHANNEL_STATE)
      reroute(channel)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** ETM_DONE, ETM_GONE or ETM_WRONG_STATE. */
export function etmDisable(channel: usize, generation: u32): u32 {
  let result = ETM_GONE
  lock()
  if (isAlive(channel, generation)) {
    result = ETM_WRONG_STATE
    if (atomic.load<u32>(channel, ETM_CHANNEL_STATE) == ETM_CHANNEL_ENABLED) {
      atomic.store<u32>(channel, ETM_CHANNEL_CREATED, ETM_CHANNEL_STATE)
      reroute(channel)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** ETM_DONE, ETM_GONE or, of an enabled channel, ETM_WRONG_STATE. */
export function etmDeleteChannel(channel: usize, generation: u32): u32 {
  let result = ETM_GONE
  lock()
  if (isAlive(channel, generation)) {
    result = ETM_WRONG_STATE
    if (atomic.load<u32>(channel, ETM_CHANNEL_STATE) == ETM_CHANNEL_CREATED) {
      refer(load<u32>(channel, ETM_CHANNEL_EVENT), -1)
      refer(load<u32>(channel, ETM_CHANNEL_TASK), -1)
      store<u32>(channel, 0, ETM_CHANNEL_EVENT)
      store<u32>(channel, 0, ETM_CHANNEL_TASK)
      store<u32>(channel, generation + 1, ETM_CHANNEL_GENERATION)
      // Last: from now on it is anybody's.
      atomic.store<u32>(channel, 0, ETM_CHANNEL_STATE)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** A task will refer to a counter or a semaphore. ETM_DONE, or ETM_GONE. */
export function etmRetain(object: usize, kind: u32): u32 {
  lock()
  const result = isObject(object, kind) ? ETM_DONE : ETM_GONE
  if (result == ETM_DONE) refer(object, 1)
  unlock()
  return result
}

// @ts-ignore: decorator
@inline
function boundBy(type: u32): usize {
  return ETM_BLOCK + ETM_BOUND + ((type - TASK_GPIO_SET) << 3)
}

/**
 * A GPIO event listens to another source, of a pin, from now on: the channels that it is connected to, as soon as `etmFollow`
 * has been called for each. ETM_DONE or ETM_NO_EVENT.
 */
export function etmListen(event: usize, source: u32, pin: u32): u32 {
  let result = ETM_NO_EVENT
  lock()
  if (isObject(event, KIND_EVENT)) {
    const type = load<u32>(event, EVENT_TYPE)
    if (type >= EVENT_GPIO_RISING && type <= EVENT_GPIO_ANY) {
      store<u32>(event, source, EVENT_SOURCE)
      store<u32>(event, pin, EVENT_OWNER)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** A channel follows its event to another source, if it is connected to that event. ETM_DONE. */
export function etmFollow(channel: usize, event: u32): u32 {
  lock()
  if (atomic.load<u32>(channel, ETM_CHANNEL_STATE) != 0 && load<u32>(channel, ETM_CHANNEL_EVENT) == event) reroute(channel)
  unlock()
  return ETM_DONE
}

/** A GPIO task takes a pin. ETM_DONE, ETM_NO_TASK, or ETM_IN_USE if this or another task of its type has it. */
export function etmBind(task: usize, pin: u32): u32 {
  const bit: i64 = 1 << (pin as i64)
  let result = ETM_NO_TASK
  lock()
  if (isObject(task, KIND_TASK) && load<u32>(task, TASK_TYPE) <= TASK_GPIO_TOGGLE) {
    const bound = boundBy(load<u32>(task, TASK_TYPE))
    result = ETM_IN_USE
    if ((load<i64>(bound) & bit) == 0) {
      store<i64>(bound, load<i64>(bound) | bit)
      atomic.or<i64>(task, bit, TASK_PINS)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** A GPIO task lets go of a pin. ETM_DONE, ETM_NO_TASK, or ETM_WRONG_STATE if it has not got it. */
export function etmUnbind(task: usize, pin: u32): u32 {
  const bit: i64 = 1 << (pin as i64)
  let result = ETM_NO_TASK
  lock()
  if (isObject(task, KIND_TASK) && load<u32>(task, TASK_TYPE) <= TASK_GPIO_TOGGLE) {
    const bound = boundBy(load<u32>(task, TASK_TYPE))
    result = ETM_WRONG_STATE
    if ((atomic.load<i64>(task, TASK_PINS) & bit) != 0) {
      store<i64>(bound, load<i64>(bound) & ~bit)
      atomic.and<i64>(task, ~bit, TASK_PINS)
      result = ETM_DONE
    }
  }
  unlock()
  return result
}

/** What an event took for itself is free again. The lock is held. */
// @ts-ignore: decorator
@inline
function letGoOfEvent(event: usize): void {
  const type = load<u32>(event, EVENT_TYPE)
  if (type >= EVENT_GPIO_RISING && type <= EVENT_GPIO_ANY) atomic.sub<u32>(ETM_BLOCK, 1, ETM_GPIO_EVENTS)
  if (type == EVENT_TIMER_ALARM) atomic.sub<u32>(load<u32>(event, EVENT_OWNER), 1, TIMER_REFERENCES)
}

/** The same for a task. */
// @ts-ignore: decorator
@inline
function letGoOfTask(task: usize): void {
  const type = load<u32>(task, TASK_TYPE)
  const target = load<u32>(task, TASK_TARGET) as usize
  if (type <= TASK_GPIO_TOGGLE) {
    const bound = boundBy(type)
    store<i64>(bound, load<i64>(bound) & ~atomic.load<i64>(task, TASK_PINS))
    atomic.sub<u32>(ETM_BLOCK, 1, ETM_GPIO_TASKS)
  } else if (type >= TASK_TIMER) {
    atomic.sub<u32>(target, 1, TIMER_REFERENCES)
  } else if (type == TASK_COUNTER_ADD || type == TASK_SEMAPHORE_GIVE) {
    refer(target, -1)
  }
}

/** Deletes an event, a task or a counter that nothing refers to. ETM_DONE, ETM_GONE, ETM_IN_USE or HEAP_CONTENDED. */
export function etmDelete(object: usize, kind: u32): u32 {
  const list = listOf(kind)
  let result = ETM_GONE
  lock()
  if (isObject(object, kind)) {
    result = ETM_IN_USE
    if (atomic.load<u32>(object, OBJECT_REFERENCES) == 0) {
      result = HEAP_CONTENDED
      if (tryLockObjects()) {
        atomic.store<u32>(object, 0, OBJECT_KIND)
        if (kind == KIND_EVENT) letGoOfEvent(object)
        if (kind == KIND_TASK) letGoOfTask(object)
        retire(list, object)
        unlockObjects()
        result = ETM_DONE
      }
    }
  }
  unlock()
  return result
}
