/** The host, opened when somebody installs a driver without saying on what. */
import { Soc } from '../soc/soc.ts'

let shared: Soc | undefined

/** The host Soc that all such drivers of this thread share. */
export function defaultSoc(): Soc {
  if (shared === undefined || shared.closed) shared = Soc.open('host')
  return shared
}
