/** What a Soc is made of, whatever hangs on it: one address space, its heaps, its microcode, its clock. */
import { EspError, invalidArgument, invalidState, show } from '../errors.ts'
import { CONTROL_END, SOC_BLOCK, SOC_DEBUG } from '../microcode/layout.ts'
import { instantiateMicrocode, type Interrupt, type Microcode, type MicrocodeImports } from '../microcode/microcode.ts'
import { platform } from '../platform/current.ts'
import { findTarget } from '../targets/catalog.ts'
import { memoryOf, type Fitting } from '../targets/fitting.ts'
import type { Target } from '../targets/target.ts'

import { AddressSpace, type View } from './address-space.ts'
import type { CopyWatch } from './copy-watch.ts'
import { ForeignMemory } from './foreign-memory.ts'
import { ControlHeap, Heap } from './heap.ts'
import { isReservedHere } from './memory-size.ts'
import { ObjectPool } from './object-pool.ts'
import { checkDuration, type VirtualClock } from './virtual-clock.ts'

/** Which engine carries out copies: threads in real time, or a simulation in virtual time. */
export type EngineKind = 'threads' | 'simulated'

/** How long copies take: as long as they take here (`none`), or as long as on the chip. */
export type CopyTiming = 'none' | 'chip'

/**
 * What another thread needs to attach to a Soc, by `Soc.attach`. It can be posted, and passed as `workerData`; it stays
 * valid while any thread has it.
 */
export interface SocPort {
  /** The shared memory. */
  readonly memory: WebAssembly.Memory
  /** The compiled microcode. */
  readonly module: WebAssembly.Module
  /** The target's name. */
  readonly target: string
  /** As it is fitted out. */
  readonly fitting: Fitting
  /** Which engine carries out the copies. */
  readonly engine: EngineKind
  /** How long they take. */
  readonly timing: CopyTiming
}

/**
 * What {@link SocCore} is put together from.
 *
 * @internal
 */
export interface SocParts {
  /** The memory. */
  readonly space: AddressSpace
  /** What it stands for. */
  readonly target: Target
  /** As it is fitted out. */
  readonly fitting: Fitting
  /** Which engine carries out its copies. */
  readonly engine: EngineKind
  /** How long they take. */
  readonly timing: CopyTiming
  /** Virtual time: on the thread that opened a simulated Soc. */
  readonly clock: VirtualClock | undefined
  /** Whether this thread has opened it. */
  readonly isOpener: boolean
  /** Whether it was opened for firmware, whose calls take the processor's time. */
  readonly callsTakeTime?: boolean
  /** The compiled microcode. */
  readonly module: WebAssembly.Module
  /** The instance of this thread, where one runs already: a channel's. */
  readonly microcode?: Microcode
}

/** The core of a Soc: its memory and its time. Peripherals join in `chip/soc.ts`. */
export class SocCore {
  /** What it is. */
  readonly target: Target
  /** As it is fitted out: PSRAM, cache line, flash encryption. */
  readonly fitting: Fitting
  /** Its heap of DMA-capable memory. */
  readonly heap: Heap
  /** Which engine carries out its copies. */
  readonly engine: EngineKind
  /** Whether its copies take as long as on the chip. */
  readonly timing: CopyTiming
  /**
   * Its memory.
   *
   * @internal
   */
  readonly space: AddressSpace
  /**
   * Memory for control blocks.
   *
   * @internal
   */
  readonly control: ControlHeap
  /**
   * Small objects that threads share by handle: semaphores, timers, events, tasks.
   *
   * @internal
   */
  readonly objects: ObjectPool
  /**
   * This thread's microcode.
   *
   * @internal
   */
  readonly microcode: Microcode
  /**
   * Other memory that copies reach.
   *
   * @internal
   */
  readonly foreign: ForeignMemory
  /**
   * Its virtual clock, in the simulated engine.
   *
   * @internal
   */
  readonly virtualClock: VirtualClock | undefined
  /**
   * Whether this thread has opened it.
   *
   * @internal
   */
  readonly isOpener: boolean
  /**
   * Whether who submits spends the time of the set-up itself, as firmware does: then it is not in that of the copy.
   *
   * @internal
   */
  readonly callsTakeTime: boolean

