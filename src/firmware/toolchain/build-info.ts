/** What a module tells about itself, in a section of its own. */

const SECTION = 'async-memcpy'

/** Adds the section. */
export function buildInfoSection(wasm: Uint8Array, info: string): Uint8Array {
  const name = Buffer.from(SECTION)
  const content = Buffer.concat([unsigned(name.length), name, Buffer.from(info)])
  return Buffer.concat([wasm, Buffer.from([0]), unsigned(content.length), content])
}

/** LEB128. */
function unsigned(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}
