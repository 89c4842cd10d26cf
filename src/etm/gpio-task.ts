/** Tasks that change pins. */
import { hex, invalidState } from '../errors.ts'
import { ETM_IN_USE, ETM_NO_TASK, ETM_WRONG_STATE } from '../microcode/etm-layout.ts'

import { pinsOf } from './names.ts'
import { checkPin } from './pin-words.ts'
import { EtmTask } from './task.ts'

/** A task that sets, clears or toggles pins. It comes from `gpio.newEtmTask`. */
export class GpioTask extends EtmTask {
  /** The numbers of the pins that it changes. */
  get pins(): readonly number[] {
    return this.isAlive ? pinsOf(this.soc, this.handle) : []
  }

  /**
   * It changes one more pin, `gpio_etm_task_add_gpio`.
   *
   * @param pin - Its number.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a number that no pin has; `ESP_ERR_INVALID_STATE` if this task, or another of
   * the same action, changes the pin already, or this one is deleted.
   */
  addGpio(pin: number): void {
    checkPin(this.soc, pin)
    const result = this.isAlive ? this.soc.microcode.etmBind(this.handle, pin) : ETM_NO_TASK
    if (result === ETM_IN_USE) {
      const whose = this.pins.includes(pin) ? 'this task' : 'another task of the same action'
      throw invalidState(`pin ${pin} is bound to ${whose} already: remove it there first`)
    }
    if (result === ETM_NO_TASK) throw this.#deleted()
  }

  /**
   * It changes one pin less, `gpio_etm_task_rm_gpio`.
   *
   * @param pin - Its number.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a number that no pin has; `ESP_ERR_INVALID_STATE` if the task does not change
   * that pin, or is deleted.
   */
  removeGpio(pin: number): void {
    checkPin(this.soc, pin)
    const result = this.isAlive ? this.soc.microcode.etmUnbind(this.handle, pin) : ETM_NO_TASK
    if (result === ETM_WRONG_STATE) {
      throw invalidState(`pin ${pin} is not bound to this task, which has ${this.pins.join(', ') || 'none'}`)
    }
    if (result === ETM_NO_TASK) throw this.#deleted()
  }

  #deleted(): Error {
    return invalidState(`task ${hex(this.handle)} is deleted`)
  }
}
