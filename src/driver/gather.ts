/** `concat` and `clone`: bytes from wherever they are into a block of the heap. */
import { checkOptions, invalidArgument, showWithType } from '../errors.ts'
import { CONTROL_END } from '../microcode/layout.ts'
import type { View } from '../soc/address-space.ts'
import type { AllocOptions } from '../soc/heap.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import { bytesOf, CopyGroup, type Bytes } from './copy-group.ts'

/** Options of {@link AsyncMemcpy.concat} and {@link AsyncMemcpy.clone}: of the block, and a signal. */
export interface GatherOptions extends AllocOptions {
  /** Calls it off: the promise rejects with its reason once nothing is under way any more, and the block is given back. */
  readonly signal?: AbortSignal
}

/** The same kind of view, of memory that threads share. */
export type SharedView<Kind extends View> = Kind extends Uint8Array
  ? Uint8Array<SharedArrayBuffer>
  : Kind extends Int8Array
    ? Int8Array<SharedArrayBuffer>
    : Kind extends Uint8ClampedArray
      ? Uint8ClampedArray<SharedArrayBuffer>
      : Kind extends Int16Array
        ? Int16Array<SharedArrayBuffer>
        : Kind extends Uint16Array
          ? Uint16Array<SharedArrayBuffer>
          : Kind extends Int32Array
            ? Int32Array<SharedArrayBuffer>
            : Kind extends Uint32Array
              ? Uint32Array<SharedArrayBuffer>
              : Kind extends Float32Array
                ? Float32Array<SharedArrayBuffer>
                : Kind extends Float64Array
                  ? Float64Array<SharedArrayBuffer>
                  : Kind extends BigInt64Array
                    ? BigInt64Array<SharedArrayBuffer>
                    : Kind extends BigUint64Array
                      ? BigUint64Array<SharedArrayBuffer>
                      : DataView<SharedArrayBuffer>

/** See {@link AsyncMemcpy.concat}. */
export async function concat(
  driver: AsyncMemcpy,
  list: Iterable<Bytes>,
  options: GatherOptions,
): Promise<Uint8Array<SharedArrayBuffer>> {
  checkOptions('concat', options)
  const pieces = Array.from(iterable(list), (bytes, i) => bytesOf(`list[${i}]`, bytes))
  return await gather(driver, pieces, options)
}

/** See {@link AsyncMemcpy.clone}. */
export async function clone<Kind extends View>(
  driver: AsyncMemcpy,
  view: Kind,
  options: GatherOptions,
): Promise<SharedView<Kind>> {
  checkOptions('clone', options)
  if (!ArrayBuffer.isView(view)) {
    throw invalidArgument(`clone of ${showWithType(view)}: pass a typed array, DataView or Buffer`)
  }
  const { buffer, byteOffset, length } = await gather(driver, [bytesOf('view', view)], options)
  // The block has the kind of the view.
  if (typeof Buffer !== 'undefined' && Buffer.isBuffer(view)) {
    return Buffer.from(buffer, byteOffset, length) as unknown as SharedView<Kind>
  }
  const Kind = view.constructor as new (
    buffer: SharedArrayBuffer,
    byteOffset: number,
    length: number,
  ) => SharedView<Kind>
  const { BYTES_PER_ELEMENT = 1 } = view as { BYTES_PER_ELEMENT?: number }
  return new Kind(buffer, byteOffset, length / BYTES_PER_ELEMENT)
}

async function gather(
  driver: AsyncMemcpy,
  pieces: readonly Uint8Array[],
  { signal, ...options }: GatherOptions,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const { heap, space } = driver.soc
  signal?.throwIfAborted()
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  // The heap has no blocks of no bytes.
  if (length === 0) return space.view(CONTROL_END, 0)
  const block = heap.alloc(length, options)
  const copies = new CopyGroup(driver, signal)
  try {
    let at = 0
    for (const piece of pieces) {
      await copies.add(block.subarray(at, at + piece.length), piece)
      at += piece.length
    }
    await copies.done()
    return block
  } catch (error) {
    await copies.settled()
    heap.free(block)
    throw error
  }
}

function iterable(list: unknown): Iterable<unknown> {
  if (typeof list === 'object' && list !== null && Symbol.iterator in list && !ArrayBuffer.isView(list)) {
    return list as Iterable<unknown>
  }
  throw invalidArgument(`list is ${showWithType(list)}: pass an array of views, as for Buffer.concat`)
}
