/**
 * Semaphores: any thread gives, any thread takes. Nothing here waits: those who block or listen do so in TypeScript
 * (blocking-take.ts, async-takers.ts), with the accesses in this order.
 *
 *   give      COUNT + 1, clear LISTENERS, in one step, which tells whether there are sleepers and were listeners
 *             < if sleepers: WAKE + 1 < notify one on WAKE  < if listeners: NEWS + 1 < notify all on NEWS
 *   sleeper   read WAKE < take, or SLEEPERS + 1 in the same step < wait while WAKE is what was read
 *             < again, but now with a token SLEEPERS - 1 in the same step
 *   listener  read NEWS < take, or set LISTENERS in the same step < waitAsync while NEWS is what was read
 *   delete    life = none, in one step < WAKE + 1 < notify all < NEWS + 1 < notify all < the slot is given back
 * A give either comes before the step in which a taker looks, which then finds the token, or after it: then it sees the
 * sleeper or listener and changes the word on which that one sleeps. To read WAKE or NEWS after the look would lose the
 * wake-up in between (verify/semaphore.pml shows it).
 *
 * One sleeper is woken for each token: it sleeps for nothing else. It looks before it leaves, time up or not, so a wake-up
 * that came with a token is never thrown away; and it wakes by itself every 100 ms, so that one who was ended just after it
 * was notified delays the others no longer than that. Listeners are told all together: their threads may be busy with
 * something else for long, and must not keep the news from those who are not. Until somebody takes it, a token is in COUNT.
 *
 * Lives: a slot is used again, and a thread may be anywhere in the above meanwhile. Every step compares the life, so it
 * changes nothing for the new semaphore. WAKE and NEWS begin elsewhere in each life, so nobody falls asleep on a word of the
 * next one. What can happen is that a late notification wakes somebody of the next life, who looks and sleeps again.
 *
 * Between the step and the notifications there is no loop and no call, so no thread is ended in between.
 */
import {
  GIVE_DELETED, GIVE_DONE, GIVE_FULL, GIVE_WOKE, SEMAPHORE_ANY_LIFE, SEMAPHORE_COUNT, SEMAPHORE_LIFE_SHIFT, SEMAPHORE_LIMIT,
  SEMAPHORE_LISTENERS, SEMAPHORE_NEWS, SEMAPHORE_SLEEPER, SEMAPHORE_SLEEPERS, SEMAPHORE_WAKE, TAKE_AWAKE, TAKE_DELETED,
  TAKE_DONE, TAKE_EMPTY, TAKE_OR_LEAVE, TAKE_OR_LISTEN, TAKE_OR_SLEEP,
} from '../semaphore-layout'
import { TRACE_SEMAPHORE_GIVEN, TRACE_SEMAPHORE_TAKEN } from '../trace-layout'
import { instantMs } from './instant'
import { isTraced, trace } from './trace'

/** The high half of the state: SEMAPHORE_TAKERS. */
// @ts-ignore: decorator
@inline
function takersOf(state: u64): u32 {
  return (state >> 32) as u32
}

// @ts-ignore: decorator
@inline
function lifeOf(state: u64): u32 {
  return takersOf(state) >> SEMAPHORE_LIFE_SHIFT
}

/** Whether sleepers can still be counted. */
// @ts-ignore: decorator
@inline
function isCounted(takers: u32): bool {
  return (takers & SEMAPHORE_SLEEPERS) != SEMAPHORE_SLEEPERS
}

// @ts-ignore: decorator
@inline
function join(takers: u32, count: u32): u64 {
  return ((takers as u64) << 32) | (count as u64)
}

/**
 * Gives a token, from wherever.
 *
 * @param life - Of which semaphore of this slot, or SEMAPHORE_ANY_LIFE.
 * @returns GIVE_….
 */
