/** Writes WebAssembly. */

const encoder = new TextEncoder()

/** Bytes that grow. */
export class ByteWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  /** How many there are. */
  get length(): number {
    return this.#length
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Appends bytes as they are. */
  raw(bytes: ArrayLike<number>): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** Appends a byte. */
  u8(value: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  /** LEB128 without sign. */
  unsigned(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.u8((rest % 0x80) | 0x80)
    return this.u8(rest)
  }

  /** LEB128 with sign, of 32 bits. */
  signed(value: number): this {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.u8(low)
      this.u8(low | 0x80)
    }
  }

  /** A name, its length before it. */
  name(text: string): this {
    const bytes = encoder.encode(text)
    return this.unsigned(bytes.length).raw(bytes)
  }

  /** Bytes, their length before them. */
  block(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).raw(bytes)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
