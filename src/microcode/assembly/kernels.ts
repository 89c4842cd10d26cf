/**
 * The kernels that copy. Which one is fastest depends on the processor, on the length and on whether source and
 * destination agree modulo 16: see choice.ts. All but KERNEL_WHOLE need ranges that do not overlap.
 */
import {
  KERNEL_LARGE_PIECE, KERNEL_LARGE_PIECES, KERNEL_SIMD, KERNEL_SMALL_PIECE, KERNEL_SMALL_PIECES,
} from '../layout'

function inPieces(destination: usize, source: usize, length: usize, piece: usize): void {
  while (length > piece) {
    memory.copy(destination, source, piece)
    destination += piece
    source += piece
    length -= piece
  }
  memory.copy(destination, source, length)
}

function simd(destination: usize, source: usize, length: usize): void {
  const end = destination + (length & ~127)
  while (destination < end) {
    const a = v128.load(source)
    const b = v128.load(source, 16)
    const c = v128.load(source, 32)
    const d = v128.load(source, 48)
    const e = v128.load(source, 64)
    const f = v128.load(source, 80)
    const g = v128.load(source, 96)
    const h = v128.load(source, 112)
    v128.store(destination, a)
    v128.store(destination, b, 16)
    v128.store(destination, c, 32)
    v128.store(destination, d, 48)
    v128.store(destination, e, 64)
    v128.store(destination, f, 80)
    v128.store(destination, g, 96)
    v128.store(destination, h, 112)
    destination += 128
    source += 128
  }
  memory.copy(destination, source, length & 127)
}

export function runKernel(kernel: u32, destination: usize, source: usize, length: usize): void {
  if (kernel == KERNEL_SMALL_PIECES) inPieces(destination, source, length, KERNEL_SMALL_PIECE)
  else if (kernel == KERNEL_SIMD) simd(destination, source, length)
  else if (kernel == KERNEL_LARGE_PIECES) inPieces(destination, source, length, KERNEL_LARGE_PIECE)
  else memory.copy(destination, source, length)
}

/** Up to 64 bytes without a call: everything is loaded before anything is stored, so overlap does no harm. */
// @ts-ignore: decorator
@inline
export function copyTiny(destination: usize, source: usize, length: usize): void {
  if (length >= 16) {
    const a = v128.load(source)
    const d = v128.load(source + length - 16)
    if (length > 32) {
      const b = v128.load(source, 16)
      const c = v128.load(source + length - 32)
      v128.store(destination, b, 16)
      v128.store(destination + length - 32, c)
    }
    v128.store(destination, a)
    v128.store(destination + length - 16, d)
    return
  }
  memory.copy(destination, source, length)
}
