/** The board: what the threads of one firmware share beside the chip's memory (board-layout.ts), as views. */
import {
  BOARD_BELL,
  BOARD_OUTCOME,
  BOARD_OUTCOME_LENGTH,
  BOARD_OUTCOME_TEXT,
  BOARD_SIZE,
  BOARD_STOP,
  MOST_THREADS,
  OUTCOME_BYTES,
  OUTCOME_OPEN,
  OUTCOME_WRITING,
  OUTCOME_WRITTEN,
  THREAD_SIZE,
  THREADS,
} from './board-layout.ts'

/** A thread's view of the board. */
export class Board {
  /** The memory itself, to be posted to other threads. */
  readonly buffer: SharedArrayBuffer
  /** All of it as words. */
  readonly words: Int32Array
  /** All of it as doubles. */
  readonly doubles: Float64Array
  /** All of it as bytes. */
  readonly bytes: Uint8Array

  /** @param buffer - Another thread's board; default: a new one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BOARD_SIZE)) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.bytes = new Uint8Array(buffer)
  }

  /** A word, as an unsigned number. */
  load(address: number): number {
    return Atomics.load(this.words, address >> 2) >>> 0
  }

  /** Writes a word. */
  store(address: number, value: number): void {
    Atomics.store(this.words, address >> 2, value)
  }

  /** Adds 1 to a word and wakes all that wait on it. */
  ring(address: number): void {
    Atomics.add(this.words, address >> 2, 1)
    Atomics.notify(this.words, address >> 2)
  }

  /** Whether the firmware ends. */
  get isStopped(): boolean {
    return Atomics.load(this.words, BOARD_STOP >> 2) !== 0
  }

  /** A thread that the end has come to stays here until it is terminated. */
  rest(): never {
    for (;;) Atomics.wait(this.words, BOARD_STOP >> 2, 1)
  }

  /**
   * Says how the firmware ended, and stops it. The first to say so is the one that counts.
   *
   * @param outcome - Of which JSON is made.
   */
  end(outcome: unknown): void {
    const state = BOARD_OUTCOME >> 2
    if (Atomics.compareExchange(this.words, state, OUTCOME_OPEN, OUTCOME_WRITING) !== OUTCOME_OPEN) return
    const text = new TextEncoder().encode(JSON.stringify(outcome)).subarray(0, OUTCOME_BYTES)
    this.bytes.set(text, BOARD_OUTCOME_TEXT)
    this.store(BOARD_OUTCOME_LENGTH, text.length)
    Atomics.store(this.words, state, OUTCOME_WRITTEN)
    this.store(BOARD_STOP, 1)
    this.ring(BOARD_BELL)
  }

  /** How the firmware ended, if somebody has said so. */
  get outcome(): unknown {
    if (this.load(BOARD_OUTCOME) !== OUTCOME_WRITTEN) return undefined
    return JSON.parse(this.text(BOARD_OUTCOME_TEXT, this.load(BOARD_OUTCOME_LENGTH))) as unknown
  }

  /** Text of the board. */
  text(address: number, length: number): string {
    // Decoders take no shared memory.
    return new TextDecoder().decode(this.bytes.slice(address, address + length))
  }

  /** Address of a thread's block. */
  static thread(id: number): number {
    return THREADS + id * THREAD_SIZE
  }

  /** All threads' numbers. */
  static readonly threadIds: readonly number[] = Array.from({ length: MOST_THREADS }, (_, id) => id)
}
