/** A place to copy with any kernel of the microcode, and to compare with what a memmove does. */
import { expect } from 'vitest'

import {
  CHANNEL_DRIVER,
  CHANNEL_SIZE,
  CHANNEL_STATE,
  CHANNEL_STATE_RUNNING,
  DESCRIPTOR_SIZE,
  DRIVER_BACKLOG,
  DRIVER_BYTES,
  DRIVER_CHANNEL,
  DRIVER_COMPLETED,
  DRIVER_HELPER_COUNT,
  DRIVER_HELPERS,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_SIZE,
  KERNEL_CLASSES,
  KERNEL_CLASS_BIAS,
  ROW_CONGRUENT,
  ROW_SHIFTED,
  SOC_BLOCK,
  SOC_CHOICES,
  STEP_WORKED,
  SUBMIT_ACCEPTED,
} from '../../src/microcode/layout.ts'
import { instantiateMicrocode, microcodeModule, type Microcode } from '../../src/microcode/microcode.ts'

/** Bytes. */
export const MIB: number = 2 ** 20

/** A driver in a memory of its own, whose channel is played by the test. */
export class KernelBench {
  /** Its memory. */
  readonly bytes: Uint8Array
  /** The same by words. */
  readonly words: Int32Array
  /** Its microcode. */
  readonly microcode: Microcode
  readonly #driver = 0x10000
  readonly #channel = 0x12000
  readonly #client = 0x13000
  readonly #record = 0x13040

  /** Where copies may go: everything below is the bench's. */
  static readonly FREE: number = 0x20000

  /**
   * @param pages - Of 64 KiB.
   * @param helpers - Other channels that it could share copies with. They never come.
   * @param now - What the microcode takes the time from.
   */
  constructor(pages: number, helpers = 0, now: () => number = () => performance.now()) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    this.bytes = new Uint8Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.microcode = instantiateMicrocode(memory, { now, interrupt: () => 0, foreign: () => 0 }, microcodeModule())
    this.microcode.choiceInit()
    const slots = 16
    const table = this.#driver + DRIVER_SIZE
    this.#set(this.#driver + DRIVER_BACKLOG, slots)
    this.#set(this.#driver + DRIVER_MASK, slots - 1)
    this.#set(this.#driver + DRIVER_RING, 0x11000)
    expect(0x11000 + slots * DESCRIPTOR_SIZE).toBeLessThan(this.#channel)
    this.#set(this.#driver + DRIVER_CHANNEL, this.#channel)
    this.#set(this.#driver + DRIVER_HELPERS, table)
    this.#set(this.#driver + DRIVER_HELPER_COUNT, helpers)
    this.#set(this.#channel + CHANNEL_DRIVER, this.#driver)
    for (let i = 0; i < helpers; i++) {
      const helper = 0x14000 + i * CHANNEL_SIZE
      this.#set(table + 4 * i, helper)
      this.#set(helper + CHANNEL_STATE, CHANNEL_STATE_RUNNING)
    }
  }

  /** Carries out a copy as a channel's thread does. */
  copy(destination: number, source: number, length: number): void {
    const { microcode } = this
    const accepted = microcode.submit(this.#driver, this.#client, destination, source, length, this.#record, 0, 0)
    expect(accepted).toBe(SUBMIT_ACCEPTED)
    expect(microcode.step(this.#channel, 0)).toBe(STEP_WORKED)
    expect(microcode.inFlight(this.#driver)).toBe(0)
  }

  /** Carries out a copy, and compares the whole memory above FREE with what a memmove makes of it. */
  expectCopy(destination: number, source: number, length: number, around = 256): void {
    const low = Math.max(KernelBench.FREE, Math.min(destination, source) - around)
    const high = Math.min(this.bytes.length, Math.max(destination, source) + length + around)
    const expected = Buffer.from(this.bytes.slice(low, high))
    expected.copyWithin(destination - low, source - low, source - low + length)
    this.copy(destination, source, length)
    const same = Buffer.compare(expected, this.bytes.subarray(low, high)) === 0
    if (!same) throw new Error(`${length} bytes from ${source} to ${destination} were not copied as memmove does`)
  }

  /** What was chosen for copies of a row and a class of lengths. */
  choice(row: number, lengthClass: number): number {
    return this.words[choiceIndex(row, lengthClass)] ?? -1
  }

  /** Every copy of this row is made by one option, whatever was measured. */
  force(row: number, option: number): void {
    for (let c = 0; c < KERNEL_CLASSES; c++) this.words[choiceIndex(row, c)] = option
  }

  /** The same of all copies that one channel carries out. */
  forceAll(option: number): void {
    for (const row of [ROW_CONGRUENT, ROW_SHIFTED]) this.force(row, option)
  }

  /** Different bytes everywhere. */
  fill(seed: number): void {
    let state = seed
    const words = this.words.subarray(KernelBench.FREE >> 2)
    for (let i = 0; i < words.length; i++) words[i] = state = Math.imul(state, 1664525) + 1013904223
  }

  /** Bytes that its driver has copied. */
  get bytesCopied(): number {
    return this.words[(this.#driver + DRIVER_BYTES) >> 2] ?? 0
  }

  /** Copies that are over. */
  get completed(): number {
    return this.words[(this.#driver + DRIVER_COMPLETED) >> 2] ?? 0
  }

  #set(address: number, value: number): void {
    this.words[address >> 2] = value
  }
}

const choiceIndex = (row: number, lengthClass: number): number =>
  (SOC_BLOCK + SOC_CHOICES + 4 * (row * KERNEL_CLASSES + lengthClass)) >> 2

/** The class of a length, as layout.ts describes it. */
export const classOf = (length: number): number => 32 - Math.clz32(length) - KERNEL_CLASS_BIAS

/** Numbers below a limit, the same for the same seed. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
