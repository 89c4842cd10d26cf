/** `copyFrom` and `readableFrom`: streams into heap memory and out of it. */
import { checkOptions, EspError, invalidArgument, show, showWithType } from '../errors.ts'
import type { View } from '../soc/address-space.ts'
import type { AllocOptions } from '../soc/heap.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import { bytesOf, CopyGroup, type Bytes } from './copy-group.ts'

/** What {@link AsyncMemcpy.copyFrom} reads: a web stream, a Node.js stream, or anything else that yields bytes in turn. */
export type BytesSource = ReadableStream<Bytes> | AsyncIterable<Bytes> | Iterable<Bytes>

/** Options of {@link AsyncMemcpy.copyFrom}. */
export interface CopyFromOptions extends AllocOptions {
  /** Heap memory to fill. Default: a new block, which grows with what comes. */
  readonly into?: View
  /** Bytes that are expected: the new block has room for them from the start. Default 64 KiB. */
  readonly expectedBytes?: number
  /** Calls it off: the stream is cancelled, and the promise rejects with the reason. */
  readonly signal?: AbortSignal
}

/** Options of {@link AsyncMemcpy.readableFrom}. */
export interface ReadableFromOptions {
  /** Bytes of each chunk but the last. Default 256 KiB. */
  readonly chunkBytes?: number
}

const FIRST_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024

/** See {@link AsyncMemcpy.copyFrom}. */
export async function copyFrom(
  driver: AsyncMemcpy,
  source: BytesSource,
  options: CopyFromOptions,
): Promise<Uint8Array<SharedArrayBuffer>> {
  checkOptions('copyFrom', options)
  const { signal } = options
  const chunks = chunksOf(source)
  // A chunk of a stream is ours for good; another producer may write the next one where this one was.
  const isReused = !isStream(source)
  let room: Room | undefined
  try {
    signal?.throwIfAborted()
    room = roomFor(driver, options)
    for (;;) {
      const next = await orAborted(chunks.next(), signal)
      if (next.done === true) return await room.filled()
      await room.append(bytesOf('a chunk', next.value), isReused)
    }
  } catch (error) {
    // It may never answer; nobody here waits for it.
    chunks.cancel(error)
    await room?.giveBack()
    throw error
  }
}

/** See {@link AsyncMemcpy.readableFrom}. */
export function readableFrom(
  driver: AsyncMemcpy,
  view: View,
  options: ReadableFromOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  checkOptions('readableFrom', options)
  const { chunkBytes = CHUNK_BYTES } = options
  if (!Number.isInteger(chunkBytes) || chunkBytes < 1) {
    throw invalidArgument(`chunkBytes is ${show(chunkBytes)}: a whole number of bytes, 1 or more`)
  }
  const bytes = bytesOf('view', view)
  let at = 0
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const end = Math.min(at + chunkBytes, bytes.length)
        if (end > at) {
          const chunk = new Uint8Array(end - at)
          await driver.copy(chunk, bytes.subarray(at, end))
          at = end
          controller.enqueue(chunk)
        }
        if (at === bytes.length) controller.close()
      },
    },
    // One chunk is made while the one before is used.
    { highWaterMark: 1 },
  )
}

/** Where a stream's bytes go, one after another. */
interface Room {
  append(chunk: Uint8Array, isReused: boolean): Promise<void>
  filled(): Promise<Uint8Array<SharedArrayBuffer>>
  giveBack(): Promise<void>
}

function roomFor(driver: AsyncMemcpy, { into, expectedBytes = FIRST_BYTES, signal, ...block }: CopyFromOptions): Room {
  if (!Number.isInteger(expectedBytes) || expectedBytes < 1) {
    throw invalidArgument(`expectedBytes is ${show(expectedBytes)}: a whole number of bytes, 1 or more`)
  }
  if (into === undefined) return new GrowingRoom(driver, signal, expectedBytes, block)
  const bytes = bytesOf('into', into)
  return new FixedRoom(driver, signal, driver.soc.space.view(driver.soc.addressOf(bytes), bytes.length))
}

