/**
 * Slots for shared objects, one list a kind.
 *
 *   new      takes a free slot. If there is none: all retired ones become free, if nobody follows an event just then
 *   delete   kind = none (compare-exchange: one thread deletes)  < retire the slot
 *
 * A thread that follows an ETM event has counted itself in (etm.ts) before it reads which objects are concerned, and counts
 * itself out afterwards. A slot that was retired before both counts agreed is known to nobody.
 *
 * Between taking and giving the lock there is no loop and no call, so no thread dies with it in its hand.
 */
import { ETM_ENTERED, ETM_LEFT } from '../etm-layout'
import { ETM_BLOCK, HEAP_CONTENDED, SOC_BLOCK, SOC_OBJECTS } from '../layout'
import {
  LIST_FREE, LIST_RETIRED, LIST_RETIRED_LAST, OBJECT_BODY, OBJECT_KIND, OBJECT_LIST_SIZE, OBJECT_MAGIC, OBJECT_NEXT,
  OBJECT_REFERENCES, OBJECT_SIZE, OBJECTS_LISTS, OBJECTS_LOCK,
} from '../object-layout'

const LOCK_SPINS: u32 = 100000

// @ts-ignore: decorator
@inline
function lock(): bool {
  for (let spins: u32 = 0; spins < LOCK_SPINS; spins++) {
    const free = atomic.load<u32>(SOC_BLOCK + SOC_OBJECTS, OBJECTS_LOCK) == 0
    if (free && atomic.cmpxchg<u32>(SOC_BLOCK + SOC_OBJECTS, 0, 1, OBJECTS_LOCK) == 0) return true
  }
  return false
}

/** One attempt, for who holds another lock. */
// @ts-ignore: decorator
@inline
export function tryLockObjects(): bool {
  return atomic.cmpxchg<u32>(SOC_BLOCK + SOC_OBJECTS, 0, 1, OBJECTS_LOCK) == 0
}

// @ts-ignore: decorator
@inline
export function unlockObjects(): void {
  atomic.store<u32>(SOC_BLOCK + SOC_OBJECTS, 0, OBJECTS_LOCK)
}

// @ts-ignore: decorator
@inline
export function listOf(kind: u32): usize {
  return SOC_BLOCK + SOC_OBJECTS + OBJECTS_LISTS + kind * OBJECT_LIST_SIZE
}

// @ts-ignore: decorator
@inline
export function isObject(address: usize, kind: u32): bool {
  return atomic.load<u32>(address, OBJECT_KIND) == OBJECT_MAGIC + kind
}

/** Appends a slot to the retired ones. The lock is held. */
// @ts-ignore: decorator
@inline
export function retire(list: usize, slot: usize): void {
  store<u32>(slot, 0, OBJECT_NEXT)
  const last = load<u32>(list, LIST_RETIRED_LAST)
  if (last == 0) store<u32>(list, slot as u32, LIST_RETIRED)
  else store<u32>(last, slot as u32, OBJECT_NEXT)
  store<u32>(list, slot as u32, LIST_RETIRED_LAST)
}

/** A zeroed slot; 0 if none is free: add some; HEAP_CONTENDED. The caller fills it, then calls objectPublish. */
export function objectNew(kind: u32): u32 {
  const list = listOf(kind)
  if (!lock()) return HEAP_CONTENDED
  let slot = load<u32>(list, LIST_FREE)
  if (slot == 0) {
    const left = atomic.load<u32>(ETM_BLOCK, ETM_LEFT)
    if (atomic.load<u32>(ETM_BLOCK, ETM_ENTERED) == left) {
      slot = load<u32>(list, LIST_RETIRED)
      store<u32>(list, 0, LIST_RETIRED)
      store<u32>(list, 0, LIST_RETIRED_LAST)
    }
  }
  if (slot != 0) store<u32>(list, load<u32>(slot, OBJECT_NEXT), LIST_FREE)
  unlockObjects()
  if (slot != 0) memory.fill(slot, 0, OBJECT_SIZE)
  return slot
}

/** From now on others may use it. */
export function objectPublish(slot: usize, kind: u32): void {
  atomic.store<u32>(slot, OBJECT_MAGIC + kind, OBJECT_KIND)
}

/** 1 if this call deleted it; 0 if it is no such object, or no more; HEAP_CONTENDED. */
export function objectDelete(slot: usize, kind: u32): u32 {
  if (!isObject(slot, kind)) return 0
  // The lock first: a slot must not be neither alive nor retired because its list was busy.
  if (!lock()) return HEAP_CONTENDED
  const mine = atomic.cmpxchg<u32>(slot, OBJECT_MAGIC + kind, 0, OBJECT_KIND) == OBJECT_MAGIC + kind
  if (mine) retire(listOf(kind), slot)
  unlockObjects()
  return mine ? 1 : 0
}

/** Gives a slot that was never published back, or adds a new one. 0, or HEAP_CONTENDED. */
export function objectAdd(slot: usize, kind: u32): u32 {
  if (!lock()) return HEAP_CONTENDED
  const list = listOf(kind)
  store<u32>(slot, load<u32>(list, LIST_FREE), OBJECT_NEXT)
  store<u32>(list, slot as u32, LIST_FREE)
  unlockObjects()
  return 0
}
