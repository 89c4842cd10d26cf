/** The machine this runs on: no restrictions, as much memory as WebAssembly can address. */
import { known } from './fact.ts'
import type { Target } from './target.ts'

/** Where the control area ends (64 MiB of addresses, hardly any of them touched). */
const HEAP_START = 0x0400_0000

/** WebAssembly's 4 GiB less the last page, so that the address behind the last byte is still an address. */
const ADDRESS_SPACE_END = 0xffff0000

const OURS = 'chosen for this library'
const NO_RULES = 'copies are made by this machine, which has no such rule'

/** The target `host`. */
export const host: Target = {
  name: 'host',
  description: 'This machine: copies on threads, no alignment rules, up to 4 GiB of memory',
  memory: [{ kind: 'dram', start: HEAP_START, end: ADDRESS_SPACE_END, source: OURS }],
  memoryGrows: true,
  elsewhere: [],
  aliases: [],
  backends: [
    {
      name: 'threads',
      pairs: known(64, OURS),
      copyIds: known(64, OURS),
      reachesPsram: known(true, NO_RULES),
      readsFlash: known(false, 'there is none'),
      burstAlignsPsram: known(false, NO_RULES),
      burstAlign: known(1, NO_RULES),
      encryptionAlign: known(1, NO_RULES),
      bursts: known({ allowed: [], internal: 'given' }, NO_RULES),
      longestPsramBurst: known(0, 'there is none'),
      weights: known('ignored', 'the operating system shares out processors and memory'),
      etm: known(true, OURS),
      bus: undefined,
    },
  ],
  channels: 64,
  sharesCopies: true,
  cacheLines: {
    sizes: known([], NO_RULES),
    usual: known(0, NO_RULES),
    internal: known(0, NO_RULES),
  },
  peripherals: {
    etmChannels: known(50, 'as many as the chips have'),
    gpioEtmChannels: known(8, 'as many as the chips have'),
    gpioPins: known(64, OURS),
    gptimers: known(32, OURS),
  },
  processor: undefined,
  timing: undefined,
}
