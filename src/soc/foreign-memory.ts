/**
 * Memory beside the Soc's that copies reach. Other shared buffers are registered: the channels' threads get them by message,
 * and copies name them by number. The memory of the whole process is reached where `Soc.native` was called.
 */
import { invalidArgument, invalidState, showWithType } from '../errors.ts'
import { SOC_BLOCK, SOC_NATIVE } from '../microcode/layout.ts'
import type { Microcode, MoveForeign } from '../microcode/microcode.ts'
import { isSharedBuffer } from '../platform/word-waits.ts'

import type { AddressSpace } from './address-space.ts'
import { ForeignMover } from './foreign-mover.ts'
import type { NativeMemory } from './native-memory.ts'

/** To a channel's thread: a buffer that copies may name from now on, or one that they do not name any more. */
export interface BufferNews {
  /** Told apart from other messages by it. */
  readonly kind: 'buffer'
  /** Its number. */
  readonly number: number
  /** The buffer; undefined to forget it. */
  readonly buffer: ArrayBufferLike | undefined
}

/** To a channel's thread: how to reach the memory of the process. */
export interface NativeNews {
  /** Told apart from other messages by it. */
  readonly kind: 'native'
  /** Of a `NativeModule`. */
  readonly url: string
}

/** What channels' threads are told of foreign memory. */
export type ForeignNews = BufferNews | NativeNews

/** The two ends of a copy that only this thread can name. */
export interface LocalEnds {
  /** The destination's buffer, unless that is the Soc's. */
  readonly destination: ArrayBufferLike | undefined
  /** The source's. */
  readonly source: ArrayBufferLike | undefined
}

interface Registered {
  readonly buffer: WeakRef<ArrayBufferLike>
  /** Copies in flight that name it. */
  copies: number
}

/** Foreign memory, as one thread knows it. */
export class ForeignMemory {
  /** The memory of the process, if this thread reaches it. */
  native: NativeMemory | undefined
  /** Ends of copies that are carried out on this thread, by block. */
  readonly local: Map<number, LocalEnds> = new Map<number, LocalEnds>()
  /** Carries out copies on this thread. */
  readonly move: MoveForeign

  readonly #space: AddressSpace
  readonly #isOpener: boolean
  readonly #numbers = new WeakMap<ArrayBufferLike, number>()
  readonly #registered = new Map<number, Registered>()
  readonly #listeners = new Set<(news: ForeignNews) => void>()
  readonly #collected = new FinalizationRegistry<number>((number) => {
    this.#forget(number)
  })
  readonly #addresses = new WeakMap<ArrayBufferLike, number>()
  #last = 0
  #nativeUrl: string | undefined

  /**
   * @param space - The Soc's memory.
   * @param microcode - This thread's.
   * @param isOpener - Whether this thread starts the channels' threads.
   */
  constructor(space: AddressSpace, microcode: () => Microcode, isOpener: boolean) {
    this.#space = space
    this.#isOpener = isOpener
    this.move = new ForeignMover({
      memory: space.memory,
      microcode,
      bufferOf: (_space, block, end) => this.local.get(block)?.[end],
      native: () => this.native,
    }).move
  }

  /** Whether shared buffers can be registered here. */
  get canRegister(): boolean {
    return this.#isOpener
  }

  /**
   * The number of a shared buffer, which is registered if it was not.
   *
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no shared buffer.
   */
  numberOf(buffer: ArrayBufferLike): number {
    const known = this.#numbers.get(buffer)
    if (known !== undefined) return known
    const number = ++this.#last
    this.#numbers.set(buffer, number)
    this.#registered.set(number, { buffer: new WeakRef(buffer), copies: 0 })
    this.#collected.register(buffer, number, buffer)
    this.#tell({ kind: 'buffer', number, buffer })
    return number
  }

  /** What the user does ahead: {@link ForeignMemory.numberOf}, checked. */
  register(buffer: unknown): void {
    this.numberOf(this.#check('register', buffer))
  }

  /**
   * Forgets a buffer. A copy that names it later registers it again.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while copies in flight name it, `ESP_ERR_INVALID_ARG` for what is no shared buffer.
   */
  unregister(given: unknown): boolean {
    const buffer = this.#check('unregister', given)
    const number = this.#numbers.get(buffer)
    if (number === undefined) return false
    const copies = this.#registered.get(number)?.copies ?? 0
    if (copies > 0) throw invalidState(`unregister: ${copies} copies of this buffer are in flight; wait for them`)
    this.#collected.unregister(buffer)
    this.#numbers.delete(buffer)
    this.#forget(number)
    return true
  }

  /** A copy that names a buffer is in flight, or not any more. */
  count(number: number, copies: 1 | -1): void {
    const registered = this.#registered.get(number)
    if (registered !== undefined) registered.copies += copies
  }

  /** How many buffers the channels know. */
  get registered(): number {
    return this.#registered.size
  }

  /** All that a new thread has to know. */
  get known(): readonly ForeignNews[] {
    const news: ForeignNews[] = this.#nativeUrl === undefined ? [] : [{ kind: 'native', url: this.#nativeUrl }]
    for (const [number, registered] of this.#registered) {
      const buffer = registered.buffer.deref()
      if (buffer !== undefined) news.push({ kind: 'buffer', number, buffer })
    }
    return news
  }

  /**
   * Tells a channel of what is new.
   *
   * @returns What ends it.
   */
  onNews(listener: (news: ForeignNews) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * This thread reaches the memory of the process from now on; on the opener's thread, so do the channels.
   *
   * @param native - How.
   * @param url - Where their threads find the same.
   */
  open(native: NativeMemory, url: string): void {
    this.native = native
    if (!this.#isOpener) return
    this.#nativeUrl = url
    this.#tell({ kind: 'native', url })
    Atomics.store(this.#space.words, (SOC_BLOCK + SOC_NATIVE) >> 2, 1)
  }

  /** Whether the channels reach the memory of the process. */
  get isOpen(): boolean {
    return Atomics.load(this.#space.words, (SOC_BLOCK + SOC_NATIVE) >> 2) === 1
  }

  /**
   * Address of a buffer's first byte in the process.
   *
   * @param native - What finds it.
   * @param buffer - Not empty, and one that stays where it is.
   */
  addressOf(native: NativeMemory, buffer: ArrayBufferLike): number {
    let address = this.#addresses.get(buffer)
    if (address === undefined) {
      address = native.addressOf(new Uint8Array(buffer, 0, 1))
      this.#addresses.set(buffer, address)
    }
    return address
  }

  /** Address of the Soc's own memory in the process. It grows, but does not move. */
  baseOf(native: NativeMemory): number {
    return this.addressOf(native, this.#space.words.buffer)
  }

  #check(call: string, buffer: unknown): ArrayBufferLike {
    const given = ArrayBuffer.isView(buffer) ? buffer.buffer : buffer
    if (isBuffer(given) && isSharedBuffer(given)) return given
    throw invalidArgument(`${call} of ${showWithType(buffer)}: pass a SharedArrayBuffer, or a view of one`)
  }

  #tell(news: ForeignNews): void {
    for (const listener of this.#listeners) listener(news)
  }

  #forget(number: number): void {
    if (this.#registered.delete(number)) this.#tell({ kind: 'buffer', number, buffer: undefined })
  }
}

/** Whether something is a buffer, shared or not, of whichever realm. */
export function isBuffer(value: unknown): value is ArrayBufferLike {
  if (typeof value !== 'object' || value === null) return false
  const kind = Object.prototype.toString.call(value)
  return kind === '[object ArrayBuffer]' || kind === '[object SharedArrayBuffer]'
}
