/**
 * Moves bytes between buffers that JavaScript reaches, as memmove does.
 *
 * `TypedArray.set` of V8 copies shared memory eight bytes at a time if source and destination agree modulo 8, and byte by
 * byte if they do not. There is no such cliff between memory that is not shared, and none within the Soc's memory.
 */
import { STAGING_AREA, STAGING_PIECE } from '../microcode/layout.ts'
import { isSharedBuffer } from '../platform/word-waits.ts'

/** A range of some buffer begins here. */
export interface Place {
  /** All of the buffer. */
  readonly bytes: Uint8Array
  /** Where in it. */
  readonly at: number
}

/** Memory of the Soc in which bytes change their alignment on their way. */
export interface Staging {
  /** The Soc's memory. */
  readonly memory: Uint8Array
  /** Where there are STAGING_SIZE bytes for it. */
  readonly address: number
  /** Copies within the Soc's memory: the microcode's. */
  readonly copy: (destination: number, source: number, length: number) => void
}

/** A piece, so that a thread can be ended in between. */
const PIECE = 2 ** 22
/** Shorter ranges are over before staging has begun. */
const SHORT = 512
const WORD = 8

/** Moves a range that is not staged. It may overlap itself. */
export function setBytes(destination: Place, source: Place, length: number): void {
  destination.bytes.set(source.bytes.subarray(source.at, source.at + length), destination.at)
}

/** `Buffer.prototype.fill` of Node.js with a value of full length is one memcpy, also between shared buffers. */
interface Filler {
  fill(value: Uint8Array, start: number, end: number): unknown
}

/**
 * Whether the runtime's Buffer copies in that way: Node.js. Deno's is made of `set`; of Bun it is not known.
 *
 * @param bytes - All of a buffer.
 */
function fillerOf({ buffer, byteOffset, length }: Uint8Array): Filler | undefined {
  if (!hasFastFill) return undefined
  return Buffer.from(buffer as SharedArrayBuffer, byteOffset, length)
}

const hasFastFill =
  typeof process === 'object' &&
  typeof process.versions === 'object' &&
  process.versions.node !== undefined &&
  process.versions['deno'] === undefined &&
  process.versions['bun'] === undefined

/** Whether `set` would go byte by byte. */
export function isMisaligned(destination: Place, source: Place): boolean {
  if (!isSharedBuffer(destination.bytes.buffer) && !isSharedBuffer(source.bytes.buffer)) return false
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
  const overlaps = mayOverlap(destination, source, length)
  const backwards = overlaps && destination.at > source.at
  const filler = overlaps || length < SHORT ? undefined : fillerOf(destination.bytes)
  const stage = filler === undefined && length >= SHORT && isMisaligned(destination, source) ? staging() : undefined
  const piece = stage === undefined ? PIECE : STAGING_PIECE
  for (let moved = 0; moved < length; moved += piece) {
    const part = Math.min(piece, length - moved)
    const offset = backwards ? length - moved - part : moved
    const to = { bytes: destination.bytes, at: destination.at + offset }
    const from = { bytes: source.bytes, at: source.at + offset }
    if (stage !== undefined) setStaged(to, from, part, stage)
    else if (filler === undefined) setBytes(to, from, part)
    else filler.fill(source.bytes.subarray(from.at, from.at + part), to.at, to.at + part)
  }
}

/** Different objects may stand for one shared memory; then its bytes have the same offsets in all of them. */
function mayOverlap(destination: Place, source: Place, length: number): boolean {
  const a = destination.bytes.buffer
  const b = source.bytes.buffer
  if (a !== b && !(isSharedBuffer(a) && isSharedBuffer(b))) return false
  return Math.abs(destination.at - source.at) < length
}

/** By two aligned moves and a copy in the Soc's memory between them; by less where an end lies there already. */
function setStaged(to: Place, from: Place, length: number, { memory, address, copy }: Staging): void {
  const isHere = ({ bytes }: Place): boolean => bytes.buffer === memory.buffer
  let source = from.at
  if (!isHere(from)) {
    source = address + (from.at % WORD)
    setBytes({ bytes: memory, at: source }, from, length)
  }
  if (isHere(to)) {
    copy(to.at, source, length)
    return
  }
  const destination = address + STAGING_AREA + (to.at % WORD)
  copy(destination, source, length)
  setBytes(to, { bytes: memory, at: destination }, length)
}
