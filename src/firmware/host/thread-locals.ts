/**
 * Variables that C keeps for each thread (`_Thread_local`). As ESP-IDF has it they lie at the top of a task's stack: they begin anew with
 * each task, and where they are does not depend on which thread it runs on.
 * https://docs.espressif.com/projects/esp-idf/en/stable/esp32/api-guides/thread-local-storage.html
 */
import type { FirmwareThread } from './firmware-thread.ts'

/**
 * Has C run on a stack from now on, with its thread's variables on top of it.
 *
 * @param thread - Which thread.
 * @param low - Lowest address of the stack.
 * @param bytes - Bytes of it.
 */
export function setStack(thread: FirmwareThread, low: number, bytes: number): void {
  const { instance } = thread
  const size = instance.has('__wasm_init_tls') ? (instance.global('__tls_size') ?? 0) : 0
  if (size === 0) {
    instance.setStack(low, bytes)
    return
  }
  const align = Math.max(1, instance.global('__tls_align') ?? 1)
  const locals = Math.floor((low + bytes - size) / align) * align
  if (locals <= low) {
    thread.panic({ reason: `a stack of ${bytes} bytes has no room for ${size} bytes of _Thread_local variables` })
  }
  instance.setStack(low, locals - low)
  instance.call('__wasm_init_tls', locals)
}
