/** What a resident callback is told of a foreign copy. */
import {
  DESCRIPTOR_DESTINATION,
  DESCRIPTOR_SHIFT,
  DESCRIPTOR_SOURCE,
  DRIVER_MASK,
  DRIVER_RING,
  FOREIGN_BY_SUBMITTER,
  FOREIGN_DESTINATION_SPACE,
  FOREIGN_LENGTH,
  FOREIGN_SOURCE_SPACE,
  SPACE_LOCAL,
  SPACE_PROCESS,
} from '../microcode/layout.ts'
import type { AddressSpace } from '../soc/address-space.ts'

import type { CopyPath } from './copy-event.ts'

/**
 * The path and the bytes of a copy whose interrupt runs just now: its slot is still its own.
 *
 * @param space - The Soc's memory.
 * @param driver - Address of the driver block.
 * @param sequence - The copy's.
 * @param length - As the descriptor says, which has 32 bits for it.
 */
export function pathOf(
  space: AddressSpace,
  driver: number,
  sequence: number,
  length: number,
): { readonly path: CopyPath; readonly length: number } {
  const { words, doubles } = space
  const load = (address: number): number => (words[address >> 2] ?? 0) >>> 0
  const slot = (sequence & load(driver + DRIVER_MASK)) >>> 0
  const descriptor = load(driver + DRIVER_RING) + (slot << DESCRIPTOR_SHIFT)
  const source = load(descriptor + DESCRIPTOR_SOURCE)
  if (source > FOREIGN_BY_SUBMITTER) return { path: 'dma', length }
  const block = load(descriptor + DESCRIPTOR_DESTINATION)
  const spaces = [load(block + FOREIGN_DESTINATION_SPACE), load(block + FOREIGN_SOURCE_SPACE)]
  const isSliced = source === FOREIGN_BY_SUBMITTER || spaces.includes(SPACE_LOCAL)
  const path = isSliced ? 'sliced' : spaces.includes(SPACE_PROCESS) ? 'native' : 'dma'
  return { path, length: doubles[(block + FOREIGN_LENGTH) >> 3] ?? length }
}