  readonly #module: WebAssembly.Module
  readonly #closers: (() => Promise<void>)[] = []
  readonly #whenShared: (() => void)[] = []
  #shared = false
  #closed = false

  /**
   * Resident callbacks of the simulated engine run on this thread, through this.
   *
   * @internal
   */
  interrupt: Interrupt | undefined

  /**
   * Who watches its copies, if somebody does: on the thread that opened a simulated Soc.
   *
   * @internal
   */
  watch: CopyWatch | undefined

  /**
   * Puts a Soc together.
   *
   * @internal
   */
  constructor(parts: SocParts) {
    this.space = parts.space
    this.target = parts.target
    this.fitting = parts.fitting
    this.engine = parts.engine
    this.timing = parts.timing
    this.virtualClock = parts.clock
    this.isOpener = parts.isOpener
    this.callsTakeTime = parts.callsTakeTime === true
    this.#module = parts.module
    const imports: MicrocodeImports = {
      now: () => this.now(),
      interrupt: (...what) => (this.interrupt === undefined ? 0 : this.interrupt(...what)),
      foreign: (...what) => this.foreign.move(...what),
    }
    this.foreign = new ForeignMemory(parts.space, () => this.microcode, parts.isOpener)
    this.microcode = parts.microcode ?? instantiateMicrocode(parts.space.memory, imports, parts.module)
    this.heap = new Heap(parts.space, this.microcode, memoryOf(parts.target, parts.fitting))
    this.control = new ControlHeap(parts.space, this.microcode)
    this.objects = new ObjectPool(this.control, this.microcode)
    parts.clock?.onMove((nowNs) => {
      this.microcode.setTime(nowNs / 1e6)
    })
  }

