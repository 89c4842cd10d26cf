/**
 * Puts checks into a linked module: that every access is inside of the chip's memory, and that no stack grows past its end;
 * and counts what its loops do, so that code takes time.
 *
 * Most accesses go to SRAM. For those two instructions of arithmetic and a comparison stand before the access. All others
 * call a function that is appended to the module, which knows of PSRAM too. It ends in `port_check_failed`, which the
 * firmware has for that.
 *
 * With a watch every access is also compared with a window of addresses, that of the memory of copies in flight: `port_touched` is
 * told of those in it, before they happen.
 */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { checkFunctions } from './check-functions.ts'
import type { CheckNames, MemoryWindows } from './check-names.ts'
import { CheckedBody } from './checked-body.ts'
import { OPCODE, TYPE } from './instructions.ts'
import { OffsetMapWriter } from './offset-map.ts'
import {
  countImports,
  KIND,
  listOf,
  readExports,
  readParameterCounts,
  readSections,
  SECTION,
  writeSections,
  type Section,
} from './sections.ts'

/** Exported globals that are added: the host sets them in every instance. */
export const CHECK_GLOBALS = {
  /** Lowest address of the stack in use; 0 for no check. */
  stackLimit: 'stack_limit',
  /** Address behind the last of the PSRAM that is fitted; at first, where it begins. */
  psramEnd: 'psram_end',
  /** With a watch: the first address of the window, and its bytes; 0 for none. */
  watchStart: 'watch_start',
  watchBytes: 'watch_bytes',
  /** Cycles that code may yet run until it tells: whoever is told sets it anew. */
  workLeft: 'work_left',
} as const

/** As many as can be counted: static data is put in place before there is anybody to be told. */
const NOT_YET = 0x7fffffff

/** What the firmware has for us. */
const REPORTS = {
  access: 'port_check_failed',
  stack: 'port_stack_failed',
  touched: 'port_touched',
  stackPointer: '__stack_pointer',
} as const
/** What it may have: called when there are no cycles left. */
const WORKED = 'port_worked'

/**
 * Puts the checks in.
 *
 * @param wasm - A module as it is linked.
 * @param memory - The memory of its chip.
 * @param watched - Whether accesses are watched too.
 * @throws Error if the module has not what the checks need.
 */
export function addChecks(wasm: Uint8Array, memory: MemoryWindows, watched = false): Uint8Array {
  const sections = readSections(wasm)
  const section = (id: number): Section | undefined => sections.find((one) => one.id === id)
  const exports = readExports(section(SECTION.export))
  const imported = countImports(section(SECTION.import))
  const functions = listOf(section(SECTION.function))
  const globals = listOf(section(SECTION.global))
  const types = listOf(section(SECTION.type))
  const code = section(SECTION.code)
  if (code === undefined) throw new Error('the module has no code')

  const indexOf = (name: string): number => {
    const found = exports.get(name)
    if (found === undefined) throw new Error(`the module exports no ${name}`)
    return found.index
  }
  const worked = exports.get(WORKED)
  const firstFunction = imported.functions + functions.count
  const firstGlobal = imported.globals + globals.count
  const names: CheckNames = {
    stackPointer: indexOf(REPORTS.stackPointer),
    accessFailed: indexOf(REPORTS.access),
    stackFailed: indexOf(REPORTS.stack),
    stackLimit: firstGlobal,
    psramEnd: firstGlobal + 1,
    work: worked === undefined ? undefined : { left: firstGlobal + 2, told: worked.index },
    checkAccess: firstFunction,
    checkRange: firstFunction + 1,
    watch: watched
      ? {
          start: firstGlobal + 3,
          bytes: firstGlobal + 4,
          touched: indexOf(REPORTS.touched),
          tellAccess: firstFunction + 2,
          tellRange: firstFunction + 3,
        }
      : undefined,
  }

  const parameterCounts = readParameterCounts(section(SECTION.type))
  const map = new OffsetMapWriter()
  const typeReader = new ByteReader(functions.entries)
  const reader = new ByteReader(code.content)
  const count = reader.unsigned()
  const appended = checkFunctions(names, memory)
  const bodies = new ByteWriter().unsigned(count + appended.length)
  for (let i = 0; i < count; i++) {
    const parameters = parameterCounts[typeReader.unsigned()] ?? 0
    const body = reader.part(reader.unsigned())
    const checked = new CheckedBody(body, parameters, names, memory)
    bodies.unsigned(checked.bytes.length)
    for (const [newAt, oldAt] of checked.places) map.add(bodies.length + newAt, oldAt)
    bodies.raw(checked.bytes)
  }
  for (const body of appended) bodies.block(body)

  const mutableGlobal = (initial: number): number[] => [
    TYPE.i32,
    1,
    ...new ByteWriter().u8(OPCODE.i32Const).signed(initial).u8(OPCODE.end).bytes,
  ]
  const exportOf = (name: string, index: number): Uint8Array =>
    new ByteWriter().name(name).u8(KIND.global).unsigned(index).bytes
  const replaced = new Map<number, Uint8Array>([
    [SECTION.type, extended(types, [functionType(4), functionType(3)])],
    // For an access and for a range, in turn.
    [
      SECTION.function,
      extended(
        functions,
        appended.map((_, i) => leb(types.count + (i % 2))),
      ),
    ],
    [
      SECTION.global,
      extended(
        globals,
        [0, memory.psramStart, NOT_YET, ...(watched ? [0, 0] : [])].map((initial) => mutableGlobal(initial)),
      ),
    ],
    [
      SECTION.export,
      extended(listOf(section(SECTION.export)), [
        exportOf(CHECK_GLOBALS.stackLimit, names.stackLimit),
        exportOf(CHECK_GLOBALS.psramEnd, names.psramEnd),
        exportOf(CHECK_GLOBALS.workLeft, firstGlobal + 2),
        ...(names.watch === undefined
          ? []
          : [
              exportOf(CHECK_GLOBALS.watchStart, names.watch.start),
              exportOf(CHECK_GLOBALS.watchBytes, names.watch.bytes),
            ]),
      ]),
    ],
    [SECTION.code, bodies.bytes],
  ])
  const written = sections.map(({ id, name, content }) => ({ id, name, content: replaced.get(id) ?? content }))
  // What follows the code does not move it.
  const newCode = readSections(writeSections(written)).find(({ id }) => id === SECTION.code)?.start ?? 0
  return writeSections([...written, map.section(newCode, code.start)])
}

const leb = (value: number): Uint8Array => new ByteWriter().unsigned(value).bytes

/** So many numbers of 32 bits go in, nothing comes out. */
const functionType = (parameters: number): number[] => [
  0x60,
  parameters,
  ...Array.from({ length: parameters }, () => TYPE.i32),
  0,
]

function extended(
  list: { readonly count: number; readonly entries: Uint8Array },
  more: readonly ArrayLike<number>[],
): Uint8Array {
  const writer = new ByteWriter().unsigned(list.count + more.length).raw(list.entries)
  for (const entry of more) writer.raw(entry)
  return writer.bytes
}
