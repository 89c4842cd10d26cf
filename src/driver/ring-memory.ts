/** The shared memory of one driver: its block, its ring, and each thread's part in it. */
import type { Soc } from '../chip/soc.ts'
import { EspError } from '../errors.ts'
import {
  CALLBACK_NUMBERS,
  CLIENT_RECORDS,
  DESCRIPTOR_SIZE,
  DRIVER_CALLBACK_BASE,
  DRIVER_CHANNEL,
  DRIVER_CLIENTS,
  DRIVER_COMPLETED,
  DRIVER_FIRST,
  DRIVER_HEAD,
  DRIVER_HELPERS,
  DRIVER_HELPER_COUNT,
  DRIVER_MAGIC,
  DRIVER_MAGIC_VALUE,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_SEEN,
  DRIVER_SIZE,
  DRIVER_TAIL,
  FOREIGN_SHIFT,
  FOREIGN_SIZE,
  RECORD_SHIFT,
  RECORD_SIZE,
  SOC_BLOCK,
  SOC_CALLBACKS,
} from '../microcode/layout.ts'
import { writeSequence } from '../microcode/sequences.ts'

import { writeConfig } from './config-words.ts'
import type { CompleteConfig } from './config.ts'

/** What a driver's memory is made for. */
export interface RingShape {
  /** What the driver was configured with; the backlog is the copies in flight at once. */
  readonly config: CompleteConfig
  /** Sequence of the first copy. Tests start near where numbers wrap. */
  readonly firstSequence: number
  /** Addresses of the channels: the consumer and its helpers. */
  readonly channels: readonly [number, ...number[]]
}

const WORD = 4

/**
 * Allocates a driver block with its ring. Its maker holds it; nobody can attach yet.
 *
 * @returns The driver's address, its handle.
 * @throws EspError `ESP_ERR_NO_MEM`, with nothing left allocated.
 */
export function createDriverBlock(soc: Soc, shape: RingShape): number {
  const { control, space } = soc
  const slots = slotsFor(shape.config.backlog)
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
    set(DRIVER_CLIENTS, 1)
    writeConfig(soc, driver, shape.config)
    set(DRIVER_RING, ring)
    set(DRIVER_MASK, slots - 1)
    set(DRIVER_CHANNEL, consumer)
    set(DRIVER_CALLBACK_BASE, Atomics.add(space.words, (SOC_BLOCK + SOC_CALLBACKS) >> 2, CALLBACK_NUMBERS))
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

/** All of a driver is in place: from now on others can attach. */
export function publishDriver({ space }: Soc, driver: number): void {
  Atomics.store(space.words, (driver + DRIVER_MAGIC) >> 2, DRIVER_MAGIC_VALUE)
}

/** Gives a closed driver's ring back. The block itself goes with the last who holds it. */
export function freeRing(soc: Soc, driver: number): void {
  const { words } = soc.space
  for (const word of [DRIVER_RING, DRIVER_HELPERS]) {
    soc.control.free(Atomics.exchange(words, (driver + word) >> 2, 0) >>> 0)
  }
}

/** One thread's part in a driver: where its submissions leave their sequence, and its records. */
export function createClientBlock({ control, space }: Soc, driver: number): number {
  const slots = (Atomics.load(space.words, (driver + DRIVER_MASK) >> 2) >>> 0) + 1
  return control.alloc(CLIENT_RECORDS + slots * RECORD_SIZE)
}

/** The foreign blocks of one thread's part: one for each record, from its first foreign copy on. */
export class ForeignBlocks {
  readonly #soc: Soc
  readonly #driver: number
  readonly #records: number
  #blocks = 0

  /**
   * @param soc - Whose driver.
   * @param driver - Address of the driver block.
   * @param client - Address of the client block.
   */
  constructor(soc: Soc, driver: number, client: number) {
    this.#soc = soc
    this.#driver = driver
    this.#records = client + CLIENT_RECORDS
  }

  /**
   * The block that goes with a record.
   *
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  of(record: number): number {
    const { control, space } = this.#soc
    if (this.#blocks === 0) {
      const slots = (Atomics.load(space.words, (this.#driver + DRIVER_MASK) >> 2) >>> 0) + 1
      this.#blocks = control.alloc(slots * FOREIGN_SIZE)
    }
    return this.#blocks + (((record - this.#records) >> RECORD_SHIFT) << FOREIGN_SHIFT)
  }

  /** Gives them back. No copy in flight has one. */
  free(): void {
    if (this.#blocks !== 0) this.#soc.control.free(this.#blocks)
    this.#blocks = 0
  }
}

/** Slots of a ring: a power of two, at least the backlog. */
function slotsFor(backlog: number): number {
  const slots = 2 ** Math.ceil(Math.log2(backlog))
  if (slots < backlog) throw new EspError('ESP_ERR_INVALID_ARG', `backlog ${backlog} has no ring`)
  return slots
}
