/**
 * Which line of which file an instruction was compiled from: the section `.debug_line` of DWARF 4 and 5 (chapter 6.2 of
 * either), as clang writes it. A line program is a small machine that makes rows; of each row the place, file and line are
 * kept.
 */
import { ByteReader } from '../wasm/byte-reader.ts'

/** Sections that hold texts, for DWARF 5. */
export interface TextSections {
  /** `.debug_str`. */
  readonly strings: Uint8Array
  /** `.debug_line_str`. */
  readonly lineStrings: Uint8Array
}

/** A place in the code and where it comes from. */
export interface LineRow {
  /** Bytes from the beginning of the code section. */
  readonly at: number
  /** The file as it was named to the compiler. */
  readonly file: string
  /** Its line; 0 for none. */
  readonly line: number
}

/** Rows of one function: from the first to the end, which belongs to nothing. */
export interface LineSequence {
  /** Where its code begins. */
  readonly start: number
  /** Where it ends. */
  readonly end: number
  /** Its rows, by place. */
  readonly rows: readonly LineRow[]
}

/** Standard opcodes (DWARF 4, figure 7.21). */
const OP = {
  extended: 0,
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const
/** Extended opcodes (figure 7.22). */
const EXTENDED = { endSequence: 1, setAddress: 2, defineFile: 3 } as const

/** Content types of DWARF 5 (table 7.27), and the forms they come in (7.5.6). */
const CONTENT_PATH = 1
const CONTENT_DIRECTORY = 2
const FORM = {
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  data16: 0x1e,
  lineStrp: 0x1f,
} as const

/** Where the linker puts code that it threw away. */
const DEAD = 0xffffffff

/** Reads all line programs. */
export function readLines(section: Uint8Array, texts: TextSections): readonly LineSequence[] {
  const sequences: LineSequence[] = []
  const reader = new ByteReader(section)
  while (reader.more) sequences.push(...readProgram(reader.part(reader.u32()), texts))
  return sequences.filter(({ start, end }) => start > 0 && start < end && end < DEAD).sort((a, b) => a.start - b.start)
}

interface Header {
  readonly minimumLength: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  readonly operandCounts: readonly number[]
  readonly fileOf: (index: number) => string
}

function readHeader(reader: ByteReader, texts: TextSections): Header {
  const version = reader.u16()
  if (version >= 5) reader.take(2)
  const length = reader.u32()
  const programAt = reader.at + length
  const minimumLength = reader.u8()
  if (version >= 4) reader.u8()
  reader.u8()
  const lineBase = (reader.u8() << 24) >> 24
  const lineRange = reader.u8()
  const opcodeBase = reader.u8()
  const operandCounts = [...reader.take(opcodeBase - 1)]
  const fileOf = version >= 5 ? filesOfVersion5(reader, texts) : filesOfVersion4(reader)
  reader.at = programAt
  return { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, fileOf }
}

/** Folder 0 is the one that was compiled in: names are relative to it. */
const pathOf = (folder: string | undefined, name: string): string =>
  folder === undefined || folder === '' || folder === '/' || name.startsWith('/') ? name : `${folder}/${name}`

function filesOfVersion4(reader: ByteReader): Header['fileOf'] {
  const folders = ['']
  for (let folder = reader.text(); folder !== ''; folder = reader.text()) folders.push(folder)
  const files = ['']
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    files.push(pathOf(folders[reader.unsigned()], name))
    // Time and size.
    reader.skipLeb()
    reader.skipLeb()
  }
  return (index) => files[index] ?? ''
}

function filesOfVersion5(reader: ByteReader, texts: TextSections): Header['fileOf'] {
  const table = (): { path: string; directory: number }[] => {
    const format = Array.from({ length: reader.u8() }, () => ({ content: reader.unsigned(), form: reader.unsigned() }))
    return Array.from({ length: reader.unsigned() }, () => {
      const entry = { path: '', directory: 0 }
      for (const { content, form } of format) {
        const value = readForm(reader, form, texts)
        if (content === CONTENT_PATH) entry.path = String(value)
        else if (content === CONTENT_DIRECTORY) entry.directory = Number(value)
      }
      return entry
    })
  }
  const folders = table()
  const files = table()
  return (index) => {
    const file = files[index]
    return file === undefined ? '' : pathOf(folders[file.directory]?.path, file.path)
  }
}

function readForm(reader: ByteReader, form: number, { strings, lineStrings }: TextSections): string | number {
  switch (form) {
    case FORM.string:
      return reader.text()
    case FORM.strp:
      return new ByteReader(strings, reader.u32()).text()
    case FORM.lineStrp:
      return new ByteReader(lineStrings, reader.u32()).text()
    case FORM.udata:
      return reader.unsigned()
    case FORM.data1:
      return reader.u8()
    case FORM.data2:
      return reader.u16()
    case FORM.data4:
      return reader.u32()
    case FORM.data8:
      reader.take(8)
      return 0
    case FORM.data16:
      reader.take(16)
      return 0
    case FORM.block:
      reader.take(reader.unsigned())
      return 0
    default:
      throw new Error(`unknown form ${form} in the debug information of lines`)
  }
}

function readProgram(reader: ByteReader, texts: TextSections): LineSequence[] {
  const { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, fileOf } = readHeader(reader, texts)
  const sequences: LineSequence[] = []
  let at = 0
  let file = 1
  let line = 1
  let rows: LineRow[] = []
  const row = (): void => {
    rows.push({ at, file: fileOf(file), line })
  }
  const advance = (opcode: number): void => {
    at += Math.floor((opcode - opcodeBase) / lineRange) * minimumLength
  }
  while (reader.more) {
    const opcode = reader.u8()
    if (opcode >= opcodeBase) {
      advance(opcode)
      line += lineBase + ((opcode - opcodeBase) % lineRange)
      row()
      continue
    }
    switch (opcode) {
      case OP.extended: {
        const part = reader.part(reader.unsigned())
        switch (part.u8()) {
          case EXTENDED.endSequence:
            sequences.push({ start: rows[0]?.at ?? at, end: at, rows })
            at = 0
            file = 1
            line = 1
            rows = []
            break
          case EXTENDED.setAddress:
            at = part.u32()
            break
        }
        break
      }
      case OP.copy:
        row()
        break
      case OP.advancePc:
        at += reader.unsigned() * minimumLength
        break
      case OP.advanceLine:
        line += reader.signed()
        break
      case OP.setFile:
        file = reader.unsigned()
        break
      case OP.constAddPc:
        advance(255)
        break
      case OP.fixedAdvancePc:
        at += reader.u16()
        break
      default:
        for (let operands = operandCounts[opcode - 1] ?? 0; operands > 0; operands--) reader.skipLeb()
    }
  }
  return sequences
}
