/** Slots for the small objects that threads share by handle. How they are kept apart and reused: objects.ts of the microcode. */
import { hex, invalidArgument } from '../errors.ts'
import { CONTROL_END, CONTROL_HEAP, GRANULE, HEAP_CONTENDED } from '../microcode/layout.ts'
import type { Microcode } from '../microcode/microcode.ts'
import { OBJECT_KIND, OBJECT_MAGIC, OBJECT_SIZE, OBJECTS_PER_CHUNK } from '../microcode/object-layout.ts'

import type { ControlHeap } from './heap.ts'

/** Makes, finds and deletes objects of the shared memory. */
export class ObjectPool {
  readonly #control: ControlHeap
  readonly #microcode: Microcode

  /**
   * @param control - Where slots come from.
   * @param microcode - This thread's instance.
   */
  constructor(control: ControlHeap, microcode: Microcode) {
    this.#control = control
    this.#microcode = microcode
  }

  /**
   * A new object.
   *
   * @param kind - KIND_… of the layout.
   * @param fill - Writes its body before anybody else can see it. If it throws, there is no new object.
   * @returns Its handle.
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  create(kind: number, fill: (slot: number) => void): number {
    let slot = this.#retry(() => this.#microcode.objectNew(kind))
    while (slot === 0) {
      this.#addChunk(kind)
      slot = this.#retry(() => this.#microcode.objectNew(kind))
    }
    try {
      fill(slot)
    } catch (error) {
      this.#retry(() => this.#microcode.objectAdd(slot, kind))
      throw error
    }
    this.#microcode.objectPublish(slot, kind)
    return slot
  }

  /** Whether a handle is that of a living object of a kind. */
  isAlive(handle: number, kind: number): boolean {
    return this.#control.word(handle + OBJECT_KIND) === OBJECT_MAGIC + kind
  }

  /**
   * Checks what somebody gives out as a handle.
   *
   * @param handle - The number.
   * @param kind - What it should be.
   * @param name - The same for people: `semaphore`.
   * @throws EspError `ESP_ERR_INVALID_ARG`.
   */
  check(handle: number, kind: number, name: string): void {
    const isSlot = Number.isInteger(handle) && handle >= CONTROL_HEAP && handle < CONTROL_END && handle % GRANULE === 0
    if (isSlot && this.isAlive(handle, kind)) return
    throw invalidArgument(`${hex(handle)} is not the handle of a ${name} of this Soc, or it is deleted`)
  }

  /**
   * Deletes an object. Its slot is reused for the same kind only.
   *
   * @returns Whether it was there.
   */
  delete(handle: number, kind: number): boolean {
    return this.#retry(() => this.#microcode.objectDelete(handle, kind)) === 1
  }

  #addChunk(kind: number): void {
    const chunk = this.#control.alloc(OBJECTS_PER_CHUNK * OBJECT_SIZE)
    // From the last to the first, so that they are handed out in the order of their addresses.
    for (let i = OBJECTS_PER_CHUNK - 1; i >= 0; i--) {
      this.#retry(() => this.#microcode.objectAdd(chunk + i * OBJECT_SIZE, kind))
    }
  }

  #retry(operation: () => number): number {
    for (;;) {
      const result = operation() >>> 0
      if (result !== HEAP_CONTENDED) return result
    }
  }
}
