/** Events and tasks as people read them, from the words of the shared memory: any thread can name what another has made. */
import { hex } from '../errors.ts'
import {
  EVENT_COPY_DONE,
  EVENT_GPIO_ANY,
  EVENT_GPIO_FALLING,
  EVENT_GPIO_RISING,
  EVENT_OWNER,
  EVENT_SOFTWARE,
  EVENT_TIMER_ALARM,
  EVENT_TYPE,
  PREPARED_LENGTH,
  TASK_AMOUNT,
  TASK_COPY_START,
  TASK_COUNTER_ADD,
  TASK_GPIO_CLEAR,
  TASK_GPIO_SET,
  TASK_GPIO_TOGGLE,
  TASK_PINS,
  TASK_SEMAPHORE_GIVE,
  TASK_TARGET,
  TASK_TIMER,
  TASK_TYPE,
  TIMER_ARM,
  TIMER_CAPTURE,
  TIMER_LOAD,
  TIMER_SIZE,
  TIMER_START,
  TIMER_STOP,
  TIMERS,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import { readSigned } from '../microcode/sequences.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { readWord } from './object-words.ts'

const GPIO_EVENTS = new Map([
  [EVENT_GPIO_RISING, 'rising edge'],
  [EVENT_GPIO_FALLING, 'falling edge'],
  [EVENT_GPIO_ANY, 'any edge'],
])

const GPIO_TASKS = new Map([
  [TASK_GPIO_SET, 'set'],
  [TASK_GPIO_CLEAR, 'clear'],
  [TASK_GPIO_TOGGLE, 'toggle'],
])

const TIMER_TASKS = new Map([
  [TASK_TIMER + TIMER_START, 'start'],
  [TASK_TIMER + TIMER_STOP, 'stop'],
  [TASK_TIMER + TIMER_LOAD, 'reload'],
  [TASK_TIMER + TIMER_CAPTURE, 'capture'],
  [TASK_TIMER + TIMER_ARM, 'enable-alarm'],
])

/** Whose a GPIO event is that no pin is bound to. */
export const NO_PIN = 0xffffffff

/** The number of a timer in its table. */
export const timerNumber = (timer: number): number => (timer - ETM_BLOCK - TIMERS) / TIMER_SIZE

/** The name of a living event: `copy-done of driver 0x00900040`. */
export function eventName(soc: SocCore, handle: number): string {
  const type = readWord(soc, handle + EVENT_TYPE)
  const owner = readWord(soc, handle + EVENT_OWNER)
  switch (type) {
    case EVENT_SOFTWARE:
      return `software event ${hex(handle)}`
    case EVENT_COPY_DONE:
      return `copy-done of driver ${hex(owner)}`
    case EVENT_TIMER_ALARM:
      return `alarm of timer ${timerNumber(owner)}`
    default:
      return `gpio ${owner === NO_PIN ? 'none' : owner} ${GPIO_EVENTS.get(type) ?? `event ${type}`}`
  }
}

/** The name of a living task: `gpio 4 toggle`. */
export function taskName(soc: SocCore, handle: number): string {
  const type = readWord(soc, handle + TASK_TYPE)
  const target = readWord(soc, handle + TASK_TARGET)
  const gpioTask = GPIO_TASKS.get(type)
  if (gpioTask !== undefined) return `gpio ${pinsOf(soc, handle).join(', ') || 'none'} ${gpioTask}`
  switch (type) {
    case TASK_COUNTER_ADD:
      return `add ${readSigned(soc.space.words, handle + TASK_AMOUNT)} to counter ${hex(target)}`
    case TASK_SEMAPHORE_GIVE:
      return `give semaphore ${hex(target)}`
    case TASK_COPY_START:
      return `start copy of ${readWord(soc, handle + PREPARED_LENGTH)} bytes on driver ${hex(target)}`
    default:
      return `${TIMER_TASKS.get(type) ?? `task ${type}`} of timer ${timerNumber(target)}`
  }
}

/** The numbers of the pins that a GPIO task changes. */
export function pinsOf(soc: SocCore, task: number): number[] {
  const pins: number[] = []
  for (let number = 0; number < 64; number++) {
    const half = readWord(soc, task + TASK_PINS + (number < 32 ? 0 : 4))
    if (((half >>> (number & 31)) & 1) !== 0) pins.push(number)
  }
  return pins
}
