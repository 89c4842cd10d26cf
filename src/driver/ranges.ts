/** Where a copy goes from and to: addresses or views in, checked numbers out. Nothing is changed here. */
import type { Soc } from '../chip/soc.ts'
import { type EspError, hex, invalidArgument, show, showWithType } from '../errors.ts'
import { CONTROL_END } from '../microcode/layout.ts'
import type { View } from '../soc/address-space.ts'
import { isBuffer } from '../soc/foreign-memory.ts'
import { refuseEnd, type Role } from '../targets/admit.ts'
import type { DriverRules } from '../targets/driver-rules.ts'

import { refusalError } from './driver-rules.ts'
import type { End, ForeignEnd } from './foreign-copy.ts'

/**
 * An end of a copy: an address of the Soc; any typed array, DataView or Buffer, of the Soc's memory or, on the host, of any
 * other; or a whole `ArrayBuffer` or `SharedArrayBuffer`.
 */
export type Memory = number | View | ArrayBufferLike

/** Lengths are 32 bits wide in the Soc's memory. */
const MOST = 0xffffffff

/** A number of bytes. */
export function checkLength(length: number): void {
  if (Number.isSafeInteger(length) && length >= 1) return
  throw invalidArgument(`length ${show(length)}: a copy has a whole number of bytes, 1 or more`)
}

/** The length of a copy between views of equal length. */
export function commonLength(dst: Memory, src: Memory): number {
  if (typeof dst === 'number' || typeof src === 'number') {
    const address = typeof dst === 'number' ? dst : src
    throw invalidArgument(`copy with the address ${hex(address as number)}: an address has no length, pass { length }`)
  }
  for (const [role, memory] of [['dst', dst] as const, ['src', src] as const]) {
    if (!ArrayBuffer.isView(memory) && !isBuffer(memory))
      throw invalidArgument(`${role} is ${showWithType(memory)}: pass an address or a view`)
  }
  if (dst.byteLength !== src.byteLength) {
    throw invalidArgument(
      `copy of ${src.byteLength} bytes into ${dst.byteLength}: pass { length } when the views differ in length`,
    )
  }
  return dst.byteLength
}

/** Checks ranges for one Soc and one driver's rules. */
export class RangeCheck {
  readonly #soc: Soc
  readonly #rules: DriverRules
  /** Where there is one kind of memory only, an alignment is all that can be asked of a range: this, less 1. */
  readonly #alignMask: number | undefined
  readonly #debug: boolean

  /**
   * @param soc - Whose memory it is.
   * @param rules - The driver's.
   */
  constructor(soc: Soc, rules: DriverRules) {
    this.#soc = soc
    this.#rules = rules
    const [place, ...others] = rules.places
    this.#alignMask = place?.kind === 'dram' && others.length === 0 ? rules.destination.dram.align - 1 : undefined
    this.#debug = soc.debug
  }

  /**
   * One end of a copy: its address, or its place in another buffer.
   *
   * @param role - Which end.
   * @param memory - What was given.
   * @param length - Bytes, already checked.
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no memory, is too short, ends beyond it or is misaligned, and for what
   * the target's DMA does not reach.
   */
  resolve(role: Role, memory: Memory, length: number): End {
    let address: number
    if (typeof memory === 'number') {
      address = memory
    } else {
      const isView = ArrayBuffer.isView(memory)
      if (!isView && !isBuffer(memory)) {
        throw invalidArgument(`${role} is ${showWithType(memory)}: pass an address or a view`)
      }
      const buffer = isView ? memory.buffer : memory
      address = isView ? memory.byteOffset : 0
      if (length > memory.byteLength) throw this.#tooShort(role, memory, buffer, length)
      if (!this.#soc.space.owns(buffer)) return this.#foreign(role, buffer, address, memory.byteLength)
    }
    if (length > MOST) {
      throw invalidArgument(`length ${length}: a copy from or to the Soc's memory has at most ${MOST} bytes`)
    }
    if (!(address >= CONTROL_END && Number.isInteger(address))) {
      throw invalidArgument(
        `${role} is ${hex(address)}: an address is a whole number from ${hex(CONTROL_END)} on ` +
          '(below lies the control area); take it from heap.alloc or addressOf',
      )
    }
    if (this.#alignMask === undefined) this.#checkRules(role, address, length)
    if (!this.#soc.space.reaches(address + length)) {
      throw invalidArgument(
        `${role} ${hex(address)} + ${length} bytes ends beyond the memory, which ends at ${hex(this.#soc.space.size)}`,
      )
    }
    // 32-bit arithmetic wraps, but leaves the bits alone that an alignment looks at.
    if (((address | length) & (this.#alignMask ?? 0)) !== 0) this.#checkRules(role, address, length)
    if (this.#debug) this.#checkLive(role, address, length)
    return address
  }

  /**
   * The same for who takes the Soc's memory only.
   *
   * @param what - Who.
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  resolveOwn(what: string, role: Role, memory: Memory, length: number): number {
    const end = this.resolve(role, memory, length)
    if (typeof end === 'number') return end
    throw invalidArgument(
      `${role} of ${what} lies in another buffer than this Soc's memory, which it cannot reach: use heap.alloc(…)`,
    )
  }

  #foreign(role: Role, buffer: ArrayBufferLike, at: number, byteLength: number): ForeignEnd {
    if (this.#alignMask !== undefined) return { buffer, at }
    throw invalidArgument(
      `${role}: the view of ${byteLength} bytes lies in another buffer than this Soc's memory, where ` +
        `${this.#soc.target.name} has no address for it: copy it into heap.alloc(…) memory first, or use the target "host"`,
    )
  }

  #tooShort(role: Role, memory: View | ArrayBufferLike, buffer: ArrayBufferLike, length: number): EspError {
    const { byteLength } = memory
    const why = buffer.byteLength === 0 ? ' (its buffer has none: was it detached by a transfer?)' : ''
    return invalidArgument(`${role} is a view of ${byteLength} bytes${why}: ${length} do not fit`)
  }

  #checkRules(role: Role, address: number, length: number): void {
    const refusal = refuseEnd(this.#rules, role, address, length)
    if (refusal !== undefined) throw refusalError(refusal)
  }

  #checkLive(role: Role, address: number, length: number): void {
    const { heap } = this.#soc
    const block = heap.blockAt(address) ?? heap.staticDataAt(address)
    if (block === undefined) {
      throw invalidArgument(`${role} ${hex(address)} lies in memory that is not allocated (freed, or never was)`)
    }
    const end = block.address + block.length
    if (address + length > end) {
      throw invalidArgument(
        `${role} ${hex(address)} + ${length} bytes goes ${address + length - end} beyond its block ` +
          `(${block.length} bytes at ${hex(block.address)})`,
      )
    }
  }
}
