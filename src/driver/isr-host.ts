/** What a channel's thread loads when it gets resident callbacks: their host, over the thread's own memory and microcode. */
import { Soc } from '../chip/soc.ts'
import type { CreateHost } from '../engine/residence.ts'
import { attachParts } from '../soc/soc-core.ts'

import { AsyncMemcpy } from './async-memcpy.ts'
import { IsrHost } from './resident-host.ts'

/** Makes the host of one driver. */
export const createHost: CreateHost = ({ driver, client, port, microcode, report }) => {
  const soc = new Soc({ ...attachParts(port), microcode })
  return new IsrHost(AsyncMemcpy.inChannel(soc, driver, client), report)
}
