/** Reads the numbers and names of WebAssembly modules and of DWARF. */

const decoder = new TextDecoder()

/** A place in bytes that moves on with every read. */
export class ByteReader {
  /** The bytes. */
  readonly bytes: Uint8Array
  /** Where it stands. */
  at: number
  /** Behind the last byte it may read. */
  readonly end: number

  readonly #view: DataView

  /**
   * @param bytes - What to read.
   * @param at - Where to begin.
   * @param end - Where to stop.
   */
  constructor(bytes: Uint8Array, at: number = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether there is more. */
  get more(): boolean {
    return this.at < this.end
  }

  /** A byte. */
  u8(): number {
    return this.#view.getUint8(this.at++)
  }

  /** Two bytes, the lower first. */
  u16(): number {
    this.at += 2
    return this.#view.getUint16(this.at - 2, true)
  }

  /** Four bytes, the lowest first. */
  u32(): number {
    this.at += 4
    return this.#view.getUint32(this.at - 4, true)
  }

  /** LEB128 without sign, of at most 53 bits. */
  unsigned(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
  }

  /** LEB128 with sign, of at most 53 bits. */
  signed(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * factor
      factor *= 0x80
      if (byte < 0x80) return byte & 0x40 ? value - factor : value
    }
  }

  /** LEB128 of any length, passed over. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** So many bytes, as a view. */
  take(length: number): Uint8Array {
    const from = this.at
    this.at += length
    return this.bytes.subarray(from, this.at)
  }

  /** A name with its length before it. */
  name(): string {
    return decoder.decode(this.take(this.unsigned()))
  }

  /** A text that ends with a zero. */
  text(): string {
    const from = this.at
    while (this.u8() !== 0);
    return decoder.decode(this.bytes.subarray(from, this.at - 1))
  }

  /** A reader of the next bytes; this one passes over them. */
  part(length: number): ByteReader {
    const from = this.at
    this.at += length
    return new ByteReader(this.bytes, from, this.at)
  }
}
