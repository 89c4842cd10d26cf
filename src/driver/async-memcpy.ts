/** The driver: `esp_async_memcpy` and its family. */
import { Soc } from '../chip/soc.ts'
import { lookAfterChannels } from '../engine/engines.ts'
import type { HostParts, ResidentHost } from '../engine/residence.ts'
import { checkOptions, invalidArgument, invalidState, showWithType } from '../errors.ts'
import type { EtmEvent } from '../etm/event.ts'
import type { PreparedCopy } from '../etm/task.ts'
import { SUBMIT_WOKE } from '../microcode/layout.ts'
import { TRACE_CALLBACK_BEGIN, TRACE_CALLBACK_END } from '../microcode/trace-layout.ts'
import { platform } from '../platform/current.ts'
import { checkMayAwait, inIsrContext } from '../rtos/interrupt-context.ts'
import type { View } from '../soc/address-space.ts'
import { note } from '../soc/note.ts'
import { attachParts } from '../soc/soc-core.ts'

import { Attachment } from './attachment.ts'
import { copyBlocking } from './blocking-copy.ts'
import { readConfig } from './config-words.ts'
import {
  AsyncMemcpyFlags,
  completeConfig,
  defaultConfig,
  type AsyncMemcpyConfig,
  type CompleteConfig,
} from './config.ts'
import { newCopyEvent, type CopyEtmEvent } from './copy-done-event.ts'
import type { CopyEvent } from './copy-event.ts'
import type { Bytes } from './copy-group.ts'
import { defaultSoc } from './default-soc.ts'
import { DriverPort, type InterruptRequest } from './driver-port.ts'
import { rulesOf } from './driver-rules.ts'
import { readStats, type DriverStats } from './driver-stats.ts'
import { ForeignCopy, type End } from './foreign-copy.ts'
import { clone, concat, type GatherOptions, type SharedView } from './gather.ts'
import type { Listener } from './inbox.ts'
import { Installation } from './installation.ts'
import { prepareCopy, type PrepareOptions } from './prepared-copy.ts'
import { PromisedCopy, type CopyRange } from './promised-copy.ts'
import { checkLength, commonLength, RangeCheck, type Memory } from './ranges.ts'
import { refusal } from './refusals.ts'
import { residency } from './residency.ts'
import {
  callbackNumber,
  checkArgument,
  type AnyIsrModule,
  type LoadIsrOptions,
  type ResidentCallback,
  type ResidentCallbacks,
} from './resident-callback.ts'
import { IsrHost } from './resident-host.ts'
import { copyFrom, readableFrom, type BytesSource, type CopyFromOptions, type ReadableFromOptions } from './streams.ts'
import type { Tenure, UninstallOptions } from './tenure.ts'

/**
 * Called when a copy is done, on the thread that submitted it, in the order of submission: `async_memcpy_isr_cb_t`.
 *
 * @param driver - The driver.
 * @param event - The outcome.
 * @param args - What was given to `memcpy`.
 * @returns `true` if it woke somebody: the event loop gets a turn before the next callback.
 */
export type CopyCallback<Args = undefined> = (driver: AsyncMemcpy, event: CopyEvent, args: Args) => unknown

/** Nobody wants to hear of it. */
const ignore = (): boolean => false

/** The simulated engine counts with 32 bits. */
const LONGEST_SIMULATED = 0xffffffff

/** Options of {@link AsyncMemcpy.copy}. */
export interface CopyOptions {
  /** Bytes. Default: the length of the views, which must be the same. */
  readonly length?: number
  /**
   * Calls the copy off. One that has not started is withdrawn, and its destination is untouched; one that runs is finished
   * and rejects then.
   */
  readonly signal?: AbortSignal
  /** A resident callback, called before the promise settles. Not if the copy is withdrawn. */
  readonly isr?: ResidentCallback
  /** What it is given: 32 bits. Default 0. */
  readonly argument?: number
}

