/** The event of a driver's finished copies, `esp_async_memcpy_new_etm_event`. */
import { holdDriver } from '../engine/driver-block.ts'
import { EspError, show } from '../errors.ts'
import { EtmEvent } from '../etm/event.ts'
import { createEvent } from '../etm/object-words.ts'
import { EVENT_COPY_DONE } from '../microcode/etm-layout.ts'
import { DRIVER_EVENT } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

/** Events that a driver has, `async_memcpy_etm_event_t`. */
export type CopyEtmEvent = 'copy-done'

/**
 * A new event of a driver. The driver's block stays as long as the event does.
 *
 * @throws EspError as documented at `AsyncMemcpy.newEtmEvent`.
 */
export function newCopyEvent(soc: SocCore, driver: number, type: CopyEtmEvent): EtmEvent {
  const { name, peripherals } = soc.target
  const given: unknown = type
  if (peripherals.etmChannels.value === 0)
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `${name} has no event-task matrix`)
  if (given !== 'copy-done') {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `event ${show(given)}: a driver has the event "copy-done"`)
  }
  const source = driver + DRIVER_EVENT
  const handle = createEvent(soc, { type: EVENT_COPY_DONE, source: () => source, owner: driver })
  holdDriver(soc, driver)
  return new EtmEvent(soc, handle)
}
