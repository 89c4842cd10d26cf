/** The shared memory of one driver: its block, its ring, and each thread's part in it. */
import type { Soc } from '../chip/soc.ts'
import { EspError } from '../errors.ts'
import {
  CLIENT_RECORDS,
  DESCRIPTOR_SIZE,
  DRIVER_BACKLOG,
  DRIVER_CHANNEL,
  DRIVER_CLIENTS,
  DRIVER_COMPLETED,
  DRIVER_FIRST,
  DRIVER_HEAD,
  DRIVER_HELPERS,
  DRIVER_HELPER_COUNT,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_SEEN,
  DRIVER_SIZE,
  DRIVER_TAIL,
  RECORD_SIZE,
} from '../microcode/layout.ts'
import { writeSequence } from '../microcode/sequences.ts'

/** What a driver's memory is made for. */
export interface RingShape {
  /** Copies in flight at once. */
  readonly backlog: number
  /** Sequence of the first copy. Tests start near where numbers wrap. */
  readonly firstSequence: number
  /** Addresses of the channels: the consumer and its helpers. */
  readonly channels: readonly [number, ...number[]]
}

const WORD = 4

/**
 * Allocates a driver block with its ring.
 *
 * @returns The driver's address, its handle.
 * @throws EspError `ESP_ERR_NO_MEM`, with nothing left allocated.
 */
export function createDriverBlock(soc: Soc, shape: RingShape): number {
  const { control, space } = soc
  const slots = slotsFor(shape.backlog)
  const allocated: number[] = []
  try {
    const driver = control.alloc(DRIVER_SIZE)
    allocated.push(driver)
    const ring = control.alloc(slots * DESCRIPTOR_SIZE)
    allocated.push(ring)
    const [consumer, ...helpers] = shape.channels
    const table = control.alloc(Math.max(1, helpers.length) * WORD)
    allocated.push(table)

    const set = (word: number, value: number): void => {
      Atomics.store(space.words, (driver + word) >> 2, value)
    }
    set(DRIVER_BACKLOG, shape.backlog)
    set(DRIVER_RING, ring)
    set(DRIVER_MASK, slots - 1)
    set(DRIVER_CHANNEL, consumer)
    set(DRIVER_HELPERS, table)
    set(DRIVER_HELPER_COUNT, helpers.length)
    helpers.forEach((helper, i) => Atomics.store(space.words, (table >> 2) + i, helper))
    for (const word of [DRIVER_HEAD, DRIVER_SEEN, DRIVER_TAIL, DRIVER_COMPLETED, DRIVER_FIRST]) {
      writeSequence(space.words, driver + word, shape.firstSequence)
    }
    return driver
  } catch (error) {
    for (const address of allocated) control.free(address)
    throw error
  }
}

/** Gives a closed driver's ring back. The block itself goes with its last client. */
export function freeRing(soc: Soc, driver: number): void {
  const { words } = soc.space
  for (const word of [DRIVER_RING, DRIVER_HELPERS]) {
    soc.control.free(Atomics.exchange(words, (driver + word) >> 2, 0) >>> 0)
  }
}

/** One thread's part in a driver: where its submissions leave their sequence, and its records. */
export function createClientBlock(soc: Soc, driver: number): number {
  const { words } = soc.space
  const slots = (Atomics.load(words, (driver + DRIVER_MASK) >> 2) >>> 0) + 1
  const client = soc.control.alloc(CLIENT_RECORDS + slots * RECORD_SIZE)
  Atomics.add(words, (driver + DRIVER_CLIENTS) >> 2, 1)
  return client
}

/** A thread lets go of a driver. With the last one goes the driver block. */
export function freeClientBlock(soc: Soc, driver: number, client: number): void {
  soc.control.free(client)
  if (Atomics.sub(soc.space.words, (driver + DRIVER_CLIENTS) >> 2, 1) === 1) soc.control.free(driver)
}

/** Slots of a ring: a power of two, at least the backlog. */
function slotsFor(backlog: number): number {
  const slots = 2 ** Math.ceil(Math.log2(backlog))
  if (slots < backlog) throw new EspError('ESP_ERR_INVALID_ARG', `backlog ${backlog} has no ring`)
  return slots
}
