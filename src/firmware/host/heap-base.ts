/**
 * Where a module's static data ends. Its memory is that of the Soc, which is opened with that much reserved, so this has to be
 * known before there can be an instance: it is read from the bytes of the module.
 */
import { invalidArgument } from '../../errors.ts'

const GLOBAL_SECTION = 6
const EXPORT_SECTION = 7
const IMPORT_SECTION = 2
const KIND_GLOBAL = 3
const I32_CONST = 0x41
const END = 0x0b

/** Reads a module's bytes from front to back. */
class Reader {
  readonly #bytes: Uint8Array
  /** Where it is. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0
  }

  unsigned(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  signed(): number {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      shift += 7
      if (byte < 0x80) return shift < 32 && (byte & 0x40) !== 0 ? value | (-1 << shift) : value
    }
  }

  name(): string {
    const length = this.unsigned()
    this.at += length
    return new TextDecoder().decode(this.#bytes.subarray(this.at - length, this.at))
  }
}

/**
 * The value of the exported global `__heap_base`: the first address behind static data and the stack of the start.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` if the module does not export it.
 */
export function heapBase(wasm: Uint8Array): number {
  const globals: number[] = []
  let imported = 0
  const reader = new Reader(wasm, 8)
  while (!reader.isAtEnd) {
    const section = reader.byte()
    const end = reader.unsigned() + reader.at
    if (section === IMPORT_SECTION) imported = importedGlobals(reader)
    if (section === GLOBAL_SECTION) globals.push(...readGlobals(reader))
    if (section === EXPORT_SECTION) {
      const index = exportedGlobal(reader, '__heap_base')
      const value = index === undefined ? undefined : globals[index - imported]
      if (value !== undefined) return value >>> 0
    }
    reader.at = end
  }
  throw invalidArgument(
    'this WebAssembly module is no firmware: it does not export __heap_base, which tells where its data ends (async-memcpy cc makes it so)',
  )
}

function importedGlobals(reader: Reader): number {
  let globals = 0
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === KIND_GLOBAL) {
      globals++
      reader.at += 2
    } else if (kind === 0) {
      reader.unsigned()
    } else {
      if (kind === 1) reader.byte()
      const limits = reader.byte()
      reader.unsigned()
      if ((limits & 1) !== 0) reader.unsigned()
    }
  }
  return globals
}

/** Their values, where they are plain numbers. */
function readGlobals(reader: Reader): number[] {
  const values: number[] = []
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.at += 2
    if (reader.byte() !== I32_CONST) throw invalidArgument('this WebAssembly module has a global that firmware has not')
    values.push(reader.signed())
    if (reader.byte() !== END) throw invalidArgument('this WebAssembly module has a global that firmware has not')
  }
  return values
}

function exportedGlobal(reader: Reader, wanted: string): number | undefined {
  for (let left = reader.unsigned(); left > 0; left--) {
    const name = reader.name()
    const kind = reader.byte()
    const index = reader.unsigned()
    if (kind === KIND_GLOBAL && name === wanted) return index
  }
  return undefined
}