  /** What another thread needs to attach: post it, or pass it as `workerData`. */
  get port(): SocPort {
    if (!this.#shared) {
      this.#shared = true
      for (const listen of this.#whenShared) listen()
    }
    const { target, fitting, engine, timing, space } = this
    return { memory: space.memory, module: this.#module, target: target.name, fitting, engine, timing }
  }

  /**
   * Whether other threads can share its memory. Not in a page that is not cross-origin isolated: to become so, it must be
   * served with the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
   */
  get isolated(): boolean {
    return platform.canShare()
  }

  /** Whether copies are checked against live heap blocks. */
  get debug(): boolean {
    return Atomics.load(this.space.words, (SOC_BLOCK + SOC_DEBUG) >> 2) === 1
  }

  /**
   * The bytes at an address.
   *
   * @param address - Where they start.
   * @param length - How many.
   * @throws EspError `ESP_ERR_INVALID_ARG` outside the memory.
   */
  view(address: number, length: number): Uint8Array<SharedArrayBuffer> {
    return this.space.view(address, length)
  }

  /**
   * The address of a view's first byte.
   *
   * @param view - Any view of this Soc's memory.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a view of another buffer.
   */
  addressOf(view: View): number {
    return this.space.addressOf(view)
  }

  /**
   * The Soc's time in milliseconds: one clock for all threads, or virtual time in the simulated engine. There, other threads
   * than the opener's read the time at which that has arrived.
   */
  now(): number {
    if (this.virtualClock !== undefined) return this.virtualClock.nowNs / 1e6
    return this.engine === 'simulated' ? this.microcode.time() : platform.now()
  }

  /**
   * Simulated engine: moves the virtual clock, and lets happen on the way what is due.
   *
   * @param durationUs - Microseconds. With 0, what is due now happens.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` in the threads engine and on other threads than the opener's,
   * `ESP_ERR_INVALID_ARG` for a bad duration, `ESP_ERR_INVALID_STATE` from a callback.
   */
  advance(durationUs: number): void {
    this.#clock('advance').advance(durationUs)
  }

  /**
   * Simulated engine: lets everything happen that is to happen.
   *
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` in the threads engine and on other threads than the opener's,
   * `ESP_ERR_INVALID_STATE` from a callback, `ESP_ERR_TIMEOUT` if it never ends.
   */
  runUntilIdle(): void {
    this.#clock('runUntilIdle').runUntilIdle()
  }

  /**
   * Simulated engine: the processor is busy for so long, `esp_rom_delay_us`. Outside of callbacks that moves the clock, as
   * {@link Soc.advance} does. In a callback time stands still; what it spends there counts as the callback's own, of which
   * only diagnostics take note.
   *
   * @param durationUs - Microseconds.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` in the threads engine and on other threads than the opener's,
   * `ESP_ERR_INVALID_ARG` for a bad duration.
   */
  busy(durationUs: number): void {
    const clock = this.#clock('busy')
    if (!clock.running) {
      clock.advance(durationUs)
      return
    }
    checkDuration('busy for', durationUs)
    this.watch?.spent(durationUs * 1000)
  }

  /** Whether {@link Soc.close} has begun. */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * Ends the channels' threads. Drivers must have been uninstalled.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while a driver is installed, or the second time.
   */
  async close(): Promise<void> {
    if (this.#closed) throw invalidState('this Soc is closed already')
    this.#closed = true
    const alive = platform.keepAlive()
    alive.hold()
    try {
      for (const close of this.#closers) await close()
    } catch (error) {
      // Drivers are installed: it goes on as before.
      this.#closed = false
      throw error
    } finally {
      alive.close()
    }
  }

  /** Closes the Soc at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await this.close()
  }

  /**
   * Whether other threads may have attached: its port was handed out.
   *
   * @internal
   */
  get isShared(): boolean {
    return this.#shared
  }

  /**
   * Simulated engine: whether the clock that its copies wait for is moved by this thread, but not through this object, which
   * is a second access to a Soc that was opened here.
   *
   * @internal
   */
  get waitsForThisThread(): boolean {
    return this.engine === 'simulated' && this.virtualClock === undefined && isReservedHere(this.space.memory)
  }

  /**
   * What is to be done when the port is handed out for the first time.
   *
   * @internal
   */
  whenShared(listen: () => void): void {
    this.#whenShared.push(listen)
  }

  /**
   * What is to be done on closing. A closer that throws keeps the Soc open.
   *
   * @internal
   */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close)
  }

  #clock(what: string): VirtualClock {
    if (this.virtualClock !== undefined) return this.virtualClock
    if (this.engine === 'simulated') {
      throw new EspError('ESP_ERR_NOT_SUPPORTED', `${what}: the thread that opened this Soc moves its clock, no other`)
    }
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `${what}: this Soc runs in real time; open it with { engine: 'simulated' } for virtual time`,
    )
  }
}

/**
 * The parts of a Soc that another thread has opened.
 *
 * @throws EspError as documented at `Soc.attach`.
 */
export function attachParts(port: SocPort): SocParts {
  const given: unknown = port
  if (typeof given !== 'object' || given === null) {
    throw invalidArgument(`attach to ${show(given)}, which is not the port of a Soc`)
  }
  if (!(port.memory instanceof WebAssembly.Memory) || port.memory.buffer.byteLength < CONTROL_END) {
    throw invalidArgument('attach to something that is not the port of a Soc')
  }
  const space = new AddressSpace(port.memory)
  if (!space.isInitialised) throw invalidArgument('attach to a memory that carries no Soc')
  const { fitting, engine, timing, module } = port
  return { space, target: findTarget(port.target), fitting, engine, timing, clock: undefined, isOpener: false, module }
}
