/**
 * The console: bytes of all threads, in the order of their calls, in a ring of the board that the supervisor empties.
 *
 *   writer      take LOCK < look at CLOSED, and for room < bytes < HEAD < give LOCK < bell
 *   supervisor  read HEAD < bytes < TAIL < notify TAIL
 *   end         take LOCK < CLOSED < give LOCK: what comes later is not printed
 * A call's bytes stay together, as long as they fit into the ring. LOCK is the number of the thread that has it. One that is
 * terminated with it can only be of a firmware that ends, or a task that another one deletes: the kernel gives it back then.
 */
import {
  BOARD_BELL,
  CONSOLE_BYTES,
  CONSOLE_CLOSED,
  CONSOLE_HEAD,
  CONSOLE_LOCK,
  CONSOLE_SIZE,
  CONSOLE_TAIL,
} from './board-layout.ts'
import type { Board } from './board.ts'

/** Who closes the console, whichever thread it is: that happens to a firmware that ends. */
const CLOSER = 0x40000000

/** So long a writer sleeps before it looks whether the firmware ends. */
const SLICE_MS = 100

/**
 * Adds bytes.
 *
 * @param board - Where the ring is.
 * @param bytes - What to print; shared memory or not.
 * @param writer - The number of this thread, not 0.
 */
export function writeConsole(board: Board, bytes: Uint8Array, writer: number): void {
  for (let start = 0; start < bytes.length; start += CONSOLE_SIZE) {
    writePart(board, bytes.subarray(start, start + CONSOLE_SIZE), writer)
  }
}

function writePart(board: Board, bytes: Uint8Array, writer: number): void {
  for (;;) {
    lock(board, writer)
    if (board.load(CONSOLE_CLOSED) !== 0) {
      unlock(board)
      return
    }
    const head = board.load(CONSOLE_HEAD)
    const tail = board.load(CONSOLE_TAIL)
    if (CONSOLE_SIZE - ((head - tail) >>> 0) >= bytes.length) {
      append(board, head, bytes)
      unlock(board)
      board.ring(BOARD_BELL)
      return
    }
    unlock(board)
    board.ring(BOARD_BELL)
    Atomics.wait(board.words, CONSOLE_TAIL >> 2, tail | 0, SLICE_MS)
  }
}

function append(board: Board, head: number, bytes: Uint8Array): void {
  const at = head % CONSOLE_SIZE
  const first = bytes.subarray(0, CONSOLE_SIZE - at)
  board.bytes.set(first, CONSOLE_BYTES + at)
  board.bytes.set(bytes.subarray(first.length), CONSOLE_BYTES)
  board.store(CONSOLE_HEAD, (head + bytes.length) | 0)
}

/** Nobody prints any more. */
export function closeConsole(board: Board): void {
  lock(board, CLOSER)
  board.store(CONSOLE_CLOSED, 1)
  unlock(board)
}

/** A thread was terminated: if it had the console, others have it again. */
export function releaseConsole(board: Board, writer: number): void {
  if (board.load(CONSOLE_LOCK) === writer) unlock(board)
}

/** What was printed and not yet taken. */
export function takeOutput(board: Board): Uint8Array<ArrayBuffer> {
  const head = board.load(CONSOLE_HEAD)
  const tail = board.load(CONSOLE_TAIL)
  const bytes = new Uint8Array((head - tail) >>> 0)
  if (bytes.length === 0) return bytes
  const at = tail % CONSOLE_SIZE
  const first = Math.min(bytes.length, CONSOLE_SIZE - at)
  bytes.set(board.bytes.subarray(CONSOLE_BYTES + at, CONSOLE_BYTES + at + first))
  bytes.set(board.bytes.subarray(CONSOLE_BYTES, CONSOLE_BYTES + bytes.length - first), first)
  board.store(CONSOLE_TAIL, head | 0)
  Atomics.notify(board.words, CONSOLE_TAIL >> 2)
  return bytes
}

/** The lock is held for as long as some bytes take to copy. */
function lock(board: Board, thread: number): void {
  for (;;) {
    const holder = Atomics.compareExchange(board.words, CONSOLE_LOCK >> 2, 0, thread)
    if (holder === 0) return
    Atomics.wait(board.words, CONSOLE_LOCK >> 2, holder, 1)
  }
}

function unlock(board: Board): void {
  Atomics.store(board.words, CONSOLE_LOCK >> 2, 0)
  Atomics.notify(board.words, CONSOLE_LOCK >> 2, 1)
}
