/** Events of the edges of pins. */
import { hex, invalidState } from '../errors.ts'
import {
  ETM_CHANNEL_SIZE,
  ETM_CHANNELS,
  ETM_DONE,
  EVENT_GPIO_ANY,
  EVENT_GPIO_FALLING,
  EVENT_GPIO_RISING,
  EVENT_OWNER,
  EVENT_TYPE,
  PIN_ANY,
  PIN_FALLING,
  PIN_RISING,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'

import { EtmEvent } from './event.ts'
import { NO_PIN } from './names.ts'
import { readWord } from './object-words.ts'
import { checkPin, pinAddress } from './pin-words.ts'

/** Which edges an event is of. */
export type GpioEdge = 'rising' | 'falling' | 'any'

/** The type of an event of each. */
export const GPIO_EVENT_TYPES: Readonly<Record<GpioEdge, number>> = {
  rising: EVENT_GPIO_RISING,
  falling: EVENT_GPIO_FALLING,
  any: EVENT_GPIO_ANY,
}

/** The source within a pin's words, by the type of the event. */
const SOURCES: ReadonlyMap<number, number> = new Map([
  [EVENT_GPIO_RISING, PIN_RISING],
  [EVENT_GPIO_FALLING, PIN_FALLING],
  [EVENT_GPIO_ANY, PIN_ANY],
])

/** An event of the edges of one pin. It comes from `gpio.newEtmEvent`, or without a pin from `soc.etm.newGpioEvent`. */
export class GpioEvent extends EtmEvent {
  /** The number of the pin; undefined if none is bound. */
  get pin(): number | undefined {
    if (!this.isAlive) return undefined
    const owner = readWord(this.soc, this.handle + EVENT_OWNER)
    return owner === NO_PIN ? undefined : owner
  }

  /**
   * It is of the edges of this pin from now on, and of no other, `gpio_etm_event_bind_gpio`. Channels that are connected to it
   * follow.
   *
   * @param pin - Its number.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a number that no pin has; `ESP_ERR_INVALID_STATE` if the event is deleted.
   */
  bindGpio(pin: number): void {
    const { soc, handle } = this
    const { microcode, target } = soc
    checkPin(soc, pin)
    const source = pinAddress(pin) + (SOURCES.get(readWord(soc, handle + EVENT_TYPE)) ?? 0)
    const isThere = this.isAlive && microcode.etmListen(handle, source, pin) === ETM_DONE
    if (!isThere) throw invalidState(`event ${hex(handle)} is deleted`)
    for (let number = 0; number < target.peripherals.etmChannels.value; number++) {
      microcode.etmFollow(ETM_BLOCK + ETM_CHANNELS + number * ETM_CHANNEL_SIZE, handle)
    }
  }
}
