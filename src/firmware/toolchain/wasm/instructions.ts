/**
 * The instructions of WebAssembly: what follows the opcode of each, and what it does to memory. Numbers are those of the
 * core specification with threads, SIMD, tail calls and exceptions.
 */
import type { ByteReader } from './byte-reader.ts'

/** Types of values. */
export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const

/** What follows an opcode. */
type Immediates =
  | 'none'
  /** Numbers in LEB128. */
  | 'leb'
  | 'leb leb'
  /** Alignment and offset of an access to memory. */
  | 'memory'
  /** The same, and the number of a lane. */
  | 'memory lane'
  | 'lane'
  | '4 bytes'
  | '8 bytes'
  | '16 bytes'
  /** A list of labels, and one more. */
  | 'labels'
  /** A list of types. */
  | 'types'
  /** The type of a block, and a list of handlers. */
  | 'handlers'

/** An access to memory. The address lies below the operands on the stack. */
export interface Access {
  /** Bytes from the address on. */
  readonly bytes: number
  /** Whether they are written. */
  readonly writes: boolean
  /** Types of the operands above the address, the lowest first. */
  readonly operands: readonly number[]
}

/** An instruction as it stands in the code. */
export interface Instruction {
  /** The opcode; for one with a prefix, the prefix times 65,536 and the number behind it. */
  readonly opcode: number
  /** Its first immediate, where that is one number: an index or a constant of 32 bits; the offset of an access. */
  readonly immediate: number
}

/** The number of an instruction with a prefix. */
export const prefixed = (prefix: number, number: number): number => prefix * 0x10000 + number

/** Opcodes that are looked for by name. */
export const OPCODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  try: 0x06,
  end: 0x0b,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LeU: 0x4d,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  memoryInit: 0xfc0008,
  memoryCopy: 0xfc000a,
  memoryFill: 0xfc000b,
} as const

const { i32, i64, f32, f64, v128 } = TYPE

const immediates = new Map<number, Immediates>()
const accesses = new Map<number, Access>()

function define(what: Immediates, ...opcodes: readonly (number | readonly [number, number])[]): void {
  for (const range of opcodes) {
    const [first, last] = typeof range === 'number' ? [range, range] : range
    for (let opcode = first; opcode <= last; opcode++) immediates.set(opcode, what)
  }
}

/** Instructions that follow each other in number. */
function access(first: number, writes: boolean, operands: readonly number[], ...bytes: readonly number[]): void {
  bytes.forEach((one, i) => {
    immediates.set(first + i, 'memory')
    accesses.set(first + i, { bytes: one, writes, operands })
  })
}

// Control, calls, exceptions: 5.4.1 of the core specification.
define('none', 0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b)
define('leb', 0x02, 0x03, 0x04, [0x06, 0x09], 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18)
define('leb leb', 0x11, 0x13)
define('labels', 0x0e)
define('types', 0x1c)
define('handlers', 0x1f)
// Variables, tables, references.
define('leb', [0x20, 0x26], 0xd0, 0xd2)
define('none', 0xd1)
// Constants and arithmetic.
define('leb', 0x41, 0x42)
define('4 bytes', 0x43)
define('8 bytes', 0x44)
define('none', [0x45, 0xc4])
// Size of memory.
define('leb', 0x3f, 0x40)

// Loads: i32, i64, f32, f64, then narrower ones.
access(0x28, false, [], 4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4)
// Stores.
access(0x36, true, [i32], 4)
access(0x37, true, [i64], 8)
access(0x38, true, [f32], 4)
access(0x39, true, [f64], 8)
access(0x3a, true, [i32], 1, 2)
access(0x3c, true, [i64], 1, 2, 4)

// 0xFC: conversions that saturate; memory and tables in bulk.
define('none', [prefixed(0xfc, 0), prefixed(0xfc, 7)])
define('leb leb', prefixed(0xfc, 8), prefixed(0xfc, 10), prefixed(0xfc, 12), prefixed(0xfc, 14))
define('leb', prefixed(0xfc, 9), prefixed(0xfc, 11), prefixed(0xfc, 13), [prefixed(0xfc, 15), prefixed(0xfc, 17)])

