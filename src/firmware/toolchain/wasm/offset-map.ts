/**
 * Where an instruction was before checks were put in: debug information tells of the places that the linker gave. Kept in a
 * section of its own, as pairs that only grow: between two of them both count alike, as far as the older one reaches.
 */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { readSections, SECTION, type Section } from './sections.ts'

const SECTION_NAME = 'async-memcpy.offsets'

/** Notes the places while code is written. */
export class OffsetMapWriter {
  readonly #writer = new ByteWriter()
  #newAt = 0
  #oldAt = 0

  /**
   * From here on both count alike, until the next pair.
   *
   * @param newAt - Place in the new module.
   * @param oldAt - Place in the old one.
   */
  add(newAt: number, oldAt: number): void {
    this.#writer.unsigned(newAt - this.#newAt).unsigned(oldAt - this.#oldAt)
    this.#newAt = newAt
    this.#oldAt = oldAt
  }

  /**
   * The section.
   *
   * @param newCode - Where the new code section begins: places were given from there.
   * @param oldCode - Where the old one began.
   */
  section(newCode: number, oldCode: number): Pick<Section, 'id' | 'name' | 'content'> {
    const content = new ByteWriter().unsigned(newCode).unsigned(oldCode).raw(this.#writer.bytes).bytes
    return { id: SECTION.custom, name: SECTION_NAME, content }
  }
}

/** Finds the old place of a new one. */
export class OffsetMap {
  readonly #newCode: number
  readonly #new: number[] = []
  readonly #old: number[] = []

  /** @param wasm - A module, with checks or without. */
  constructor(wasm: Uint8Array) {
    const sections = readSections(wasm)
    const own = sections.find(({ name }) => name === SECTION_NAME)
    if (own === undefined) {
      this.#newCode = sections.find(({ id }) => id === SECTION.code)?.start ?? 0
      return
    }
    const reader = new ByteReader(own.content)
    this.#newCode = reader.unsigned()
    reader.unsigned()
    for (let newAt = 0, oldAt = 0; reader.more;) {
      this.#new.push((newAt += reader.unsigned()))
      this.#old.push((oldAt += reader.unsigned()))
    }
  }

  /**
   * Where the linker had put what is at a place: counted from the beginning of the code section, as debug information does.
   *
   * @param offset - Bytes from the beginning of the module.
   */
  codeOffset(offset: number): number {
    const at = offset - this.#newCode
    let low = 0
    let high = this.#new.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#new[middle] ?? 0) <= at) low = middle + 1
      else high = middle
    }
    const newAt = this.#new[low - 1]
    const oldAt = this.#old[low - 1]
    if (newAt === undefined || oldAt === undefined) return at
    const next = this.#old[low] ?? Infinity
    return Math.min(oldAt + at - newAt, next)
  }
}
