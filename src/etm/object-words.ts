/** What events, tasks and counters have in common: they are objects of the shared memory, made and deleted the same way. */
import { letGoOfDriver } from '../engine/driver-block.ts'
import { hex, invalidState } from '../errors.ts'
import {
  ETM_DONE,
  ETM_IN_USE,
  EVENT_COPY_DONE,
  EVENT_OWNER,
  EVENT_SOURCE,
  EVENT_TYPE,
  TASK_COPY_START,
  TASK_GENERATION,
  TASK_TARGET,
  TASK_TYPE,
} from '../microcode/etm-layout.ts'
import { HEAP_CONTENDED } from '../microcode/layout.ts'
import { KIND_EVENT, KIND_TASK } from '../microcode/object-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { whenNobodyFollows } from './followers.ts'

/** A word of the shared memory, as an unsigned number. */
export function readWord(soc: SocCore, address: number): number {
  return Atomics.load(soc.space.words, address >> 2) >>> 0
}

function writeWord(soc: SocCore, address: number, value: number): void {
  Atomics.store(soc.space.words, address >> 2, value)
}

/** What an event is made of. */
export interface EventParts {
  /** EVENT_… of the layout. */
  readonly type: number
  /** Address of its source, or that of the slot's own if it is an offset in the slot. */
  readonly source: (slot: number) => number
  /** Whose it is: a driver, a timer, the number of a pin. */
  readonly owner: number
}

/**
 * Makes an event.
 *
 * @returns Its handle.
 * @throws EspError `ESP_ERR_NO_MEM`.
 */
export function createEvent(soc: SocCore, { type, source, owner }: EventParts): number {
  return soc.objects.create(KIND_EVENT, (slot) => {
    writeWord(soc, slot + EVENT_SOURCE, source(slot))
    writeWord(soc, slot + EVENT_TYPE, type)
    writeWord(soc, slot + EVENT_OWNER, owner)
  })
}

/** What a task is made of. */
export interface TaskParts {
  /** TASK_… of the layout. */
  readonly type: number
  /** What it does something to: the address of a timer, a counter, a semaphore, a driver. */
  readonly target?: number
  /** Which one of those that are at this address one after the other. */
  readonly generation?: number
  /** Writes what else there is. */
  readonly fill?: (slot: number, write: (word: number, value: number) => void) => void
}

/**
 * Makes a task.
 *
 * @returns Its handle.
 * @throws EspError `ESP_ERR_NO_MEM`.
 */
export function createTask(soc: SocCore, { type, target = 0, generation = 0, fill }: TaskParts): number {
  return soc.objects.create(KIND_TASK, (slot) => {
    const write = (word: number, value: number): void => {
      writeWord(soc, slot + word, value)
    }
    write(TASK_TYPE, type)
    write(TASK_TARGET, target)
    write(TASK_GENERATION, generation)
    fill?.(slot, write)
  })
}

/**
 * Deletes an event, a task or a counter.
 *
 * @param soc - Whose object.
 * @param handle - Which.
 * @param kind - KIND_… of the layout.
 * @param what - The same for people.
 * @param what.name - `event`.
 * @param what.users - What to do with those that refer to it.
 * @throws EspError `ESP_ERR_INVALID_STATE` while something refers to it, or if it is deleted already.
 */
export function deleteObject(
  soc: SocCore,
  handle: number,
  kind: number,
  what: { readonly name: string; readonly users: string },
): void {
  const driver = driverOf(soc, handle, kind)
  let result = HEAP_CONTENDED
  while (result === HEAP_CONTENDED) result = soc.microcode.etmDelete(handle, kind) >>> 0
  if (result === ETM_IN_USE) {
    throw invalidState(`${what.name} ${hex(handle)} is in use: ${what.users} first`)
  }
  if (result !== ETM_DONE) throw invalidState(`${what.name} ${hex(handle)} is deleted already`)
  if (driver === 0) return
  // A thread that follows an event may be about to start the copy just now.
  whenNobodyFollows(soc, () => {
    letGoOfDriver(soc, driver)
  })
}

/** The driver whose block an object keeps from being given back, or 0. */
function driverOf(soc: SocCore, handle: number, kind: number): number {
  if (kind === KIND_EVENT && readWord(soc, handle + EVENT_TYPE) === EVENT_COPY_DONE) {
    return readWord(soc, handle + EVENT_OWNER)
  }
  if (kind === KIND_TASK && readWord(soc, handle + TASK_TYPE) === TASK_COPY_START) {
    return readWord(soc, handle + TASK_TARGET)
  }
  return 0
}
