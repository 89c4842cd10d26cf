/** The memory of the whole process, as C has it. */

/** What reaches it: koffi, or the runtime's own interface to C. */
export interface NativeMemory {
  /** Through what. */
  readonly name: 'koffi' | 'Deno' | 'Bun'
  /** Address of a view's first byte. */
  readonly addressOf: (view: Uint8Array) => number
  /** `memmove` of the C library. */
  readonly memmove: (destination: number, source: number, length: number) => void
}

/** The module `async-memcpy/native`. */
export interface NativeModule {
  /** Finds the way to the process's memory. */
  readonly openNative: () => Promise<NativeMemory>
}

/** Pieces of a long copy: long enough for the C library to write past the caches, short enough to end the thread soon. */
const PIECE = 2 ** 28

/** Moves a range in pieces, between which the thread can be ended. */
export function moveNatively(native: NativeMemory, destination: number, source: number, length: number): void {
  const backwards = destination > source && destination - source < length
  for (let moved = 0; moved < length; moved += PIECE) {
    const part = Math.min(PIECE, length - moved)
    const offset = backwards ? length - moved - part : moved
    native.memmove(destination + offset, source + offset, part)
  }
}
