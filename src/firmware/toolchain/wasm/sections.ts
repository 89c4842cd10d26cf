/** A WebAssembly module as its sections. */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

/** Numbers of the sections that are looked at. */
export const SECTION = { custom: 0, type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const

/** Kinds of what is imported and exported. */
export const KIND = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const

/** What a module begins with: its name and its version. */
const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

/** A section. */
export interface Section {
  /** Its number. */
  readonly id: number
  /** What it is called, if it is a custom one. */
  readonly name: string
  /** Where its content begins in the module; behind the name of a custom one. */
  readonly start: number
  /** Its content. */
  readonly content: Uint8Array
}

/** Takes a module apart. */
export function readSections(wasm: Uint8Array): readonly Section[] {
  const reader = new ByteReader(wasm, PREAMBLE.length)
  const sections: Section[] = []
  while (reader.more) {
    const id = reader.u8()
    const part = reader.part(reader.unsigned())
    const name = id === SECTION.custom ? part.name() : ''
    sections.push({ id, name, start: part.at, content: wasm.subarray(part.at, part.end) })
  }
  return sections
}

/** Puts a module together. */
export function writeSections(sections: readonly Pick<Section, 'id' | 'name' | 'content'>[]): Uint8Array {
  const writer = new ByteWriter().raw(PREAMBLE)
  for (const { id, name, content } of sections) {
    const whole = id === SECTION.custom ? new ByteWriter().name(name).raw(content).bytes : content
    writer.u8(id).block(whole)
  }
  return writer.bytes
}

/** A section's content that is a list: how many entries, and the bytes of them. */
export function listOf(section: Section | undefined): { readonly count: number; readonly entries: Uint8Array } {
  if (section === undefined) return { count: 0, entries: new Uint8Array(0) }
  const reader = new ByteReader(section.content)
  const count = reader.unsigned()
  return { count, entries: section.content.subarray(reader.at) }
}

/** How many functions and globals are imported. They come first in their numberings. */
export function countImports(section: Section | undefined): { readonly functions: number; readonly globals: number } {
  let functions = 0
  let globals = 0
  const { count, entries } = listOf(section)
  const reader = new ByteReader(entries)
  for (let i = 0; i < count; i++) {
    reader.name()
    reader.name()
    switch (reader.u8()) {
      case KIND.function:
        functions++
        reader.unsigned()
        break
      case KIND.table:
        reader.u8()
        skipLimits(reader)
        break
      case KIND.memory:
        skipLimits(reader)
        break
      case KIND.global:
        globals++
        reader.take(2)
        break
      case KIND.tag:
        reader.u8()
        reader.unsigned()
        break
    }
  }
  return { functions, globals }
}

function skipLimits(reader: ByteReader): void {
  const hasMaximum = reader.u8() & 1
  reader.skipLeb()
  if (hasMaximum === 1) reader.skipLeb()
}

/** What is exported, by name. */
export function readExports(
  section: Section | undefined,
): ReadonlyMap<string, { readonly kind: number; readonly index: number }> {
  const { count, entries } = listOf(section)
  const reader = new ByteReader(entries)
  return new Map(Array.from({ length: count }, () => [reader.name(), { kind: reader.u8(), index: reader.unsigned() }]))
}

/** How many parameters each type has. */
export function readParameterCounts(section: Section | undefined): readonly number[] {
  const { count, entries } = listOf(section)
  const reader = new ByteReader(entries)
  return Array.from({ length: count }, () => {
    reader.u8()
    const parameters = reader.unsigned()
    reader.take(parameters)
    reader.take(reader.unsigned())
    return parameters
  })
}
