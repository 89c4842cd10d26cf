/** GPIO events and GPIO tasks, of which a chip has a few each. */
import { EspError } from '../errors.ts'
import {
  ETM_GPIO_EVENTS,
  ETM_GPIO_TASKS,
  TASK_GPIO_CLEAR,
  TASK_GPIO_SET,
  TASK_GPIO_TOGGLE,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { GPIO_EVENT_TYPES, GpioEvent, type GpioEdge } from './gpio-event.ts'
import { GpioTask } from './gpio-task.ts'
import { NO_PIN } from './names.ts'
import { createEvent, createTask } from './object-words.ts'
import { chosen } from './words.ts'

/** What a task does to a pin. */
export type GpioAction = 'set' | 'clear' | 'toggle'

const ACTIONS: Readonly<Record<GpioAction, number>> = {
  set: TASK_GPIO_SET,
  clear: TASK_GPIO_CLEAR,
  toggle: TASK_GPIO_TOGGLE,
}

/**
 * A new event that no pin is bound to.
 *
 * @throws EspError as documented at `Etm.newGpioEvent`.
 */
export function newGpioEvent(soc: SocCore, edge: GpioEdge): GpioEvent {
  const type = chosen('edge', GPIO_EVENT_TYPES, edge)
  return reserve(soc, ETM_GPIO_EVENTS, 'events', () => {
    return new GpioEvent(soc, createEvent(soc, { type, source: () => 0, owner: NO_PIN }))
  })
}

/**
 * A new task that changes no pin yet.
 *
 * @throws EspError as documented at `Etm.newGpioTask`.
 */
export function newGpioTask(soc: SocCore, action: GpioAction): GpioTask {
  const type = chosen('action', ACTIONS, action)
  return reserve(soc, ETM_GPIO_TASKS, 'tasks', () => new GpioTask(soc, createTask(soc, { type })))
}

/** Takes one of the few that there are, and makes it. */
function reserve<Made>(soc: SocCore, word: number, what: string, make: () => Made): Made {
  const { words } = soc.space
  const { name, peripherals } = soc.target
  const index = (ETM_BLOCK + word) >> 2
  for (;;) {
    const used = Atomics.load(words, index)
    if (used >= peripherals.gpioEtmChannels.value) {
      throw new EspError('ESP_ERR_NOT_FOUND', `no free GPIO ${what}: ${name} has ${used}, all in use; delete one`)
    }
    if (Atomics.compareExchange(words, index, used, used + 1) === used) break
  }
  try {
    return make()
  } catch (error) {
    Atomics.sub(words, index, 1)
    throw error
  }
}
