/** Events: what the event-task matrix listens to. */
import { hex, invalidState } from '../errors.ts'
import { ETM_DONE, EVENT_OWN_SOURCE, EVENT_SOFTWARE } from '../microcode/etm-layout.ts'
import { KIND_EVENT } from '../microcode/object-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { MatrixObject, type MatrixKind } from './matrix-object.ts'
import { eventName } from './names.ts'
import { createEvent } from './object-words.ts'

/**
 * An event, `esp_etm_event_handle_t`. It comes from what it is an event of: `driver.newEtmEvent`, `gpio.newEtmEvent`,
 * `timer.newEtmEvent`, `soc.etm.newSoftwareEvent`. Connect it with a task by {@link EtmChannel.connect}.
 */
export class EtmEvent extends MatrixObject {
  protected override readonly kind: MatrixKind<'event'> = { number: KIND_EVENT, name: 'event' }

  protected override describe(): string {
    return eventName(this.soc, this.handle)
  }
}

/** An event that programs cause. */
export class SoftwareEvent extends EtmEvent {
  /**
   * Causes it. When the call returns, every task that it set off has been performed.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  trigger(): void {
    const isThere = this.isAlive && this.soc.microcode.etmTrigger(this.handle) === ETM_DONE
    if (!isThere) throw invalidState(`event ${hex(this.handle)} is deleted`)
    this.soc.virtualClock?.poke()
  }
}

/** A new software event. */
export function newSoftwareEvent(soc: SocCore): SoftwareEvent {
  const source = (slot: number): number => slot + EVENT_OWN_SOURCE
  return new SoftwareEvent(soc, createEvent(soc, { type: EVENT_SOFTWARE, source, owner: 0 }))
}
