/**
 * Who holds a driver: the thread that installed it, and each that attached. The driver block is given back when the last
 * lets go.
 *
 *   attach   lock < is a driver alive there, and held? < count < unlock
 *   let go   lock < count, the last takes the magic away < unlock < the last gives the block back
 * Both under the lock of the heap that the block is from: while somebody looks, nobody can give it back, and a block that
 * its last holder is about to give back is found to be no driver any more (verify/attach.pml).
 *
 * A handle may be any number. What is read first is the heap's own: does a live block start there, of a driver's length?
 * Blocks of that length are drivers, so no word of anything else is taken for one.
 *
 * Between taking and giving the lock there is no loop and no call, so no thread dies with it in its hand.
 */
import {
  ATTACH_DONE, ATTACH_UNKNOWN, DRIVER_CLIENTS, DRIVER_MAGIC, DRIVER_MAGIC_VALUE, DRIVER_SIZE, GRANULE,
  HEADER_LENGTH, HEADER_SIZE, HEAP_CONTENDED, REGION_END, REGION_START,
} from '../layout'
import { isLive, lock, unlock } from './heap'

/** Whether a live block of a driver's length starts there. The lock is held. */
// @ts-ignore: decorator
@inline
function isDriverBlock(region: usize, address: usize): bool {
  return address >= load<u32>(region, REGION_START) && address < load<u32>(region, REGION_END)
    && (address & (GRANULE - 1)) == 0 && isLive(address)
    && load<u32>(address - HEADER_SIZE, HEADER_LENGTH) == DRIVER_SIZE
}

/** @returns ATTACH_DONE and one holder more, ATTACH_UNKNOWN and nothing has changed, or HEAP_CONTENDED. */
export function attach(region: usize, driver: usize): u32 {
  if (!lock(region)) return HEAP_CONTENDED
  const known = isDriverBlock(region, driver) && atomic.load<u32>(driver, DRIVER_MAGIC) == DRIVER_MAGIC_VALUE
  if (known) atomic.store<u32>(driver, load<u32>(driver, DRIVER_CLIENTS) + 1, DRIVER_CLIENTS)
  unlock(region)
  return known ? ATTACH_DONE : ATTACH_UNKNOWN
}

/** @returns how many hold the driver still; 0: the caller gives its block back. Or HEAP_CONTENDED. */
export function letGo(region: usize, driver: usize): u32 {
  if (!lock(region)) return HEAP_CONTENDED
  const left = load<u32>(driver, DRIVER_CLIENTS) - 1
  atomic.store<u32>(driver, left, DRIVER_CLIENTS)
  if (left == 0) atomic.store<u32>(driver, 0, DRIVER_MAGIC)
  unlock(region)
  return left
}