/** Memory of the caller's. */
class FixedRoom implements Room {
  readonly #copies: CopyGroup
  readonly #into: Uint8Array<SharedArrayBuffer>
  #at = 0

  constructor(driver: AsyncMemcpy, signal: AbortSignal | undefined, into: Uint8Array<SharedArrayBuffer>) {
    this.#copies = new CopyGroup(driver, signal)
    this.#into = into
  }

  async append(chunk: Uint8Array, isReused: boolean): Promise<void> {
    const end = this.#at + chunk.length
    if (end > this.#into.length) {
      throw new EspError('ESP_ERR_INVALID_SIZE', `the stream has more than the ${this.#into.length} bytes of "into"`)
    }
    await this.#copies.add(this.#into.subarray(this.#at, end), chunk)
    this.#at = end
    if (isReused) await this.#copies.done()
  }

  async filled(): Promise<Uint8Array<SharedArrayBuffer>> {
    await this.#copies.done()
    return this.#into.subarray(0, this.#at)
  }

  giveBack(): Promise<void> {
    return this.#copies.settled()
  }
}

/** A block of the heap that is exchanged for one twice as long when it is full. */
class GrowingRoom implements Room {
  readonly #driver: AsyncMemcpy
  readonly #copies: CopyGroup
  readonly #options: AllocOptions
  #block: Uint8Array<SharedArrayBuffer>
  #at = 0

  constructor(driver: AsyncMemcpy, signal: AbortSignal | undefined, bytes: number, options: AllocOptions) {
    this.#driver = driver
    this.#copies = new CopyGroup(driver, signal)
    this.#options = options
    this.#block = driver.soc.heap.alloc(bytes, options)
  }

  async append(chunk: Uint8Array, isReused: boolean): Promise<void> {
    const end = this.#at + chunk.length
    if (end > this.#block.length) await this.#grow(end)
    await this.#copies.add(this.#block.subarray(this.#at, end), chunk)
    this.#at = end
    if (isReused) await this.#copies.done()
  }

  async filled(): Promise<Uint8Array<SharedArrayBuffer>> {
    await this.#copies.done()
    return this.#block.subarray(0, this.#at)
  }

  async giveBack(): Promise<void> {
    await this.#copies.settled()
    this.#driver.soc.heap.free(this.#block)
  }

  async #grow(needed: number): Promise<void> {
    const { heap } = this.#driver.soc
    await this.#copies.done()
    const full = this.#block
    const larger = heap.alloc(Math.max(needed, 2 * full.length), this.#options)
    try {
      await this.#copies.add(larger.subarray(0, this.#at), full.subarray(0, this.#at))
      await this.#copies.done()
    } catch (error) {
      await this.#copies.settled()
      heap.free(larger)
      throw error
    }
    this.#block = larger
    heap.free(full)
  }
}

interface Chunks {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>
  cancel(reason: unknown): void
}

function isStream(source: unknown): boolean {
  return isWebStream(source) || (typeof source === 'object' && source !== null && 'readableFlowing' in source)
}

function isWebStream(source: unknown): source is ReadableStream {
  return typeof ReadableStream !== 'undefined' && source instanceof ReadableStream
}

/** Safari's streams cannot be iterated over. */
function chunksOf(source: unknown): Chunks {
  if (isWebStream(source)) {
    const reader = source.getReader() as ReadableStreamDefaultReader<unknown>
    return {
      next: () => reader.read(),
      cancel: (reason) => void reader.cancel(reason).catch(() => undefined),
    }
  }
  const iterator = iteratorOf(source)
  return {
    next: async () => await iterator.next(),
    cancel: () => void Promise.resolve(iterator.return?.()).catch(() => undefined),
  }
}

function iteratorOf(source: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source) return (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    if (Symbol.iterator in source) return (source as Iterable<unknown>)[Symbol.iterator]()
  }
  throw invalidArgument(
    `copyFrom ${showWithType(source)}: pass a ReadableStream, a Node.js stream or an iterable of bytes`,
  )
}

/** The first of both: what is waited for, or the signal. */
async function orAborted<Value>(value: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await value
  return await new Promise<Value>((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort)
    value.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort)
    })
  })
}
