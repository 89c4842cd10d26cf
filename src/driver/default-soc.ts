/** The host, opened when somebody installs a driver without saying on what. */
import { Soc } from '../chip/soc.ts'

let shared: Promise<Soc> | undefined

/** The host Soc that all such drivers of this thread share. */
export async function defaultSoc(): Promise<Soc> {
  shared ??= Soc.open('host')
  let soc = await shared
  if (soc.closed) {
    shared = Soc.open('host')
    soc = await shared
  }
  return soc
}