export function semaphoreGive(address: usize, life: u32): u32 {
  while (true) {
    const state = atomic.load<u64>(address, SEMAPHORE_COUNT)
    const lives = lifeOf(state)
    if (lives == 0 || (life != SEMAPHORE_ANY_LIFE && life != lives)) return GIVE_DELETED
    const count = state as u32
    if (count >= load<u32>(address, SEMAPHORE_LIMIT)) {
      // The limit may be that of the next life.
      if (atomic.load<u64>(address, SEMAPHORE_COUNT) == state) return GIVE_FULL
      continue
    }
    const takers = takersOf(state)
    const next = join(takers & ~SEMAPHORE_LISTENERS, count + 1)
    // Before the step, so that nobody takes it before it was given.
    const traced = isTraced()
    const givenMs: f64 = traced ? instantMs() : 0
    if (atomic.cmpxchg<u64>(address, state, next, SEMAPHORE_COUNT) != state) continue
    let woken: u32 = takers & SEMAPHORE_LISTENERS
    if ((takers & SEMAPHORE_SLEEPERS) != 0) {
      atomic.add<u32>(address, 1, SEMAPHORE_WAKE)
      woken |= atomic.notify(address + SEMAPHORE_WAKE, 1) as u32
    }
    if ((takers & SEMAPHORE_LISTENERS) != 0) {
      atomic.add<u32>(address, 1, SEMAPHORE_NEWS)
      atomic.notify(address + SEMAPHORE_NEWS, -1)
    }
    if (traced) trace(TRACE_SEMAPHORE_GIVEN, address as u32, 0, 0, 0, 0, (count + 1) as f64, givenMs)
    return woken != 0 ? GIVE_WOKE : GIVE_DONE
  }
}

/**
 * Takes a token if there is one.
 *
 * @param life - Of which semaphore of this slot.
 * @param otherwise - TAKE_NOW, or what else changes: TAKE_OR_….
 * @returns TAKE_….
 */
export function semaphoreTake(address: usize, life: u32, otherwise: u32): u32 {
  while (true) {
    const state = atomic.load<u64>(address, SEMAPHORE_COUNT)
    if (lifeOf(state) != life) return TAKE_DELETED
    const count = state as u32
    let takers = takersOf(state)
    if (count == 0) {
      if (otherwise == TAKE_OR_LISTEN) takers |= SEMAPHORE_LISTENERS
      else if (otherwise == TAKE_OR_SLEEP && isCounted(takers)) takers += SEMAPHORE_SLEEPER
    }
    const leaves = otherwise == TAKE_OR_LEAVE || (otherwise == TAKE_AWAKE && count != 0)
    if (leaves && isCounted(takers)) takers -= SEMAPHORE_SLEEPER
    const next = join(takers, count == 0 ? 0 : count - 1)
    if (next == state || atomic.cmpxchg<u64>(address, state, next, SEMAPHORE_COUNT) == state) {
      if (count == 0) return TAKE_EMPTY
      if (isTraced()) trace(TRACE_SEMAPHORE_TAKEN, address as u32, 0, 0, 0, 0, (count - 1) as f64, instantMs())
      return TAKE_DONE
    }
  }
}

/**
 * Ends a semaphore's life and tells everybody who waits for it. The slot is still the caller's to give back.
 *
 * @returns 1 if this call ended it, 0 if it had ended.
 */
export function semaphoreEnd(address: usize, life: u32): u32 {
  while (true) {
    const state = atomic.load<u64>(address, SEMAPHORE_COUNT)
    if (lifeOf(state) != life) return 0
    if (atomic.cmpxchg<u64>(address, state, 0, SEMAPHORE_COUNT) != state) continue
    atomic.add<u32>(address, 1, SEMAPHORE_WAKE)
    atomic.notify(address + SEMAPHORE_WAKE, -1)
    atomic.add<u32>(address, 1, SEMAPHORE_NEWS)
    atomic.notify(address + SEMAPHORE_NEWS, -1)
    return 1
  }
}
