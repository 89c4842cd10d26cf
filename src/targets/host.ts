/** The machine this runs on: no restrictions, as much memory as WebAssembly can address. */
import type { Target } from './target.ts'

/** Where the control area ends (64 MiB of addresses, hardly any of them touched). */
const HEAP_START = 0x0400_0000

/** WebAssembly's 4 GiB less the last page, so that the address behind the last byte is still an address. */
const ADDRESS_SPACE_END = 0xffff0000

/** The target `host`. */
export const host: Target = {
  name: 'host',
  description: 'This machine: copies on threads, no alignment rules, up to 4 GiB of memory',
  memory: [{ kind: 'dram', start: HEAP_START, end: ADDRESS_SPACE_END }],
  channels: 64,
}