// 0xFD: SIMD, with the relaxed ones.
define('none', [prefixed(0xfd, 14), prefixed(0xfd, 0x113)])
access(prefixed(0xfd, 0), false, [], 16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8)
access(prefixed(0xfd, 11), true, [v128], 16)
define('16 bytes', prefixed(0xfd, 12), prefixed(0xfd, 13))
define('lane', [prefixed(0xfd, 21), prefixed(0xfd, 34)])
access(prefixed(0xfd, 84), false, [v128], 1, 2, 4, 8)
access(prefixed(0xfd, 88), true, [v128], 1, 2, 4, 8)
define('memory lane', [prefixed(0xfd, 84), prefixed(0xfd, 91)])
access(prefixed(0xfd, 92), false, [], 4, 8)

// 0xFE: atomics.
access(prefixed(0xfe, 0x00), false, [i32], 4)
access(prefixed(0xfe, 0x01), false, [i32, i64], 4)
access(prefixed(0xfe, 0x02), false, [i64, i64], 8)
define('lane', prefixed(0xfe, 0x03))
access(prefixed(0xfe, 0x10), false, [], 4, 8, 1, 2, 1, 2, 4)
access(prefixed(0xfe, 0x17), true, [i32], 4)
access(prefixed(0xfe, 0x18), true, [i64], 8)
access(prefixed(0xfe, 0x19), true, [i32], 1, 2)
access(prefixed(0xfe, 0x1b), true, [i64], 1, 2, 4)
// add, sub, and, or, xor, exchange; then compare and exchange, with two operands.
for (let group = 0; group < 7; group++) {
  const first = prefixed(0xfe, 0x1e + 7 * group)
  const of = (type: number): number[] => (group < 6 ? [type] : [type, type])
  access(first, true, of(i32), 4)
  access(first + 1, true, of(i64), 8)
  access(first + 2, true, of(i32), 1, 2)
  access(first + 4, true, of(i64), 1, 2, 4)
}

/** What an instruction does to memory; undefined if nothing, and for those in bulk. */
export const accessOf = (opcode: number): Access | undefined => accesses.get(opcode)

/** A bit in the alignment of an access: the number of a memory follows. */
const HAS_MEMORY_INDEX = 0x40

/**
 * Reads an instruction.
 *
 * @throws Error for an opcode that is in no table.
 */
export function readInstruction(reader: ByteReader): Instruction {
  const start = reader.at
  const first = reader.u8()
  const opcode = first >= 0xfc && first <= 0xfe ? prefixed(first, reader.unsigned()) : first
  const what = immediates.get(opcode)
  switch (what) {
    case 'none':
      return { opcode, immediate: 0 }
    case 'leb':
      if (opcode === OPCODE.i32Const) return { opcode, immediate: reader.signed() }
      return { opcode, immediate: readLeb(reader) }
    case 'leb leb': {
      const immediate = readLeb(reader)
      reader.skipLeb()
      return { opcode, immediate }
    }
    case 'memory':
    case 'memory lane': {
      if (reader.unsigned() & HAS_MEMORY_INDEX) reader.skipLeb()
      const immediate = reader.unsigned()
      if (what === 'memory lane') reader.u8()
      return { opcode, immediate }
    }
    case 'lane':
      return { opcode, immediate: reader.u8() }
    case '4 bytes':
      reader.take(4)
      return { opcode, immediate: 0 }
    case '8 bytes':
      reader.take(8)
      return { opcode, immediate: 0 }
    case '16 bytes':
      reader.take(16)
      return { opcode, immediate: 0 }
    case 'labels':
      for (let labels = reader.unsigned() + 1; labels > 0; labels--) reader.skipLeb()
      return { opcode, immediate: 0 }
    case 'types':
      reader.take(reader.unsigned())
      return { opcode, immediate: 0 }
    case 'handlers':
      skipHandlers(reader)
      return { opcode, immediate: 0 }
    case undefined:
      throw new Error(`unknown instruction 0x${opcode.toString(16)} at ${start}`)
  }
}

/** An index. Constants of 64 bits and types of blocks are passed over: nobody asks for them. */
function readLeb(reader: ByteReader): number {
  const start = reader.at
  reader.skipLeb()
  if (reader.at - start > 5) return 0
  const end = reader.at
  reader.at = start
  const value = reader.unsigned()
  reader.at = end
  return value
}

function skipHandlers(reader: ByteReader): void {
  reader.skipLeb()
  for (let handlers = reader.unsigned(); handlers > 0; handlers--) {
    const kind = reader.u8()
    // catch and catch_ref name a tag; all name a label.
    if (kind < 2) reader.skipLeb()
    reader.skipLeb()
  }
}
