/**
 * A channel that keeps to its chip's time: its bytes move at once, and the copy is over when that of the chip would be. Until
 * then nobody is told: no completion, no event, no callback.
 *
 * It is never early. It is late by what the operating system takes to wake a thread, and by as much as copies here take longer
 * than there.
 */
import {
  CHANNEL_DRIVER,
  CHANNEL_TAKEN,
  DRIVER_LATE,
  DRIVER_STARTED,
  STEP_DETACHED,
  STEP_IDLE,
  STEP_MET,
  STEP_WORKED,
} from '../../microcode/layout.ts'
import { isRecording } from '../../soc/note.ts'
import type { DriverRules } from '../../targets/driver-rules.ts'
import type { CopyCourse } from '../../targets/estimate.ts'
import { Courses } from '../courses.ts'
import { noteSegments } from '../segments.ts'

import type { ChannelThread } from './channel-loop.ts'
import { Pace } from './pace.ts'

/** A sleeping thread wakes some 50 to 100 µs late: for the last of the time it looks at the clock instead. */
const AWAKE_MS = 0.1
/** What is later than this counts as late. */
const LATE_MS = 0.1

/** One channel's copies, in its thread. */
export class PacedChannel {
  readonly #thread: ChannelThread
  readonly #courses: Courses
  readonly #pace: Pace

  /**
   * @param thread - What its loop runs on.
   * @param rules - Of the driver that it serves.
   */
  constructor(thread: ChannelThread, rules: DriverRules) {
    this.#thread = thread
    this.#courses = new Courses(rules)
    this.#pace = new Pace(thread, rules.target)
  }

  /**
   * In the place of the microcode's `step`: carries out one copy, or looks so often for one.
   *
   * @returns STEP_…
   */
  step(looks: number): number {
    const { channel, words, microcode } = this.#thread
    const driver = microcode.serve(channel) >>> 0
    if (driver === 0) return STEP_DETACHED
    for (let left = looks; ; left--) {
      const length = microcode.begin(driver) >>> 0
      if (length !== 0) {
        this.#carryOut(driver, length)
        return left === looks ? STEP_WORKED : STEP_MET
      }
      if (Atomics.load(words, (channel + CHANNEL_DRIVER) >> 2) >>> 0 !== driver) return STEP_DETACHED
      if (left === 0) return STEP_IDLE
    }
  }

  #carryOut(driver: number, length: number): void {
    const { words, doubles, microcode, now } = this.#thread
    const course = this.#courses.ofCopyInHand(words, driver)
    if (course === undefined) {
      microcode.finish(driver, 0)
      return
    }
    const { startMs, endMs } = this.#pace.begin(course)
    doubles[(driver + DRIVER_STARTED) >> 3] = startMs
    microcode.move(driver, 0, length)
    const overMs = this.#waitUntilOver(endMs)
    if (now() - overMs > LATE_MS) {
      const late = (driver + DRIVER_LATE) >> 2
      words[late] = (words[late] ?? 0) + 1
    }
    this.#noteSegments(driver, length, startMs, course)
    microcode.finish(driver, length)
  }

  /** Returns when it was over, which may be later than it was expected, because others have begun. */
  #waitUntilOver(expectedMs: number): number {
    let overMs = expectedMs
    for (let endMs = overMs; endMs > -Infinity; endMs = this.#pace.endMs) {
      overMs = endMs
      this.#sleepUntil(endMs)
    }
    return overMs
  }

  #sleepUntil(endMs: number): void {
    const { channel, words, now } = this.#thread
    for (;;) {
      const leftMs = endMs - now()
      if (leftMs <= 0) return
      // Nobody changes this word while the thread runs: it only sleeps.
      if (leftMs > AWAKE_MS) Atomics.wait(words, (channel + CHANNEL_TAKEN) >> 2, 1, leftMs - AWAKE_MS)
    }
  }

  #noteSegments(driver: number, length: number, startMs: number, course: CopyCourse): void {
    const { channel, words, microcode, now } = this.#thread
    const recorder = { space: { words }, microcode, now }
    if (isRecording(recorder)) noteSegments(recorder, { driver, channel, length, startMs, course })
  }
}
