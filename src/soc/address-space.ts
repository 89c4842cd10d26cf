/** The one memory of a Soc: addresses are offsets into it, and views are the same thing seen from TypeScript. */
import { hex, invalidArgument, show } from '../errors.ts'
import { CONTROL_END, SOC_BLOCK, SOC_IDENTITY, SOC_MAGIC, SOC_PROBE } from '../microcode/layout.ts'
import { isSharedBuffer } from '../platform/word-waits.ts'

/** Bytes of a WebAssembly page. */
export const PAGE = 65536

const MAGIC = 0x50434d41 // 'AMCP'
const IDENTITY_WORDS = 4

/** A buffer and a place in it: any typed array, DataView or Node Buffer. */
export type View = ArrayBufferView

/** The address space of a Soc. */
export class AddressSpace {
  /** The shared memory itself. */
  readonly memory: WebAssembly.Memory
  /** The control area as 32-bit words. It never moves, however the memory grows. */
  readonly words: Int32Array
  /** The control area as doubles. */
  readonly doubles: Float64Array

  readonly #ownBuffers = new WeakSet<ArrayBufferLike>()
  /** Memory that is not shared would lose all its views if it grew. */
  readonly #canGrow: boolean
  /** The memory as far as this thread knows it. It stays valid when the memory grows; then there is a longer one. */
  #known: ArrayBufferLike
  #size: number

  /** @param memory - A memory that reaches at least to the end of the control area. */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
    const buffer: ArrayBufferLike = memory.buffer
    this.words = new Int32Array(buffer, 0, CONTROL_END / Int32Array.BYTES_PER_ELEMENT)
    this.doubles = new Float64Array(buffer, 0, CONTROL_END / Float64Array.BYTES_PER_ELEMENT)
    this.#known = buffer
    this.#size = buffer.byteLength
    this.#canGrow = isSharedBuffer(buffer)
    this.#ownBuffers.add(buffer)
  }

  /** Marks the memory as this Soc's. Called once, by the thread that opens it. */
  initialise(): void {
    this.words[(SOC_BLOCK + SOC_MAGIC) >> 2] = MAGIC
    const identity = crypto.getRandomValues(new Int32Array(IDENTITY_WORDS))
    this.words.set(identity, (SOC_BLOCK + SOC_IDENTITY) >> 2)
  }

  /** Whether the memory carries a Soc. */
  get isInitialised(): boolean {
    return this.words[(SOC_BLOCK + SOC_MAGIC) >> 2] === MAGIC
  }

  /** Bytes of memory there are now. Other threads may have let it grow: `reaches` looks again before it says no. */
  get size(): number {
    return this.#size
  }

  /** Whether there is memory up to `end`. */
  reaches(end: number): boolean {
    return end <= this.#size || end <= this.#buffer().byteLength
  }

  /**
   * Lets the memory reach at least up to `end`.
   *
   * @returns Whether it does.
   */
  grow(end: number): boolean {
    if (this.reaches(end)) return true
    if (!this.#canGrow) return false
    try {
      this.memory.grow(Math.ceil((end - this.#size) / PAGE))
    } catch {
      // The engine has no more, or another thread was faster; the size tells which.
    }
    return this.#buffer().byteLength >= end
  }

  /**
   * The bytes at an address.
   *
   * @param address - Where they start.
   * @param length - How many.
   * @throws EspError `ESP_ERR_INVALID_ARG` beyond the memory or inside the control area.
   */
  view(address: number, length: number): Uint8Array<SharedArrayBuffer> {
    if (!Number.isInteger(address) || !Number.isInteger(length) || address < CONTROL_END || length < 0) {
      throw invalidArgument(
        `no view of ${show(length)} bytes at ${hex(address)}: addresses are whole numbers from ${hex(CONTROL_END)} on`,
      )
    }
    if (!this.reaches(address + length)) {
      throw invalidArgument(
        `no view of ${length} bytes at ${hex(address)}: the memory ends at ${hex(this.#size)} (allocate it first)`,
      )
    }
    return new Uint8Array(this.#known as SharedArrayBuffer, address, length)
  }

  /**
   * The address of a view's first byte.
   *
   * @param view - A view of this memory, from whichever thread.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a view of another buffer.
   */
  addressOf(view: View): number {
    if (!ArrayBuffer.isView(view))
      throw invalidArgument(`addressOf ${show(view)}: pass a typed array, DataView or Buffer`)
    if (!this.owns(view.buffer)) {
      throw invalidArgument(
        `the view of ${view.byteLength} bytes lies in another buffer than this Soc's memory: copy it into heap.alloc(…) ` +
          'memory first',
      )
    }
    return view.byteOffset
  }

  /** Whether a buffer is this memory. */
  owns(buffer: ArrayBufferLike): boolean {
    if (this.#ownBuffers.has(buffer)) return true
    if (!this.#isSameMemory(buffer)) return false
    this.#ownBuffers.add(buffer)
    return true
  }

  /** A memory that has grown, here or in another thread, has a new buffer object. */
  #buffer(): ArrayBufferLike {
    if (!this.#canGrow) return this.#known
    let buffer: ArrayBufferLike = this.memory.buffer
    if (buffer.byteLength <= this.#size) {
      // Engines tell a thread lazily that another let the memory grow; growing by nothing makes them look.
      this.memory.grow(0)
      buffer = this.memory.buffer
    }
    this.#known = buffer
    this.#size = buffer.byteLength
    this.#ownBuffers.add(buffer)
    return buffer
  }

  /**
   * A view that was posted from another thread has a buffer object of its own over the same memory. It is the same if a
   * word changes there when it is changed here.
   */
  #isSameMemory(buffer: ArrayBufferLike): boolean {
    if (typeof SharedArrayBuffer === 'undefined' || !(buffer instanceof SharedArrayBuffer)) return false
    if (buffer.byteLength < CONTROL_END) return false
    const theirs = new Int32Array(buffer, 0, this.words.length)
    const identity = (SOC_BLOCK + SOC_IDENTITY) >> 2
    for (let i = identity; i < identity + IDENTITY_WORDS; i++) if (theirs[i] !== this.words[i]) return false
    const probe = (SOC_BLOCK + SOC_PROBE) >> 2
    const before = Atomics.load(theirs, probe)
    Atomics.add(this.words, probe, 1)
    return Atomics.load(theirs, probe) !== before
  }
}
