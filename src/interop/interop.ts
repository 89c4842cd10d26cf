/**
 * Shared memory where it is not taken: browsers and runtimes refuse it in `TextDecoder`, `crypto`, `Blob`, WebGL and
 * others. What these functions return lies in plain memory, or is made through a little of it.
 *
 * They run on the calling thread and take as long as a copy does there; `AsyncMemcpy.readableFrom` does not hold it.
 */
import type { View } from '../soc/address-space.ts'

/** `crypto.getRandomValues` gives no more at once. */
const RANDOM_BYTES = 65_536
const TEXT_BYTES = 65_536

/** The same kind of view, of memory that no other thread has. */
export type UnsharedView<Kind extends View> = Kind extends { readonly buffer: ArrayBuffer }
  ? Kind
  : View & { readonly buffer: ArrayBuffer }

/**
 * The bytes of a view as a buffer of their own, whatever memory it views.
 *
 * @param view - Any view.
 */
export function toArrayBuffer(view: View): ArrayBuffer {
  const copy = new Uint8Array(view.byteLength)
  copy.set(bytesOf(view))
  return copy.buffer
}

/**
 * A view that functions take which refuse shared memory: the view itself if it is of plain memory, or else one of the same
 * kind over a copy. For `texImage2D`, `crypto.subtle`, `WebSocket.send`, `fetch` and the like.
 *
 * @param view - Any view.
 */
export function unshared<Kind extends View>(view: Kind): UnsharedView<Kind> {
  if (view.buffer instanceof ArrayBuffer) return view as unknown as UnsharedView<Kind>
  const copy = toArrayBuffer(view)
  if (typeof Buffer !== 'undefined' && Buffer.isBuffer(view)) return Buffer.from(copy) as unknown as UnsharedView<Kind>
  const Kind = view.constructor as new (buffer: ArrayBuffer) => UnsharedView<Kind>
  return new Kind(copy)
}

/**
 * The text in a view, as `TextDecoder.decode` gives it.
 *
 * @param view - Encoded text, in whatever memory.
 * @param label - Its encoding. Default UTF-8.
 * @param options - As `TextDecoder` takes them: `fatal`, `ignoreBOM`.
 * @throws RangeError for an encoding that is not known, TypeError for bad text if `fatal`.
 */
export function decodeText(view: View, label = 'utf-8', options: TextDecoderOptions = {}): string {
  const decoder = new TextDecoder(label, options)
  const bytes = bytesOf(view)
  const piece = new Uint8Array(Math.min(bytes.length, TEXT_BYTES))
  let text = ''
  for (let at = 0; at < bytes.length; at += piece.length) {
    const next = bytes.subarray(at, at + piece.length)
    piece.set(next)
    text += decoder.decode(piece.subarray(0, next.length), { stream: true })
  }
  return text + decoder.decode()
}

/**
 * Fills a view with random numbers, as `crypto.getRandomValues` does; of any length and in whatever memory.
 *
 * @param view - Any view.
 * @returns The same view.
 */
export function fillRandom<Kind extends View>(view: Kind): Kind {
  const bytes = bytesOf(view)
  const piece = new Uint8Array(Math.min(bytes.length, RANDOM_BYTES))
  for (let at = 0; at < bytes.length; at += piece.length) {
    const length = Math.min(piece.length, bytes.length - at)
    bytes.set(crypto.getRandomValues(piece.subarray(0, length)), at)
  }
  return view
}

/**
 * A `Blob` of the bytes of one view after another.
 *
 * @param views - In whatever memory.
 * @param options - As `Blob` takes them: `type`.
 */
export function toBlob(views: Iterable<View>, options: BlobPropertyBag = {}): Blob {
  return new Blob(Array.from(views, toArrayBuffer), options)
}

function bytesOf(view: View): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
