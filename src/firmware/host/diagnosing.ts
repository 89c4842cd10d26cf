/**
 * Diagnostics of firmware, on the kernel's thread: what tasks tell goes to the inspector, what that watches goes to the tasks, and
 * what it finds goes to the supervisor, by the board.
 *
 *   kernel      bytes of a diagnosis < LENGTH < bell
 *   supervisor  read LENGTH < bytes up to there
 */
import type { Diagnosis } from '../../diagnostics/diagnosis.ts'
import type { Inspector } from '../../diagnostics/inspector.ts'
import type { Program } from '../../diagnostics/program.ts'
import { overlap, type Range } from '../../diagnostics/stretch.ts'

import {
  BOARD_BELL,
  CONSOLE_HEAD,
  DIAGNOSES,
  DIAGNOSES_DROPPED,
  DIAGNOSES_LENGTH,
  DIAGNOSES_SIZE,
  KERNEL_NOW_US,
  KERNEL_TOLD,
  KERNEL_TOLD_PLACE_LENGTH,
  KERNEL_TOLD_VALUES,
  MOST_WATCHED,
  TOLD_FREES,
  TOLD_LOOK,
  TOLD_PLACE,
  TOLD_SUBMITTED,
  TOLD_TOUCHES,
  WATCHED,
  WATCHED_COUNT,
  WATCHED_LENGTH,
  WATCHED_SIZE,
  WATCHED_START,
} from './board-layout.ts'
import type { Board } from './board.ts'
import type { Informer } from './informer.ts'
import type { FirmwareInstance } from './instance.ts'
import { placeHere } from './places.ts'

/** A write that was told, before it happened. */
interface Write {
  readonly range: Range
  readonly place: string
}

/** The diagnostics of one firmware. Also the informer of C on the kernel's own thread: interrupts. */
export class Diagnosing implements Informer, Program {
  readonly #board: Board
  #inspector: Inspector | undefined
  #instance: FirmwareInstance | undefined
  /** Where the task is that tells something. */
  #place: string | undefined
  /** The latest write that was told. */
  #write: Write | undefined

  /** @param board - The board. */
  constructor(board: Board) {
    this.#board = board
  }

  /**
   * The chip is open.
   *
   * @param inspector - The chip's.
   */
  watch(inspector: Inspector | undefined): void {
    this.#inspector = inspector
  }

  /** The firmware on the kernel's thread. */
  useInstance(instance: FirmwareInstance): void {
    this.#instance = instance
  }

  /** {@inheritDoc Program.here} */
  here(): string {
    return this.#place ?? placeHere('')
  }

  /** {@inheritDoc Program.changedAt} */
  changedAt(range: Range): string {
    return this.#write !== undefined && overlap(this.#write.range, range) ? this.#write.place : this.here()
  }

  /** Takes what a task has told. */
  receive(): void {
    const board = this.#board
    const [a, b, c] = [0, 4, 8].map((offset) => board.load(KERNEL_TOLD_VALUES + offset)) as [number, number, number]
    this.#place = board.text(TOLD_PLACE, board.load(KERNEL_TOLD_PLACE_LENGTH))
    switch (board.load(KERNEL_TOLD)) {
      case TOLD_LOOK:
        this.#inspector?.lookNow()
        break
      case TOLD_SUBMITTED:
        this.submitted(a, b)
        break
      case TOLD_FREES:
        this.frees(a, b)
        break
      case TOLD_TOUCHES:
        this.touches(a, b, c !== 0)
        break
    }
    this.#place = undefined
    this.publish()
  }

  /** {@inheritDoc Informer.submitted} */
  submitted(driver: number, sequence: number): void {
    this.#inspector?.submitted(driver, sequence)
    this.publish()
  }

  /** {@inheritDoc Informer.frees} */
  frees(address: number, length: number): void {
    this.#inspector?.lookNow()
    this.#inspector?.freed(address, length)
  }

  /** {@inheritDoc Informer.touches} */
  touches(address: number, length: number, writes: boolean): void {
    const range = { address, length }
    // What was told before has happened by now, and is looked for.
    this.#inspector?.lookNow()
    this.#write = writes ? { range, place: this.here() } : undefined
    if (!writes) this.#inspector?.reads(range)
    this.publish()
  }

  /** {@inheritDoc Program.interruptNs} */
  interruptNs(): number {
    return (this.#board.doubles[KERNEL_NOW_US >> 3] ?? 0) * 1000
  }

  /** Tells tasks, and C on this thread, what is in flight. */
  publish(): void {
    const board = this.#board
    const ranges = (this.#inspector?.watched ?? []).slice(0, MOST_WATCHED)
    let [start, end] = [Infinity, 0]
    ranges.forEach(({ address, length, reads }, i) => {
      const at = WATCHED + i * WATCHED_SIZE
      board.store(at, address)
      board.store(at + 4, length)
      board.store(at + 8, Number(reads))
      start = Math.min(start, address)
      end = Math.max(end, address + length)
    })
    board.store(WATCHED_COUNT, ranges.length)
    board.store(WATCHED_START, ranges.length === 0 ? 0 : start)
    board.store(WATCHED_LENGTH, ranges.length === 0 ? 0 : end - start)
    this.#instance?.watchFrom(board)
  }

  /** A diagnosis, for the supervisor. */
  readonly found = (diagnosis: Diagnosis): void => {
    const board = this.#board
    const note: DiagnosisNote = { printedBytes: board.load(CONSOLE_HEAD), diagnosis }
    const bytes = new TextEncoder().encode(JSON.stringify(note))
    const at = board.load(DIAGNOSES_LENGTH)
    const after = at + 4 + Math.ceil(bytes.length / 4) * 4
    if (after > DIAGNOSES_SIZE) {
      board.store(DIAGNOSES_DROPPED, board.load(DIAGNOSES_DROPPED) + 1)
      return
    }
    board.store(DIAGNOSES + at, bytes.length)
    board.bytes.set(bytes, DIAGNOSES + at + 4)
    board.store(DIAGNOSES_LENGTH, after)
    board.ring(BOARD_BELL)
  }
}

/** A diagnosis on its way to the supervisor. */
export interface DiagnosisNote {
  /** Bytes that the firmware had printed before. */
  readonly printedBytes: number
  /** What was found. */
  readonly diagnosis: Diagnosis
}

/** Diagnoses that have come since, and up to where they were read. */
export function takeDiagnoses(board: Board, from: number): { readonly notes: DiagnosisNote[]; readonly upTo: number } {
  const upTo = board.load(DIAGNOSES_LENGTH)
  const notes: DiagnosisNote[] = []
  for (let at = from; at < upTo;) {
    const length = board.load(DIAGNOSES + at)
    notes.push(JSON.parse(board.text(DIAGNOSES + at + 4, length)) as DiagnosisNote)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return { notes, upTo }
}