/**
 * A driver: a backlog of copies and the DMA channels that carry them out, `async_memcpy_handle_t`.
 *
 * Copies complete in the order in which they were accepted. Source and destination may overlap, as with `memmove`. When a
 * callback is called or a promise resolves, every byte is written and visible to every thread. Until then the source
 * must not be written, and the destination neither read nor written.
 *
 * @example
 * ```ts
 * await using driver = await AsyncMemcpy.install({ backlog: 16 })
 * const src = driver.soc.heap.alloc(2 ** 20), dst = driver.soc.heap.alloc(2 ** 20)
 * await driver.copy(dst, src)
 * ```
 */
export class AsyncMemcpy {
  /** `ASYNC_MEMCPY_DEFAULT_CONFIG`: backlog 8, no alignment, burst 16. */
  static readonly defaultConfig: CompleteConfig = defaultConfig

  /** The Soc whose memory it copies. */
  readonly soc: Soc
  /** Its handle: the address of its control block. Other threads attach to it by this number. */
  readonly handle: number
  /** The configuration, with the defaults filled in. */
  readonly config: CompleteConfig
  /**
   * Where resident callbacks run: their numbers.
   *
   * @internal
   */
  residentNumbers: ReadonlyMap<unknown, number> | undefined

  readonly #port: DriverPort
  readonly #ranges: RangeCheck
  readonly #tenure: Tenure

  private constructor(port: DriverPort, config: CompleteConfig, tenure: Tenure) {
    this.soc = port.soc
    this.handle = port.driver
    this.config = config
    this.#port = port
    this.#tenure = tenure
    this.#ranges = new RangeCheck(port.soc, rulesOf(port.soc, config))
  }

  /**
   * Installs a driver, `esp_async_memcpy_install`.
   *
   * @param config - What differs from {@link AsyncMemcpy.defaultConfig}.
   * @param soc - On what. Default: the host, opened on first use.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad configuration, `ESP_ERR_NOT_SUPPORTED` for what the target does not have;
   * `ESP_ERR_NO_MEM` when the control area is full; `ESP_ERR_NOT_FOUND` when its backend has no free channel; `ESP_FAIL` when
   * a channel's thread cannot be started; `ESP_ERR_INVALID_STATE` on a closed Soc, or, thrown at once, in a resident
   * callback. Nothing stays behind then.
   */
  static install(config: AsyncMemcpyConfig = {}, soc?: Soc): Promise<AsyncMemcpy> {
    checkMayAwait('install', 'install drivers beforehand')
    if (soc !== undefined) return AsyncMemcpy.installAt(config, soc, 0)
    return defaultSoc().then((host) => AsyncMemcpy.installAt(config, host, 0))
  }

  /**
   * Installs a driver whose first copy has a given sequence, to test where numbers wrap.
   *
   * @internal
   */
  static async installAt(config: AsyncMemcpyConfig, soc: Soc, firstSequence: number): Promise<AsyncMemcpy> {
    const given = completeConfig(config)
    const complete = { ...given, backend: rulesOf(soc, given).backend.name }
    const installation = await Installation.begin(complete, soc, firstSequence)
    return new AsyncMemcpy(installation.port, complete, installation)
  }

  /**
   * Attaches to a driver that is installed: the same ring, a part of its own. Callbacks and promises come back on the thread
   * that submitted. For the threads that have the driver's Soc; also for a second part on one that has a first already.
   *
   * The thread that installed a driver is the one that uninstalls it. Others then get `ESP_ERR_INVALID_STATE` from every
   * call; its memory stays until each of them has let go, by {@link AsyncMemcpy.detach} or by ending. A thread that is
   * terminated from outside keeps its part until the Soc is gone: its callbacks are lost, its copies are completed, and
   * their slots serve others.
   *
   * In the simulated engine the opener's thread moves the clock. `copySync` on another one waits, in real time, for that to
   * happen.
   *
   * @param soc - What `Soc.attach` returned, or the Soc that this thread opened.
   * @param handle - The driver's {@link AsyncMemcpy.handle}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if that is not, or no longer, the handle of a driver of this Soc;
   * `ESP_ERR_INVALID_STATE` if the driver is being uninstalled or the Soc is closed; `ESP_ERR_NO_MEM` when the control area
   * is full; `ESP_FAIL` if the driver's channel is gone for good.
   *
   * @example
   * ```ts
   * const soc = Soc.attach(workerData.port)
   * await using driver = AsyncMemcpy.attach(soc, workerData.handle)
   * ```
   */
  static attach(soc: Soc, handle: number): AsyncMemcpy {
    const attachment = Attachment.begin(soc, handle)
    return new AsyncMemcpy(attachment.port, readConfig(soc, handle), attachment)
  }

