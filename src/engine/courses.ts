/**
 * How long a driver's copies take. Programs copy the same over and over, and where something lies matters only as far as it
 * is aligned: so a course is reckoned once for copies that are alike.
 */
import {
  DESCRIPTOR_DESTINATION,
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_RECORD,
  DESCRIPTOR_SHIFT,
  DESCRIPTOR_SOURCE,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_TAIL,
  RECORD_STATE,
  RECORD_WITHDRAWN,
} from '../microcode/layout.ts'
import { planAccepted, type CopyRequest } from '../targets/admit.ts'
import type { DriverRules } from '../targets/driver-rules.ts'
import { courseOf, type CopyCourse } from '../targets/estimate.ts'
import { placeAt } from '../targets/places.ts'

/** No burst and no cache line of any target is longer (checked by the targets' tests). */
const ALIGNMENT_THAT_MATTERS = 128
const MOST_KEPT = 4096
/** Places of a target, and more. */
const MOST_PLACES = 32

/** The courses of one driver's copies. */
export class Courses {
  readonly #rules: DriverRules
  readonly #callsTakeTime: boolean
  readonly #known = new Map<number, CopyCourse>()

  /**
   * @param rules - The driver's.
   * @param callsTakeTime - Whether the program spends the time of the set-up itself, when it submits.
   */
  constructor(rules: DriverRules, callsTakeTime = false) {
    this.#rules = rules
    this.#callsTakeTime = callsTakeTime
  }

  /**
   * What the copy takes that has been begun on a driver; undefined for no time at all: a host's copies, and those that were
   * withdrawn.
   *
   * @param words - The control area.
   * @param driver - Address of the driver block.
   */
  ofCopyInHand(words: Int32Array, driver: number): CopyCourse | undefined {
    if (this.#rules.target.timing === undefined) return undefined
    const load = (address: number): number => Atomics.load(words, address >> 2) >>> 0
    const slot = (load(driver + DRIVER_TAIL) & load(driver + DRIVER_MASK)) >>> 0
    const descriptor = load(driver + DRIVER_RING) + (slot << DESCRIPTOR_SHIFT)
    const record = load(descriptor + DESCRIPTOR_RECORD)
    if (record !== 0 && load(record + RECORD_STATE) === RECORD_WITHDRAWN) return undefined
    return this.#of({
      dst: load(descriptor + DESCRIPTOR_DESTINATION),
      src: load(descriptor + DESCRIPTOR_SOURCE),
      length: load(descriptor + DESCRIPTOR_LENGTH),
    })
  }

  /** Nanoseconds that a copy takes when no other goes on. Not for a host's, which take none. */
  aloneNs(copy: CopyRequest): number {
    const { beforeNs, aloneNs, afterNs } = this.#of(copy)
    return beforeNs + aloneNs + afterNs
  }

  /** Nanoseconds for which the call keeps the processor, where it takes time. */
  callNs(copy: CopyRequest): number {
    return this.#callsTakeTime ? this.#of(copy).setUpNs : 0
  }

  #of(copy: CopyRequest): CopyCourse {
    const key = this.#keyOf(copy)
    let course = this.#known.get(key)
    if (course === undefined) {
      course = this.#adapted(courseOf(planAccepted(this.#rules, copy)))
      if (this.#known.size >= MOST_KEPT) this.#known.clear()
      this.#known.set(key, course)
    }
    return course
  }

  /** In whole nanoseconds, so that a copy takes the same whether it is told apart in its phases or not. */
  #adapted(course: CopyCourse): CopyCourse {
    const { setUpNs, aloneNs, afterNs } = course
    const beforeNs = this.#callsTakeTime ? course.beforeNs - setUpNs : course.beforeNs
    const before = Math.round(beforeNs)
    const after = Math.round(beforeNs + aloneNs + afterNs) - before - Math.round(aloneNs)
    return { ...course, setUpNs: Math.round(setUpNs), beforeNs: before, afterNs: after }
  }

  /** 24 bits for both ends and 26 for the length of a chip's longest copy: together less than the 53 of a number. */
  #keyOf({ dst, src, length }: CopyRequest): number {
    const ends = this.#endOf(dst) * (MOST_PLACES * ALIGNMENT_THAT_MATTERS) + this.#endOf(src)
    return length * (MOST_PLACES * ALIGNMENT_THAT_MATTERS) ** 2 + ends
  }

  #endOf(address: number): number {
    const { places } = this.#rules
    const place = placeAt(places, address)
    return (
      (place === undefined ? 0 : places.indexOf(place)) * ALIGNMENT_THAT_MATTERS + (address % ALIGNMENT_THAT_MATTERS)
    )
  }
}
