/** What is typed into the console: all of it is there before the firmware starts, and tasks take it away. */
import { invalidArgument } from '../../errors.ts'

import { INPUT_BYTES, INPUT_LENGTH, INPUT_SIZE, INPUT_TAKEN } from './board-layout.ts'
import type { Board } from './board.ts'

/**
 * Puts it there.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for more than there is room for.
 */
export function giveInput(board: Board, input: string): void {
  const bytes = new TextEncoder().encode(input)
  if (bytes.length > INPUT_SIZE) {
    throw invalidArgument(`input has ${bytes.length} bytes: the console takes ${INPUT_SIZE} at most`)
  }
  board.bytes.set(bytes, INPUT_BYTES)
  board.store(INPUT_LENGTH, bytes.length)
}

/**
 * Takes the next bytes.
 *
 * @param board - Where they are.
 * @param into - Where to put them; as many as fit.
 * @returns How many; 0 when there are no more.
 */
export function takeInput(board: Board, into: Uint8Array): number {
  for (;;) {
    const taken = board.load(INPUT_TAKEN)
    const length = Math.min(into.length, board.load(INPUT_LENGTH) - taken)
    if (length === 0) return 0
    if (Atomics.compareExchange(board.words, INPUT_TAKEN >> 2, taken, taken + length) !== taken) continue
    into.set(board.bytes.subarray(INPUT_BYTES + taken, INPUT_BYTES + taken + length))
    return length
  }
}
