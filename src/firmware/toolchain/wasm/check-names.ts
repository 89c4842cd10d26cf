/** What checks speak of: the memory of a chip, and by number the globals and functions of a module that has checks. */

/** Addresses that are memory. */
export interface Window {
  /** First address. */
  readonly start: number
  /** Address behind the last. */
  readonly end: number
}

/** The memory of a chip. */
export interface MemoryWindows {
  /** Internal memory. */
  readonly sram: Window
  /** Where PSRAM begins, if there can be some; how much there is tells the global `psram_end`. */
  readonly psramStart: number
}

/** Numbers of what the checks use. */
export interface CheckNames {
  /** Global: the stack pointer. */
  readonly stackPointer: number
  /** Global: how low it may go. */
  readonly stackLimit: number
  /** Global: address behind the last of PSRAM. */
  readonly psramEnd: number
  /** Function: told of an access outside. */
  readonly accessFailed: number
  /** Function: told of a stack past its end. */
  readonly stackFailed: number
  /** Cycles that are left, and who is told when there are none; undefined if nobody is. */
  readonly work: { readonly left: number; readonly told: number } | undefined
  /** Appended: checks an access that is not to SRAM. */
  readonly checkAccess: number
  /** Appended: checks a range of any length. */
  readonly checkRange: number
  /** What a watch needs, if there is one. */
  readonly watch: WatchNames | undefined
}

/** Numbers of what a watch uses. */
export interface WatchNames {
  /** Global: first address of the window. */
  readonly start: number
  /** Global: bytes of it. */
  readonly bytes: number
  /** Function: told of what is touched. */
  readonly touched: number
  /** Appended: tells of an access. */
  readonly tellAccess: number
  /** Appended: tells of a range. */
  readonly tellRange: number
}
