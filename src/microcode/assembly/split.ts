/**
 * One large copy on several channels. The consumer of the ring describes the job and publishes it in SPLIT_CLAIM, one
 * word that holds the number of pieces and the next piece. Whoever adds 1 to it owns that piece. A claimed piece keeps its
 * job open (SPLIT_DONE stays below the number of pieces), so the words that describe the job cannot change under the
 * thread that holds one.
 *
 *   helper          CLAIMED = CLAIMING < add to CLAIM < CLAIMED = piece or none
 *   abandonSplit    CLAIM = no pieces  < look at CLAIMED
 * A helper that got a piece is seen; one that comes later gets none. Between its three accesses there is no loop and no
 * call, so no thread dies there.
 *
 * A helper that dies leaves its piece in CHANNEL_CLAIMED; the consumer sees the dead channel and writes the piece itself.
 */
import {
  CHANNEL_CLAIMED, CHANNEL_STATE, CHANNEL_STATE_DEAD, CHOICE_OPEN, CLAIMING, DRIVER_HELPER_COUNT, DRIVER_HELPERS, KERNEL_OPTIONS,
  ROW_SPLIT, SPLIT_CLAIM, SPLIT_DESTINATION, SPLIT_DONE, SPLIT_INDEX_BITS, SPLIT_INDEX_MASK, SPLIT_LENGTH, SPLIT_PIECE,
  SPLIT_SOURCE,
} from '../layout'
import { TRACE_SEGMENT } from '../trace-layout'
import { choiceAddress, classOf, recordTrial } from './choice'
import { now } from './clock'
import { copyPiece } from './copy'
import { wake } from './ring'
import { isTraced, trace } from './trace'

// @ts-ignore: decorator
@inline
function indexOf(claim: u32): u32 {
  return claim & SPLIT_INDEX_MASK
}

// @ts-ignore: decorator
@inline
function piecesOf(claim: u32): u32 {
  return claim >> SPLIT_INDEX_BITS
}

function writePiece(driver: usize, index: u32): void {
  const piece = load<u32>(driver, SPLIT_PIECE)
  const offset = index * piece
  const left = load<u32>(driver, SPLIT_LENGTH) - offset
  copyPiece(
    (load<u32>(driver, SPLIT_DESTINATION) + offset) as usize, (load<u32>(driver, SPLIT_SOURCE) + offset) as usize,
    left < piece ? left : piece,
  )
}

/** Whether a piece waits for somebody. */
export function splitIsOpen(driver: usize): u32 {
  const open = atomic.load<u32>(driver, SPLIT_CLAIM)
  return indexOf(open) < piecesOf(open) ? 1 : 0
}

/** The same, and a record of it. That comes before the piece is counted, so that it is there when the copy is over. */
function writeTraced(driver: usize, channel: usize, index: u32): void {
  const piece = load<u32>(driver, SPLIT_PIECE)
  const left = load<u32>(driver, SPLIT_LENGTH) - index * piece
  const start = now()
  writePiece(driver, index)
  trace(TRACE_SEGMENT, driver as u32, channel as u32, index, 0, left < piece ? left : piece, now(), start)
}

/** Claims and writes one piece. @returns 0 when none is left. */
export function helpOnce(driver: usize, channel: usize): u32 {
  if (splitIsOpen(driver) == 0) return 0
  atomic.store<u32>(channel, CLAIMING, CHANNEL_CLAIMED)
  const claim = atomic.add<u32>(driver, 1, SPLIT_CLAIM)
  const index = indexOf(claim)
  const mine = index < piecesOf(claim)
  atomic.store<u32>(channel, mine ? index + 1 : 0, CHANNEL_CLAIMED)
  if (!mine) return 0
  if (isTraced()) writeTraced(driver, channel, index)
  else writePiece(driver, index)
  // In this order: who sees CLAIMED cleared may begin another job, and this piece must not count for that.
  atomic.add<u32>(driver, 1, SPLIT_DONE)
  atomic.store<u32>(channel, 0, CHANNEL_CLAIMED)
  return 1
}

// @ts-ignore: decorator
@inline
function helper(driver: usize, index: u32): usize {
  return load<u32>(load<u32>(driver, DRIVER_HELPERS) + (index << 2))
}

/**
 * Writes the pieces that dead helpers have claimed. Called when no piece is left to claim: a dead helper's successor finds
 * none, so what CLAIMED holds after STATE was found dead is the dead one's.
 */
function takeOverFromTheDead(driver: usize, helpers: u32): void {
  for (let i: u32 = 0; i < helpers; i++) {
    const channel = helper(driver, i)
    if (atomic.load<u32>(channel, CHANNEL_STATE) != CHANNEL_STATE_DEAD) continue
    const claimed = atomic.load<u32>(channel, CHANNEL_CLAIMED)
    if (claimed == 0) continue
    writePiece(driver, claimed - 1)
    atomic.add<u32>(driver, 1, SPLIT_DONE)
    atomic.store<u32>(channel, 0, CHANNEL_CLAIMED)
  }
}

/** The sizes that ROW_SPLIT chooses among: equal shares, or pieces that let a fast channel take more. */
function pieceOf(option: u32, length: u32, channels: u32): u32 {
  let piece: u32
  if (option == 0) piece = (length + channels - 1) / channels
  else if (option == 1) piece = 8 << 20
  else if (option == 2) piece = 1 << 20
  else piece = 256 << 10
  return (piece + 63) & ~63
}

/** Copies ranges that do not overlap, with every channel of the driver. Returns when the last byte is written. */
export function copySplit(driver: usize, channel: usize, destination: u32, source: u32, length: u32): void {
  const helpers = load<u32>(driver, DRIVER_HELPER_COUNT)
  const choice = load<u32>(choiceAddress(ROW_SPLIT, classOf(length)))
  const trial = choice >= CHOICE_OPEN
  const start = trial ? now() : 0
  const option = trial ? (choice - CHOICE_OPEN) & (KERNEL_OPTIONS - 1) : choice
  const piece = pieceOf(option, length, helpers + 1)
  const pieces = (length - 1) / piece + 1

  store<u32>(driver, destination, SPLIT_DESTINATION)
  store<u32>(driver, source, SPLIT_SOURCE)
  store<u32>(driver, length, SPLIT_LENGTH)
  store<u32>(driver, piece, SPLIT_PIECE)
  atomic.store<u32>(driver, 0, SPLIT_DONE)
  atomic.store<u32>(driver, pieces << SPLIT_INDEX_BITS, SPLIT_CLAIM)
  for (let i: u32 = 0; i < helpers; i++) wake(helper(driver, i))

  while (helpOnce(driver, channel)) {}
  while (atomic.load<u32>(driver, SPLIT_DONE) < pieces) takeOverFromTheDead(driver, helpers)
  if (trial) recordTrial(ROW_SPLIT, length, choice, now() - start)
}

/** Ends a job whose consumer died: no piece can be claimed any more. @returns 1 while a live helper still writes. */
export function abandonSplit(driver: usize): u32 {
  atomic.store<u32>(driver, 0, SPLIT_CLAIM)
  const helpers = load<u32>(driver, DRIVER_HELPER_COUNT)
  for (let i: u32 = 0; i < helpers; i++) {
    const channel = helper(driver, i)
    if (atomic.load<u32>(channel, CHANNEL_CLAIMED) == 0) continue
    if (atomic.load<u32>(channel, CHANNEL_STATE) == CHANNEL_STATE_DEAD) atomic.store<u32>(channel, 0, CHANNEL_CLAIMED)
    else return 1
  }
  return 0
}
