/** Who holds a driver's block: threads, and its ETM events and prepared copies. It is given back when the last lets go. */
import { ATTACH_DONE, CONTROL_END, CONTROL_HEAP, CONTROL_REGION } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

/** Takes hold of a driver, whose block then stays until {@link letGoOfDriver}. False: the handle, any value, is none. */
export function holdDriver({ control, microcode }: SocCore, handle: number): boolean {
  // The microcode sees the lower 32 bits of a number only.
  if (!Number.isInteger(handle) || handle < CONTROL_HEAP || handle >= CONTROL_END) return false
  return control.retry(() => microcode.attach(CONTROL_REGION, handle)) === ATTACH_DONE
}

/** Lets go of a driver. With the last who held it goes the driver block. */
export function letGoOfDriver({ control, microcode }: SocCore, driver: number): void {
  if (control.retry(() => microcode.letGo(CONTROL_REGION, driver)) === 0) control.free(driver)
}