  /**
   * The host of a driver's resident callbacks in its channel's thread, over that thread's own memory and microcode.
   *
   * @internal
   */
  static createHost({ driver, client, port, microcode, report }: HostParts): ResidentHost {
    const soc = new Soc({ ...attachParts(port), microcode })
    return new IsrHost(new AsyncMemcpy(new DriverPort(soc, driver, client), readConfig(soc, driver), residency), report)
  }

  /**
   * Loads a module of resident callbacks into the channel's thread (see {@link IsrCallback} for how they are written).
   * Copies wait while it is loaded. The same module is loaded once, whoever asks for it again.
   *
   * @param url - Of the module, as the runtime can import it: `new URL('./isr.js', import.meta.url)`.
   * @param options - Who is told of errors.
   * @returns The functions that it exports, as handles by name. Pass them to {@link AsyncMemcpy.memcpy} or
   * {@link AsyncMemcpy.copy}, here or on other threads.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a relative URL; `ESP_ERR_NOT_FOUND` if there is no such module or it exports
   * no function; `ESP_FAIL` if it cannot be parsed, or throws; `ESP_ERR_NO_MEM` beyond 4095 callbacks;
   * `ESP_ERR_INVALID_STATE` if the driver is uninstalled, also meanwhile; `ESP_ERR_NOT_SUPPORTED` on a thread that has not
   * installed the driver: load there, and post the handles. Nothing has changed then.
   *
   * @example
   * ```ts
   * const { count } = await driver.loadIsr<typeof import('./isr.js')>(new URL('./isr.js', import.meta.url))
   * driver.memcpy(dst, src, length, count, address)
   * ```
   */
  loadIsr<Module = AnyIsrModule>(url: URL | string, options: LoadIsrOptions = {}): Promise<ResidentCallbacks<Module>> {
    checkMayAwait('loadIsr', 'load modules beforehand')
    // The caller says what the module exports; a name that is not there is undefined, which memcpy refuses.
    return this.#tenure.loadIsr(this, url, options) as Promise<ResidentCallbacks<Module>>
  }

