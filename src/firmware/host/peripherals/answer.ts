/** Answers to C: an `esp_err_t`, and why, which idf_reason tells. */
import { ESP_ERROR_CODES, EspError } from '../../../errors.ts'
import type { HostThread, Kernel } from '../host-module.ts'

/** Why calls of a thread were refused. */
export interface Reasons {
  /** Why the last one was; empty if that is told already. */
  last: string
}

/**
 * Does what may throw an EspError, and answers with a code instead. Anything else that is thrown ends the firmware.
 *
 * @param reasons - Where the reason is kept.
 * @param run - What is done.
 * @returns `ESP_OK`, or the code of the error.
 */
export function answer(reasons: Reasons, run: () => void): number {
  try {
    run()
    return ESP_ERROR_CODES.ESP_OK
  } catch (error) {
    if (!(error instanceof EspError)) throw error
    reasons.last = error.message
    return error.code
  }
}

/** Reasons of the kernel, by the task that has called: it asks for them with its next call. */
export class KernelReasons {
  readonly #byTask = new Map<number, string>()
  readonly #kernel: Kernel

  /** @param kernel - Who calls is told by it. */
  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** As {@link answer}, for what takes time. */
  async answer(run: () => Promise<void>): Promise<number> {
    const { caller } = this.#kernel
    try {
      await run()
      return ESP_ERROR_CODES.ESP_OK
    } catch (error) {
      return this.#note(caller, error)
    }
  }

  /** As {@link answer}. */
  answerNow(run: () => void): number {
    try {
      run()
      return ESP_ERROR_CODES.ESP_OK
    } catch (error) {
      return this.#note(this.#kernel.caller, error)
    }
  }

  /** Writes the reason of the caller's last refusal, and forgets it. */
  tell(thread: HostThread, address: number, size: number): number {
    const { caller } = this.#kernel
    const reason = this.#byTask.get(caller) ?? ''
    this.#byTask.delete(caller)
    return writeText(thread, reason, address, size)
  }

  #note(caller: number, error: unknown): number {
    if (!(error instanceof EspError)) throw error
    this.#byTask.set(caller, error.message)
    return error.code
  }
}

/**
 * Writes text where C has room for it, cut to that, with its end.
 *
 * @returns The length of all of it.
 */
export function writeText(thread: HostThread, text: string, address: number, size: number): number {
  const bytes = new TextEncoder().encode(text)
  if (size > 0) {
    const cut = bytes.subarray(0, size - 1)
    thread.bytes.set(cut, address)
    thread.bytes[address + cut.length] = 0
  }
  return bytes.length
}

/** A word of C's memory. */
export function setWord(thread: HostThread, address: number, value: number): void {
  thread.words[address >>> 2] = value
}
