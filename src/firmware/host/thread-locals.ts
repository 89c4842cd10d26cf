/** Variables that C keeps for each thread (`_Thread_local`): a block of them for each but the first. */
import type { FirmwareThread } from './firmware-thread.ts'

/** Gives a thread its block, where the firmware has such variables. */
export function giveThreadLocals(thread: FirmwareThread): void {
  const { instance } = thread
  const bytes = instance.global('__tls_size') ?? 0
  if (bytes === 0 || !instance.has('__wasm_init_tls')) return
  const block = thread.soc.heap.alloc(bytes, { align: Math.max(64, instance.global('__tls_align') ?? 0) })
  instance.call('__wasm_init_tls', block.byteOffset)
}
