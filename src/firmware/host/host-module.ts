/**
 * What firmware imports beside C: modules of host functions. A module has functions that run on the thread that calls them,
 * with what that thread has ({@link HostThread}), and functions that run on the kernel's thread, which opened the Soc and
 * installs, uninstalls and makes things ({@link Kernel}).
 */
import type { Soc } from '../../chip/soc.ts'
import type { AsyncMemcpy } from '../../driver/async-memcpy.ts'
import type { EngineKind } from '../../soc/soc-core.ts'

import type { CopyRecords } from './copy-records.ts'
import type { Informer } from './informer.ts'
import type { Awaited, Handler, TaskTrace } from './task-trace.ts'

/** What an imported function is: numbers of 32 bits, and bigints where C has 64. */
export type HostFunction = (...values: never[]) => number | bigint | undefined

/** The same, made: void functions return nothing. */
export type HostFunctions = Readonly<Record<string, HostFunction | ((...values: never[]) => void)>>

/** A function on the kernel's thread: an answer, at once or later. */
export type KernelFunction = (...values: number[]) => number | Promise<number>

/** How firmware ends against its will. */
export interface PanicCause {
  /** ESP-IDF's wording, as it is printed. */
  readonly reason: string
  /** Where in the C source, if that is known. */
  readonly file?: string | undefined
  /** The same: its line. */
  readonly line?: number | undefined
  /** The same: its function. */
  readonly function?: string | undefined
}

/** What a host function has of the thread that it runs on. */
export interface HostThread {
  /** Which thread: that of a task, one that carries out copies, or the kernel's. */
  readonly kind: 'task' | 'channel' | 'kernel'
  /** Which engine carries out the copies. */
  readonly engine: EngineKind
  /** The chip. Attached when it is first asked for. */
  readonly soc: Soc
  /** All of the chip's memory as words: `words[address >> 2]`. */
  readonly words: Int32Array
  /** All of the chip's memory as bytes. */
  readonly bytes: Uint8Array
  /** What copies' C callbacks are to be given. */
  readonly records: CopyRecords
  /** Who hears what C does to the memory of copies, if that is diagnosed. */
  readonly informer: Informer | undefined
  /** Whether an interrupt runs on it right now. */
  readonly inInterrupt: boolean
  /** Who hears what tasks do, if somebody records. */
  readonly trace: TaskTrace | undefined
  /** Whether it is in a critical section: what waits for interrupts would wait for ever. */
  readonly isCritical: boolean
  /** Microseconds since the start. */
  nowUs(): number
  /**
   * Calls a function of the kernel's part of a host module, and waits for the answer. Not from interrupts.
   *
   * @param name - Its name.
   * @param values - Up to ten numbers of 32 bits.
   */
  call(name: string, ...values: number[]): number
  /** Prints bytes. */
  write(bytes: Uint8Array): void
  /** `port_wait` and `port_wake` of port.h. `timeoutUs` below 0 is for ever. */
  wait(address: number, expected: number, timeoutUs: number, awaited?: Awaited): number
  /** See {@link HostThread.wait}. */
  wake(address: number, count: number): number
  /**
   * Simulated engine: the calling task works for a while before it goes on. Copies end and interrupts run meanwhile. In the
   * threads engine, and in interrupts, nothing happens.
   */
  spend(us: number): void
  /** Ends the firmware. */
  panic(cause: PanicCause): never
  /**
   * Refuses what would wait where an interrupt runs: ends the firmware as the chip would.
   *
   * @param call - Which function it was, such as `esp_async_memcpy_install`.
   */
  checkMayWait(call: string): void
}

/** What a function on the kernel's thread has. */
export interface Kernel {
  /** That thread. */
  readonly thread: HostThread
  /** The chip, opened here. */
  readonly soc: Soc
  /** The task that calls, by the address of its C control block. */
  readonly caller: number
  /** Its core, on which the interrupts come that it asks for; 0 if it has no affinity. */
  readonly callerCore: number
  /**
   * Calls a C function as an interrupt on the kernel's thread: `port_isr_call` of port.h. For what timers and pins set off.
   *
   * @param handler - The function, and what has interrupted.
   * @param values - Up to three arguments of it.
   * @returns What it returned.
   */
  interrupt(handler: Handler, ...values: readonly number[]): number
  /**
   * Loads into a driver what calls C functions when copies are done.
   *
   * @returns The number of that resident callback, for `microcode.submit`. Its argument is a record of {@link HostThread.records}.
   */
  loadDispatch(driver: AsyncMemcpy): Promise<number>
  /**
   * Something that may yet set something off by itself: while one of them says so, firmware whose tasks all wait is not idle.
   *
   * @param isBusy - Whether it may.
   */
  onIdle(isBusy: () => boolean): void
}

/** A module of host functions. */
export interface HostModule {
  /** The name that firmware imports it by. */
  readonly name: string
  /** What firmware imports. Called once on each thread. */
  readonly functions: (thread: HostThread) => HostFunctions
  /** What runs on the kernel's thread, by {@link HostThread.call}. Names are those of all modules together. */
  readonly calls?: (kernel: Kernel) => Readonly<Record<string, KernelFunction>>
}

/**
 * Defines a module of host functions, to be listed in peripherals/peripherals.ts.
 *
 * @example
 * ```ts
 * export const led = defineHostModule({
 *   name: 'idf',
 *   functions: (thread) => ({
 *     // uint32_t led_level(uint32_t pin): fast, on the calling thread
 *     led_level: (pin: number) => thread.soc.gpio(pin).level,
 *     // int32_t led_new(uint32_t pin): on the kernel's thread, while the task waits
 *     led_new: (pin: number) => thread.call('led_new', pin),
 *   }),
 *   calls: ({ soc }) => ({
 *     led_new: (pin) => { soc.gpio(pin).level = 0; return 0 },
 *   }),
 * })
 * ```
 */
export function defineHostModule(module: HostModule): HostModule {
  return module
}
