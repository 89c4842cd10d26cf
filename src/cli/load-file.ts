/** Reads a file straight into DMA memory. */
import { open, stat, type FileHandle } from 'node:fs/promises'

import type { Soc } from '../chip/soc.ts'

import { CommandError, EXIT_FAILURE, usageError } from './command-error.ts'
import type { Room } from './demo-chip.ts'
import { formatBytes } from './format.ts'

/** Read at a time: large enough that a read costs little beside its bytes, small enough for progress to be seen. */
const PIECE = 4 * 2 ** 20

/** A file in memory. */
export interface LoadedFile {
  /** Its bytes, in the Soc's memory. */
  readonly source: Uint8Array<SharedArrayBuffer>
  /** As many bytes beside it, for a copy. */
  readonly destination: Uint8Array<SharedArrayBuffer>
  /** How long reading took. */
  readonly readMs: number
  /** Whether that is all of it. */
  readonly isWhole: boolean
}

/** Hears about bytes read. */
export interface LoadProgress {
  /** Called once, when the size is known. */
  begin(size: number): void
  /** Called after each piece. */
  advance(bytes: number): void
}

/**
 * Allocates room for a file and a copy of it, and reads the file there. In a room that is limited it reads as much as fits, and
 * fills up with zeros what is less than its alignment.
 *
 * @param soc - Whose memory.
 * @param path - The file.
 * @param progress - Hears about it.
 * @param room - Where. Default: anywhere in the memory.
 * @throws CommandError for a file that is missing, empty, too large or no file, or that cannot be read.
 */
export async function loadFile(soc: Soc, path: string, progress: LoadProgress, room?: Room): Promise<LoadedFile> {
  const whole = await sizeOf(path)
  if (room === undefined) checkFits(path, whole, soc)
  const size = Math.min(whole, room?.most ?? whole)
  const align = room?.align ?? 1
  const alloc = (): Uint8Array<SharedArrayBuffer> =>
    soc.heap.alloc(Math.ceil(size / align) * align, room === undefined ? {} : { memory: room.memory, align })
  const [source, destination] = [alloc(), alloc()]
  if (room !== undefined) source.fill(0)
  const file = await attempt(path, () => open(path))
  try {
    progress.begin(size)
    const start = performance.now()
    for (let at = 0; at < size;) {
      at += await readPiece(file, path, source.subarray(0, size), at)
      progress.advance(at)
    }
    return { source, destination, readMs: performance.now() - start, isWhole: size === whole }
  } finally {
    await file.close()
  }
}

/** Looks at a file before it is opened: opening a pipe would wait for its writer. */
async function sizeOf(path: string): Promise<number> {
  const found = await attempt(path, () => stat(path))
  if (found.isDirectory()) throw usageError(`${path} is a directory: give the path of a file in it`)
  if (!found.isFile()) throw usageError(`${path} is not a regular file: give the path of one`)
  if (found.size === 0) throw usageError(`${path} is empty: give a file with something to copy in it`)
  return found.size
}

function checkFits(path: string, size: number, soc: Soc): void {
  const { capacity, used } = soc.heap.stats()
  const largest = Math.floor((capacity - used) / 2)
  if (size > largest) {
    throw usageError(
      `${path} has ${formatBytes(size)}, and with its copy it must fit into ${formatBytes(capacity)} of addresses: ` +
        `give a file of ${formatBytes(largest)} or less`,
    )
  }
}

async function readPiece(file: FileHandle, path: string, into: Uint8Array, at: number): Promise<number> {
  const length = Math.min(PIECE, into.length - at)
  const { bytesRead } = await attempt(path, () => file.read(into, at, length, at))
  if (bytesRead === 0) {
    throw new CommandError(
      `${path} ended after ${at} of its ${into.length} bytes: it was cut while it was read; try again when nobody writes it`,
      EXIT_FAILURE,
    )
  }
  return bytesRead
}

async function attempt<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw usageError(`there is no file ${path}: give the path of a file, or none to copy the Node.js binary`)
    }
    const advice = code === 'EACCES' || code === 'EPERM' ? 'allow it, or give another file' : 'give another file'
    throw new CommandError(`${path} cannot be read (${code ?? String(cause)}): ${advice}`, EXIT_FAILURE, { cause })
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