  /**
   * Sends a copy, `esp_async_memcpy`. Returns at once.
   *
   * @param dst - Where to: an address of the Soc, or any view or buffer; see {@link CopyEvent.path} for how it is reached.
   * @param src - Where from.
   * @param length - Bytes.
   * @param callback - Called when the copy is done. Not needed. A function, or a resident callback of
   * {@link AsyncMemcpy.loadIsr}. In a resident callback it can only be a resident one: its handle, or the function itself.
   * @param args - Passed to the callback: to a function anything, to a resident callback 32 bits.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad ranges, for a function where the driver takes resident callbacks only, for
   * a resident callback of another driver; `ESP_ERR_INVALID_STATE` when the backlog is full or the driver uninstalled.
   * Nothing has been copied then, and nothing will be.
   *
   * @example
   * ```ts
   * driver.memcpy(dst, src, src.length, (driver, event, frame) => { show(frame) }, frame)
   * ```
   */
  memcpy(dst: Memory, src: Memory, length: number, callback?: CopyCallback): void
  /** The same, with something to pass to the callback. */
  memcpy<Args>(dst: Memory, src: Memory, length: number, callback: CopyCallback<Args>, args: Args): void
  /** The same with a resident callback, which is given 32 bits. */
  memcpy(dst: Memory, src: Memory, length: number, callback: ResidentCallback, argument?: number): void
  /** What all of the above do. */
  memcpy<Args>(
    dst: Memory,
    src: Memory,
    length: number,
    callback?: CopyCallback<Args> | ResidentCallback,
    args?: Args | number,
  ): void {
    this.#tenure.checkUsable()
    checkLength(length)
    const to = this.#ranges.resolve('dst', dst, length)
    const from = this.#ranges.resolve('src', src, length)
    const foreign = typeof to === 'number' && typeof from === 'number' ? undefined : this.#foreign(to, from, length)
    const destination = typeof to === 'number' ? to : 0
    const source = typeof from === 'number' ? from : 0
    if (foreign !== undefined && typeof callback !== 'function') {
      const interrupt = this.#interruptOf(callback, args)
      const entry = this.#port.request(destination, source, length, ignore, interrupt, foreign)
      if (typeof entry === 'number') throw refusal(this.#port, entry)
      return
    }
    if (typeof callback !== 'function' || inIsrContext()) {
      const result = this.#port.post(destination, source, length, this.#interruptOf(callback, args))
      if (result > SUBMIT_WOKE) throw refusal(this.#port, result)
      return
    }
    if ((this.config.flags & AsyncMemcpyFlags.residentCallbacksOnly) !== 0) {
      throw invalidArgument(
        'callback is a function: this driver was installed with residentCallbacksOnly; pass a resident callback of loadIsr',
      )
    }
    const { client } = this.#port
    const listener: Listener = (event) => {
      // Only copies with a signal are ever withdrawn, so there is an event.
      if (event === undefined) return false
      let woke = false
      note(this.soc, TRACE_CALLBACK_BEGIN, this.handle, client, 0, event.sequence)
      try {
        const call = (): unknown => callback(this, event, args as Args)
        const { watch } = this.soc
        woke = (watch === undefined ? call() : watch.call(this.handle, event, call)) === true
      } catch (error) {
        platform.reportError(error)
      }
      note(this.soc, TRACE_CALLBACK_END, this.handle, client, Number(woke), event.sequence)
      return woke
    }
    const entry = this.#port.request(destination, source, length, platform.bindOnce(listener), undefined, foreign)
    if (typeof entry === 'number') throw refusal(this.#port, entry)
  }

  /**
   * Copies, and tells when it is done. Waits for a free slot if the backlog is full, in the order of the calls.
   *
   * @param dst - Where to: an address of the Soc, or any view or buffer.
   * @param src - Where from.
   * @param options - Length, and a signal to call it off.
   * @returns The outcome, when the last byte is written.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad ranges, `ESP_ERR_INVALID_STATE` for an uninstalled driver, `ESP_FAIL` if
   * the channel's thread died; `ESP_ERR_INVALID_STATE` if a buffer was detached or became too short meanwhile; the signal's
   * reason if it was called off. In a resident callback `ESP_ERR_INVALID_STATE`,
   * thrown at once.
   */
  copy(dst: Memory, src: Memory, options: CopyOptions = {}): Promise<CopyEvent> {
    checkMayAwait('copy', 'use memcpy')
    return new Promise((resolve, reject) => {
      this.#tenure.checkUsable()
      checkOptions('copy', options)
      const { signal } = options
      if (signal !== undefined && !(signal instanceof AbortSignal)) {
        throw invalidArgument(`signal is ${showWithType(signal)}: pass the signal of an AbortController`)
      }
      const length = options.length ?? commonLength(dst, src)
      checkLength(length)
      const range = this.#rangeOf(dst, src, length)
      const interrupt = this.#interruptOf(options.isr, options.argument)
      new PromisedCopy(this.#port, range, { signal, interrupt }, { resolve, reject }).start()
    })
  }

  /**
   * Copies and blocks the thread meanwhile, `esp_memcpy_blocking`. What only this thread can reach it copies itself, when all
   * that was accepted before is done.
   *
   * @param dst - Where to: an address of the Soc, or any view or buffer.
   * @param src - Where from.
   * @param length - Bytes.
   * @param timeoutMs - Longest time to wait. Default: for ever.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad ranges or a bad timeout; `ESP_ERR_INVALID_STATE` where blocking is not
   * allowed (a browser's main thread, a callback) or the driver is uninstalled; `ESP_ERR_TIMEOUT` when the time is up: if
   * the copy had not started it is withdrawn, if it had, the error comes when it is complete; `ESP_FAIL` if the channel's
   * thread died.
   */
  copySync(dst: Memory, src: Memory, length: number, timeoutMs: number = Infinity): CopyEvent {
    this.#tenure.checkUsable()
    checkLength(length)
    return copyBlocking(this.#port, this.#rangeOf(dst, src, length), timeoutMs, () => {
      lookAfterChannels(this.soc)
    })
  }

  /**
   * Joins bytes from wherever they are into a new block of the heap, as `Buffer.concat` does without the thread being held.
   *
   * @param list - Views and buffers, which stay as they are until it is done.
   * @param options - Of the block, and a signal.
   * @returns The block, which `heap.free` takes. Of no bytes at all an empty view, which is no block.
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no bytes; `ESP_ERR_NO_MEM` when the heap has no room; as
   * {@link AsyncMemcpy.copy}. The block is given back then.
   *
   * @example
   * ```ts
   * const body = await driver.concat(chunks)
   * ```
   */
  concat(list: Iterable<Bytes>, options: GatherOptions = {}): Promise<Uint8Array<SharedArrayBuffer>> {
    checkMayAwait('concat', 'use memcpy')
    return concat(this, list, options)
  }

  /**
   * Copies a view into a new block of the heap.
   *
   * @param view - A typed array, DataView or Buffer, anywhere.
   * @param options - Of the block, and a signal.
   * @returns The same kind of view of the block, which `heap.free` takes.
   * @throws EspError as {@link AsyncMemcpy.concat}.
   */
  clone<Kind extends View>(view: Kind, options: GatherOptions = {}): Promise<SharedView<Kind>> {
    checkMayAwait('clone', 'use memcpy')
    return clone(this, view, options)
  }

  /**
   * Reads a stream into heap memory.
   *
   * @param source - A web or Node.js stream of bytes, or an iterable.
   * @param options - Where to, if not into a new block; a signal.
   * @returns What was filled: a part of `into`, or of a new block. `heap.free` takes the latter as it is.
   * @throws EspError `ESP_ERR_INVALID_ARG` for what is no stream, or a chunk that is no bytes (set no encoding);
   * `ESP_ERR_INVALID_SIZE` if there is more than `into` holds; `ESP_ERR_NO_MEM`; as {@link AsyncMemcpy.copy}; whatever the
   * stream fails with. The stream is cancelled and a new block given back then.
   *
   * @example
   * ```ts
   * const response = await fetch(url)
   * const pixels = await driver.copyFrom(response.body)
   * ```
   */
  copyFrom(source: BytesSource, options: CopyFromOptions = {}): Promise<Uint8Array<SharedArrayBuffer>> {
    checkMayAwait('copyFrom', 'use memcpy')
    return copyFrom(this, source, options)
  }

  /**
   * A web stream of what a view holds, in chunks of plain memory that anything takes: `Readable.fromWeb` of Node.js, a
   * `Response`, a `Blob`. The view stays as it is until the stream has ended.
   *
   * @param view - Any view.
   * @param options - The size of chunks.
   * @throws EspError `ESP_ERR_INVALID_ARG`. Reading fails as {@link AsyncMemcpy.copy}.
   */
  readableFrom(view: View, options: ReadableFromOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readableFrom(this, view, options)
  }

  /**
   * A new ETM event of this driver, `esp_async_memcpy_new_etm_event`: it happens once for each copy that is carried out,
   * whoever listens for that copy, before its completion is told. After the driver is uninstalled it never happens again.
   *
   * @param type - `copy-done`.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` for another type, or on a chip without an event-task matrix;
   * `ESP_ERR_INVALID_STATE` if the driver is uninstalled; `ESP_ERR_NO_MEM`.
   */
  newEtmEvent(type: CopyEtmEvent): EtmEvent {
    this.#tenure.checkUsable()
    return newCopyEvent(this.soc, this.handle, type)
  }

  /**
   * Prepares a copy for ETM events to start: a task. It can be started any number of times, also by its own end. When the
   * backlog is full or the driver uninstalled, the start is refused and counted. Only a resident callback can hear of its end.
   *
   * @param dst - Where to: an address or a view of the Soc's memory.
   * @param src - Where from. Both stay allocated as long as the copy may be started.
   * @param length - Bytes.
   * @param options - A resident callback, and what it is given.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad ranges or a bad callback; `ESP_ERR_INVALID_STATE` if the driver is
   * uninstalled; `ESP_ERR_NO_MEM`.
   */
  prepare(dst: Memory, src: Memory, length: number, options: PrepareOptions = {}): PreparedCopy {
    this.#tenure.checkUsable()
    checkOptions('prepare', options)
    checkLength(length)
    const destination = this.#ranges.resolveOwn('a prepared copy', 'dst', dst, length)
    const source = this.#ranges.resolveOwn('a prepared copy', 'src', src, length)
    const interrupt = this.#interruptOf(options.isr, options.argument)
    return prepareCopy(this.soc, this.handle, { destination, source, length, interrupt })
  }

  /**
   * What it has done so far, for all threads.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` when it is uninstalled, or detached here.
   */
  get stats(): DriverStats {
    this.#tenure.checkThere()
    this.soc.watch?.asked(this.handle)
    return readStats(this.#port)
  }

  /**
   * Uninstalls the driver, `esp_async_memcpy_uninstall`, on the thread that installed it. Callbacks of its completed copies
   * are called before it resolves.
   *
   * @param options - Whether to wait for copies in flight, of all threads.
   * @throws EspError `ESP_ERR_INVALID_STATE` while copies are in flight or wait for a slot (unless draining), and when it is
   * uninstalled already; in a resident callback, thrown at once. The driver goes on as before then.
   * `ESP_ERR_NOT_SUPPORTED` where it was attached.
   */
  uninstall(options: UninstallOptions = {}): Promise<void> {
    checkMayAwait('uninstall', 'uninstall where it was installed')
    return this.#tenure.uninstall(options)
  }

  /**
   * Lets go of a driver that was attached here: accepts no more copies, waits for this thread's own and their callbacks, then
   * gives this thread's part back. The driver goes on for others.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is detached already; `ESP_ERR_NOT_SUPPORTED` where it was installed. In a
   * resident callback `ESP_ERR_INVALID_STATE`, thrown at once.
   */
  detach(): Promise<void> {
    checkMayAwait('detach', 'detach beforehand, or afterwards')
    return this.#tenure.detach()
  }

  /**
   * At the end of an `await using` block: drains, then uninstalls; or detaches, where it was attached. If that has begun,
   * waits for its end.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tenure.dispose()
  }

  #rangeOf(dst: Memory, src: Memory, length: number): CopyRange {
    const to = this.#ranges.resolve('dst', dst, length)
    const from = this.#ranges.resolve('src', src, length)
    if (typeof to === 'number' && typeof from === 'number') {
      return { destination: to, source: from, length, foreign: undefined }
    }
    return { destination: 0, source: 0, length, foreign: this.#foreign(to, from, length) }
  }

  /** A copy that is not within the Soc's memory. */
  #foreign(destination: End, source: End, length: number): ForeignCopy {
    if (inIsrContext()) {
      throw invalidArgument('a resident callback copies within the memory of its Soc only: use soc.heap.alloc(…)')
    }
    if (this.soc.virtualClock !== undefined && length > LONGEST_SIMULATED) {
      throw invalidArgument(`length ${length}: the simulated engine copies at most ${LONGEST_SIMULATED} bytes at once`)
    }
    return new ForeignCopy(this.soc, destination, source, length)
  }

  /** What a submission says of a resident callback, if there is one. */
  #interruptOf(callback: unknown, argument: unknown): InterruptRequest | undefined {
    if (callback === undefined) {
      if (argument === undefined) return undefined
      throw invalidArgument('an argument without a callback: the callback is undefined; does its module export it?')
    }
    return { callback: this.#numberOf(callback), argument: checkArgument(argument) }
  }

  /** The number of a resident callback, which among themselves they may also give by the function. */
  #numberOf(callback: unknown): number {
    if (typeof callback !== 'function') return callbackNumber(this.soc.space, this.handle, callback)
    if (!inIsrContext()) {
      throw invalidArgument('isr is a function: load its module with loadIsr, and pass the handle that it returns')
    }
    const number = this.residentNumbers?.get(callback)
    if (number !== undefined) return number
    throw invalidState(
      'memcpy with a function from a resident callback: nobody would call it; pass one that loadIsr has loaded here',
    )
  }
}
