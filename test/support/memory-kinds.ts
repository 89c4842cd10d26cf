/** Every kind of memory that a copy can begin or end in, with bytes around it that no copy may touch. */
import type { Memory, Soc } from '../../src/index.ts'

/** Bytes before and after what a test copies. */
const GUARD = 32

/** A piece of memory under test. */
export class Piece {
  /** All bytes there are, the guards too. */
  readonly all: Uint8Array
  readonly #view: (all: Uint8Array, offset: number, length: number) => Memory

  constructor(all: Uint8Array, view: (all: Uint8Array, offset: number, length: number) => Memory) {
    this.all = all
    this.#view = view
  }

  /** A range in the kind of view that belongs to it. */
  range(offset: number, length: number): Memory {
    return this.#view(this.all, GUARD + offset, length)
  }

  /** The bytes of the same range. */
  bytes(offset: number, length: number): Uint8Array {
    return this.all.subarray(GUARD + offset, GUARD + offset + length)
  }

  /** Where the range lies in all of it. */
  at(offset: number): number {
    return GUARD + offset
  }
}

/** A kind of memory. */
export interface MemoryKind {
  readonly name: string
  /** Whether channels reach it without `soc.native`. */
  readonly isShared: boolean
  /** Whether its address may be given to C. */
  readonly isFixed: boolean
  /** Multiples of this only can be offsets. */
  readonly grain: number
  readonly make: (soc: Soc, length: number) => Piece
}

const bytesView = (all: Uint8Array, offset: number, length: number): Uint8Array => all.subarray(offset, offset + length)

const around = (length: number): number => Math.ceil((length + 2 * GUARD) / 8) * 8

export const MEMORY_KINDS: readonly MemoryKind[] = [
  {
    name: 'the Soc',
    isShared: true,
    isFixed: true,
    grain: 1,
    make: (soc, length) => new Piece(soc.heap.alloc(around(length)), bytesView),
  },
  {
    name: 'an address of the Soc',
    isShared: true,
    isFixed: true,
    grain: 1,
    make: (soc, length) =>
      new Piece(soc.heap.alloc(around(length)), (all, offset) => soc.addressOf(all.subarray(offset))),
  },
  {
    name: 'a SharedArrayBuffer',
    isShared: true,
    isFixed: true,
    grain: 1,
    make: (_soc, length) => new Piece(new Uint8Array(new SharedArrayBuffer(around(length))), bytesView),
  },
  {
    name: 'a shared WebAssembly.Memory',
    isShared: true,
    isFixed: true,
    grain: 1,
    make: (_soc, length) => {
      const pages = Math.ceil(around(length) / 65_536)
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
      return new Piece(new Uint8Array(buffer, 0, around(length)), bytesView)
    },
  },
  {
    name: 'a growable SharedArrayBuffer',
    isShared: true,
    isFixed: true,
    grain: 1,
    make: (_soc, length) => {
      const options = { maxByteLength: 2 * around(length) }
      const buffer = new (SharedArrayBuffer as new (length: number, options: object) => SharedArrayBuffer)(
        around(length),
        options,
      )
      return new Piece(new Uint8Array(buffer), bytesView)
    },
  },
  {
    name: 'an ArrayBuffer',
    isShared: false,
    isFixed: true,
    grain: 1,
    make: (_soc, length) => new Piece(new Uint8Array(around(length)), bytesView),
  },
  {
    name: 'a Buffer, of the pool if it is small',
    isShared: false,
    isFixed: true,
    grain: 1,
    make: (_soc, length) => {
      const all = around(length) < 4000 ? Buffer.from(Buffer.alloc(around(length))) : Buffer.alloc(around(length))
      return new Piece(all, bytesView)
    },
  },
  {
    name: 'a DataView',
    isShared: false,
    isFixed: true,
    grain: 1,
    make: (_soc, length) =>
      new Piece(new Uint8Array(new ArrayBuffer(around(length) + 3), 3), (all, offset, bytes) => {
        return new DataView(all.buffer, all.byteOffset + offset, bytes)
      }),
  },
  {
    name: 'a Float64Array',
    isShared: false,
    isFixed: true,
    grain: 8,
    make: (_soc, length) =>
      new Piece(new Uint8Array(around(length)), (all, offset) => new Float64Array(all.buffer, offset)),
  },
  {
    name: 'a resizable ArrayBuffer',
    isShared: false,
    isFixed: false,
    grain: 1,
    make: (_soc, length) => {
      const options = { maxByteLength: 2 * around(length) }
      const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(around(length), options)
      return new Piece(new Uint8Array(buffer), bytesView)
    },
  },
]
