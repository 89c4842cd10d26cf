/**
 * Moves bytes between buffers that JavaScript reaches, as memmove does.
 *
 * `TypedArray.set` of V8 copies shared memory eight bytes at a time if source and destination agree modulo 8, and byte by
 * byte if they do not. There is no such cliff between memory that is not shared, and none within the Soc's memory.
 */
import { STAGING_AREA, STAGING_PIECE } from '../microcode/layout.ts'
import { isNode } from '../platform/runtime.ts'
import { isSharedBuffer } from '../platform/word-waits.ts'

/** A range of some buffer begins here. The buffer may be longer than typed arrays are in this runtime. */
export interface Place {
  /** The buffer. */
  readonly buffer: ArrayBufferLike
  /** Offset in it. */
  readonly at: number
}

/** Memory of the Soc in which bytes change their alignment on their way. */
export interface Staging {
  /** The Soc's memory. */
  readonly memory: ArrayBufferLike
  /** Where there are STAGING_SIZE bytes for it. */
  readonly address: number
  /** Copies within the Soc's memory: the microcode's. */
  readonly copy: (destination: number, source: number, length: number) => void
}

/** A piece, so that a thread can be ended in between; long enough for the C library to write past the caches. */
const PIECE = 2 ** 28
/** Shorter ranges are over before staging has begun. */
const SHORT = 512
const WORD = 8

/** Whether `Buffer.prototype.fill`, with a value of full length, is one memcpy also between shared buffers: in Node.js. */
const hasFastFill = isNode()

function view({ buffer, at }: Place, length: number): Uint8Array {
  return new Uint8Array(buffer, at, length)
}

/** May overlap. */
function setBytes(to: Place, from: Place, length: number): void {
  view(to, length).set(view(from, length))
}

/** Must not overlap. */
function fillBytes(to: Place, from: Place, length: number): void {
  Buffer.from(to.buffer as SharedArrayBuffer, to.at, length).fill(view(from, length))
}

/** Whether `set` would go byte by byte. */
function isMisaligned(destination: Place, source: Place): boolean {
  if (!isSharedBuffer(destination.buffer) && !isSharedBuffer(source.buffer)) return false
  return (destination.at - source.at) % WORD !== 0
}

/**
 * Moves a range.
 *
 * @param destination - Where to.
 * @param source - Where from. It may overlap the destination.
 * @param length - Bytes.
 * @param staging - How to get around the cliff, if there is a way.
 */
export function moveBytes(destination: Place, source: Place, length: number, staging: () => Staging | undefined): void {
  const overlaps = overlap(destination, source, length)
  const backwards = overlaps && destination.at > source.at
  const canFill = hasFastFill && !overlaps && length >= SHORT
  const stage = !canFill && length >= SHORT && isMisaligned(destination, source) ? staging() : undefined
  const piece = stage === undefined ? PIECE : STAGING_PIECE
  for (let moved = 0; moved < length; moved += piece) {
    const part = Math.min(piece, length - moved)
    const offset = backwards ? length - moved - part : moved
    const to = { buffer: destination.buffer, at: destination.at + offset }
    const from = { buffer: source.buffer, at: source.at + offset }
    if (stage !== undefined) setStaged(to, from, part, stage)
    else if (canFill) fillBytes(to, from, part)
    else setBytes(to, from, part)
  }
}

/** Different objects may stand for one shared memory; then its bytes have the same offsets in all of them. */
function overlap(destination: Place, source: Place, length: number): boolean {
  if (Math.abs(destination.at - source.at) >= length) return false
  const a = destination.buffer
  const b = source.buffer
  if (a === b) return true
  return isSharedBuffer(a) && isSharedBuffer(b) && areOne(a, b, Math.max(destination.at, source.at))
}

/**
 * Whether two buffers are one memory: a byte changes there when it is changed here. It is one that the copy will write, and
 * which nobody else may read or write before that is over.
 */
function areOne(destination: ArrayBufferLike, source: ArrayBufferLike, at: number): boolean {
  const here = new Uint8Array(destination, at, 1)
  const there = new Uint8Array(source, at, 1)
  const before = Atomics.load(there, 0)
  Atomics.xor(here, 0, 0xff)
  const isOne = Atomics.load(there, 0) !== before
  Atomics.xor(here, 0, 0xff)
  return isOne
}

/** By two aligned moves and a copy in the Soc's memory between them; by less where an end lies there already. */
export function setStaged(to: Place, from: Place, length: number, { memory, address, copy }: Staging): void {
  let source = from.at
  if (from.buffer !== memory) {
    source = address + (from.at % WORD)
    setBytes({ buffer: memory, at: source }, from, length)
  }
  if (to.buffer === memory) {
    copy(to.at, source, length)
    return
  }
  const destination = address + STAGING_AREA + (to.at % WORD)
  copy(destination, source, length)
  setBytes(to, { buffer: memory, at: destination }, length)
}
