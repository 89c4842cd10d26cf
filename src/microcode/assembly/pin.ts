/**
 * Pins. A pin is one word that anybody changes by compare-exchange: whoever changes the level of the pad by that has the
 * edge, counts it, tells observers and fires its events. So each edge is dealt with once, by one thread.
 *
 *   edge       change STATE < add 1 to EDGES < look at WAITING; if set: clear it < add 1 to NEWS < notify
 *   observer   read NEWS < set WAITING < look at EDGES < wait while NEWS is what was read
 * The order is that of a driver's news (channel.ts). From the change to the notification there is no loop and no call: a
 * thread that is ended counts an edge and tells of it, or there was none.
 */
import {
  PIN_ANY, PIN_CLEAR, PIN_DISABLE, PIN_DISABLED, PIN_DRIVE_HIGH, PIN_DRIVE_LOW, PIN_EDGES, PIN_EXTERNAL, PIN_FALLING,
  PIN_LATCH, PIN_MAKE_INPUT, PIN_MAKE_OUTPUT, PIN_NEWS, PIN_OUTPUT, PIN_RISING, PIN_SET, PIN_SIZE, PIN_STATE, PIN_TIME,
  PIN_TOGGLE, PIN_WAITING, PINS,
} from '../etm-layout'
import { ETM_BLOCK } from '../layout'
import { TRACE_GPIO } from '../trace-layout'
import { fireBoth } from './etm'
import { instantMs } from './instant'
import { isTraced, trace } from './trace'

/** The level at the pad: an output's latch, an input's outside. */
// @ts-ignore: decorator
@inline
function level(state: u32): u32 {
  if ((state & PIN_DISABLED) != 0) return 0
  return (state & PIN_OUTPUT) != 0 ? state & PIN_LATCH : ((state & PIN_EXTERNAL) != 0 ? 1 : 0)
}

// @ts-ignore: decorator
@inline
function changed(state: u32, change: u32): u32 {
  switch (change) {
    case PIN_SET: return state | PIN_LATCH
    case PIN_CLEAR: return state & ~PIN_LATCH
    case PIN_TOGGLE: return state ^ PIN_LATCH
    case PIN_DRIVE_LOW: return state & ~PIN_EXTERNAL
    case PIN_DRIVE_HIGH: return state | PIN_EXTERNAL
    case PIN_MAKE_INPUT: return state & ~(PIN_OUTPUT | PIN_DISABLED)
    case PIN_MAKE_OUTPUT: return (state & ~PIN_DISABLED) | PIN_OUTPUT
    case PIN_DISABLE: return (state & ~PIN_OUTPUT) | PIN_DISABLED
    default: return state
  }
}

/** Changes a pin: PIN_SET and so on. */
export function pinChange(number: u32, change: u32): void {
  const pin: usize = ETM_BLOCK + PINS + number * PIN_SIZE
  let rises: u32 = 0
  let timeMs: f64 = 0
  while (true) {
    const before = atomic.load<u32>(pin, PIN_STATE)
    const after = changed(before, change)
    if (before == after) return
    rises = level(after)
    if (rises == level(before)) {
      if (atomic.cmpxchg<u32>(pin, before, after, PIN_STATE) == before) return
      continue
    }
    timeMs = instantMs()
    if (atomic.cmpxchg<u32>(pin, before, after, PIN_STATE) != before) continue
    atomic.add<i64>(pin, 1, PIN_EDGES)
    store<f64>(pin, timeMs, PIN_TIME)
    if (atomic.load<u32>(pin, PIN_WAITING) != 0) {
      atomic.store<u32>(pin, 0, PIN_WAITING)
      atomic.add<u32>(pin, 1, PIN_NEWS)
      atomic.notify(pin + PIN_NEWS, -1)
    }
    break
  }
  if (isTraced()) trace(TRACE_GPIO, number, rises, 0, 0, 0, 0, timeMs)
  fireBoth(pin + (rises != 0 ? PIN_RISING : PIN_FALLING), pin + PIN_ANY)
}
