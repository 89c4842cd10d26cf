/** From places in a module to functions, files and lines in C. */
import { readLines, type LineRow, type LineSequence } from './debug/line-table.ts'
import { ByteReader } from './wasm/byte-reader.ts'
import { OffsetMap } from './wasm/offset-map.ts'
import { readSections, SECTION, type Section } from './wasm/sections.ts'

/** A call that was going on. */
export interface SourceFrame {
  /** The C function. */
  readonly function: string
  /** Its source, as it was named to the compiler; undefined without debug information. */
  readonly file?: string
  /** The line in it. */
  readonly line?: number
}

/**
 * How V8 writes a frame: `wasm://wasm/out.wasm-00106556:wasm-function[12]:0x3af`, with the place from the beginning of the module.
 * In front of it stands a name for the module, with its own name where it has one.
 */
const FRAME = /(?:wasm:\/\/wasm\/([^\s:]*):)?wasm-function\[(\d+)\]:(0x[\da-f]+)/g

/** Parts of the name section: the module's own name, and names of functions. */
const MODULE_NAME = 0
const FUNCTION_NAMES = 1

/** What the checks call is none of the user's. */
const HIDDEN = new Set(['port_check_failed', 'port_stack_failed', 'port_touched', 'port_worked', 'port_tell_worked'])

/** What is known of a module. */
interface DebugInfo {
  readonly moduleName: string
  readonly names: ReadonlyMap<number, string>
  readonly lines: readonly LineSequence[]
  readonly offsets: OffsetMap
}

const known = new WeakMap<Uint8Array, DebugInfo>()

/**
 * Finds out which C functions were running.
 *
 * @param wasm - The module, as it was compiled.
 * @param stack - The stack of an error, as V8 writes it. The innermost frame of WebAssembly is one of the module.
 * @returns The functions, innermost first. What the checks have put in is left out.
 */
export function symbolise(wasm: Uint8Array, stack: string): readonly SourceFrame[] {
  let info = known.get(wasm)
  if (info === undefined) known.set(wasm, (info = readDebugInfo(wasm)))
  const { moduleName, names, lines, offsets } = info
  const frames: SourceFrame[] = []
  for (const [, module, index = '', place = ''] of stack.matchAll(FRAME)) {
    // An interrupt has the microcode below it, which has functions of the same numbers.
    if (module !== undefined && moduleName !== '' && !module.startsWith(`${moduleName}-`)) continue
    const name = names.get(Number(index))
    if (name === undefined || HIDDEN.has(name)) continue
    const row = rowAt(lines, offsets.codeOffset(Number(place)))
    frames.push(row === undefined ? { function: name } : { function: name, file: row.file, line: row.line })
  }
  return frames
}

function readDebugInfo(wasm: Uint8Array): DebugInfo {
  const sections = readSections(wasm)
  const contentOf = (name: string): Uint8Array =>
    sections.find((one) => one.id === SECTION.custom && one.name === name)?.content ?? new Uint8Array(0)
  return {
    ...namesIn(sections.find(({ id, name }) => id === SECTION.custom && name === 'name')),
    lines: readLines(contentOf('.debug_line'), {
      strings: contentOf('.debug_str'),
      lineStrings: contentOf('.debug_line_str'),
    }),
    offsets: new OffsetMap(wasm),
  }
}

function namesIn(section: Section | undefined): Pick<DebugInfo, 'moduleName' | 'names'> {
  const names = new Map<number, string>()
  let moduleName = ''
  if (section === undefined) return { moduleName, names }
  const reader = new ByteReader(section.content)
  while (reader.more) {
    const id = reader.u8()
    const part = reader.part(reader.unsigned())
    if (id === MODULE_NAME) moduleName = part.name()
    if (id !== FUNCTION_NAMES) continue
    for (let count = part.unsigned(); count > 0; count--) names.set(part.unsigned(), part.name())
  }
  return { moduleName, names }
}

/** The row that a place belongs to: the last one that begins at it or before, in the same function. */
function rowAt(sequences: readonly LineSequence[], at: number): LineRow | undefined {
  const sequence = lastAtOrBefore(sequences, at, ({ start }) => start)
  if (sequence === undefined || at >= sequence.end) return undefined
  const row = lastAtOrBefore(sequence.rows, at, (one) => one.at)
  // Code that stands for no line belongs to the one before it.
  return row?.line === 0 ? sequence.rows.filter((one) => one.at <= at && one.line > 0).at(-1) : row
}

function lastAtOrBefore<T>(sorted: readonly T[], at: number, placeOf: (one: T) => number): T | undefined {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const one = sorted[middle]
    if (one !== undefined && placeOf(one) <= at) low = middle + 1
    else high = middle
  }
  return sorted[low - 1]
}
