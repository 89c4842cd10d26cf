/** What the threads of firmware are given, and what they tell. */
import type { SocOptions } from '../../chip/soc.ts'
import type { SocPort } from '../../soc/soc-core.ts'

import type { InterruptStacks } from './interrupt-stacks.ts'

/** What the kernel's thread is given. */
export interface KernelThreadData {
  /** The firmware. */
  readonly module: WebAssembly.Module
  /** The board. */
  readonly board: SharedArrayBuffer
  /** The target's name. */
  readonly target: string
  /** How it is opened. */
  readonly options: SocOptions
  /** Bytes of static data, and of what is set aside behind it. */
  readonly staticBytes: number
  /** Stacks for interrupts of channels' threads. */
  readonly stacks: InterruptStacks
  /** Whether errors of use are diagnosed. */
  readonly diagnosed: boolean
  /** Records of a trace; 0 for none. */
  readonly traceRecords: number
  /** Simulated engine: microseconds of virtual time after which it ends; Infinity for never. */
  readonly timeoutUs: number
}

/** What a task's thread, and one that carries out copies, are given. */
export interface FirmwareThreadData {
  /** The firmware. */
  readonly module: WebAssembly.Module
  /** The board. */
  readonly board: SharedArrayBuffer
  /** The chip. */
  readonly port: SocPort
  /** Stacks for interrupts of channels' threads. */
  readonly stacks: InterruptStacks
  /** When it started, in milliseconds of the platform's clock. */
  readonly startMs: number
  /** Whether the chip is diagnosed. */
  readonly diagnosed: boolean
  /** Whether what tasks do is recorded. */
  readonly traced: boolean
  /** Numbers of the kernel's functions. */
  readonly callNumbers: readonly string[]
}

/** The same for a task's thread. */
export interface TaskThreadData extends FirmwareThreadData {
  /** Its number. */
  readonly id: number
}

/** The kernel's message to the supervisor: the chip is open. */
export interface Opened {
  /** To read its trace. */
  readonly port: SocPort
}

/** A task's thread tells where in the program it is. */
export interface Whereabouts {
  /** Its number. */
  readonly id: number
  /** The engine's stack trace. */
  readonly stack: string
}

/** Under this key threads that carry out copies find a {@link FirmwareThreadData}, among what threads are started with. */
export const FIRMWARE_DATA = 'async-memcpy firmware'

/** Under this key the module of resident callbacks finds, on the kernel's own thread, what to call. */
export const KERNEL_DISPATCH: unique symbol = Symbol.for('async-memcpy.firmware-dispatch')
