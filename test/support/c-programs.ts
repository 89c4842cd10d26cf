/** Programs in C that call the functions of the headers, each on chips of more than one kind, in both engines. */

/** One of them. */
export interface CProgram {
  /** Its sources: a file or a folder, from `test/firmware/` on. */
  readonly sources: string
  /** The chips that it runs on. */
  readonly targets: readonly string[]
}

/** FreeRTOS and the small headers of ESP-IDF. */
export const RTOS: CProgram = { sources: 'rtos', targets: ['esp32s3', 'esp32p4'] }
/** What is left of the headers: macros, and what test apps share. */
export const HEADERS: CProgram = { sources: 'headers', targets: ['esp32s3', 'esp32c6'] }
/** The matrix, and pins. */
export const EVENTS: CProgram = {
  sources: 'peripherals/fixtures/events.c',
  targets: ['esp32c6', 'esp32p4', 'esp32s3'],
}
/** General purpose timers. */
export const TIMERS: CProgram = { sources: 'peripherals/fixtures/timers.c', targets: ['esp32c6', 'esp32s3'] }
/** Async memcpy. */
export const COPIES: CProgram = {
  sources: 'peripherals/fixtures/copies.c',
  targets: ['esp32s2', 'esp32s3', 'esp32c6', 'esp32p4'],
}
/** Ends of the firmware. */
export const ENDS: CProgram = { sources: 'host/fixtures/interrupt-ends.c', targets: ['esp32s3', 'esp32c6'] }
/** Assertions of Unity, whose program is made by unity/assertions.ts. */
export const ASSERTIONS: CProgram = { sources: '', targets: ['esp32c3', 'esp32s3'] }

/** All of them. */
export const C_PROGRAMS: readonly CProgram[] = [RTOS, HEADERS, EVENTS, TIMERS, COPIES, ENDS, ASSERTIONS]
