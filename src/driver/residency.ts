/** A driver in its channel's own thread, where its resident callbacks see it: it can be used there, not ended. */
import { EspError } from '../errors.ts'

import type { Tenure } from './tenure.ts'

const notHere = (call: string): Promise<never> =>
  Promise.reject(new EspError('ESP_ERR_NOT_SUPPORTED', `${call} in the channel's thread: do it where it was installed`))

/** How resident callbacks have their driver. The thread ends with it, so it is there as long as they are. */
export const residency: Tenure = {
  checkUsable: () => undefined,
  checkThere: () => undefined,
  loadIsr: () => notHere('loadIsr'),
  uninstall: () => notHere('uninstall'),
  detach: () => notHere('detach'),
  dispose: () => notHere('dispose'),
}
