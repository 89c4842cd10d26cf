/**
 * The async memcpy driver, for idf_host.h. Drivers are installed and uninstalled on the kernel's thread; copies are submitted
 * on the thread that sends them, straight to the ring, with the dispatcher of C callbacks as resident callback.
 *
 * What C knows of a driver stands in four words that the host writes (`idf_memcpy_driver_t`). All threads submit through one
 * client block, as nobody waits for the records of one: ends are told by interrupts.
 */
import type { Soc } from '../../../chip/soc.ts'
import { AsyncMemcpy } from '../../../driver/async-memcpy.ts'
import { readConfig } from '../../../driver/config-words.ts'
import { AsyncMemcpyFlags, type AsyncMemcpyConfig } from '../../../driver/config.ts'
import { newCopyEvent } from '../../../driver/copy-done-event.ts'
import { rulesOf } from '../../../driver/driver-rules.ts'
import { RangeCheck } from '../../../driver/ranges.ts'
import { createClientBlock } from '../../../driver/ring-memory.ts'
import { Courses } from '../../../engine/courses.ts'
import { hex, invalidArgument, invalidState } from '../../../errors.ts'
import { CLIENT_SEQUENCE, DRIVER_COMPLETED, DRIVER_TAIL, SUBMIT_FULL, SUBMIT_WOKE } from '../../../microcode/layout.ts'
import { readSequence } from '../../../microcode/sequences.ts'
import type { BackendName } from '../../../targets/backend.ts'
import type { HostModule, HostThread, Kernel } from '../host-module.ts'

import { answer, setWord, type KernelReasons, type Reasons } from './answer.ts'

/** Words of `idf_memcpy_driver_t`. */
const DRIVER = 0
const CLIENT = 4
const DISPATCH = 8
const SERIAL = 12
const CORE = 16

/** So often it looks whether the channel has published what it has done. */
const LOOK_MS = 1

/** In the order of IDF_BACKEND_…, after the default. */
const BACKENDS: readonly BackendName[] = ['cp-dma', 'gdma-ahb', 'gdma-axi', 'gdma-lp-ahb']

/** Of the time of a call: the driver leaves its lock and returns, while the engine has begun. An estimate. */
const WAY_BACK = 0.1

/** A driver as a thread submits to it. */
interface Known {
  readonly serial: number
  readonly ranges: RangeCheck
  /** In virtual time: what calls take. */
  readonly courses: Courses | undefined
}

/** A driver as the kernel has it. */
interface Installed {
  readonly driver: AsyncMemcpy
  readonly client: number
}

/** The functions of a thread. */
export function memcpyFunctions(thread: HostThread, reasons: Reasons): ReturnType<HostModule['functions']> {
  const known = new Map<number, Known>()
  const driverAt = (at: number): Known => {
    const driver = word(thread, at + DRIVER)
    const serial = word(thread, at + SERIAL)
    const found = known.get(driver)
    if (found?.serial === serial) return found
    const { soc } = thread
    const rules = rulesOf(soc, readConfig(soc, driver))
    const courses = thread.engine === 'simulated' ? new Courses(rules, true) : undefined
    const made = { serial, ranges: new RangeCheck(soc, rules), courses }
    known.set(driver, made)
    return made
  }
  const submit = (at: number, dst: number, src: number, n: number, cb: number, handle: number, args: number): void => {
    const { ranges, courses } = driverAt(at)
    const destination = ranges.resolveOwn('esp_async_memcpy', 'dst', dst, n)
    const source = ranges.resolveOwn('esp_async_memcpy', 'src', src, n)
    // The engine starts when the processor has set it up. A call that is refused takes time too: programs may try until it is not.
    const callUs = (courses?.callNs({ dst: destination, src: source, length: n }) ?? 0) / 1000
    thread.spend(callUs * (1 - WAY_BACK))
    const record = cb === 0 ? 0 : thread.records.take(cb, args, handle, word(thread, at + CORE))
    if (cb !== 0 && record === 0) throw invalidState('65535 copies with callbacks are in flight')
    const driver = word(thread, at + DRIVER)
    const dispatch = cb === 0 ? 0 : word(thread, at + DISPATCH)
    const client = word(thread, at + CLIENT)
    const { microcode } = thread.soc
    let before = published(thread, driver)
    let result = microcode.submit(driver, client, destination, source, n, 0, dispatch, record)
    while (result === SUBMIT_FULL && !thread.inInterrupt && comesFree(thread, driver, before)) {
      before = published(thread, driver)
      result = microcode.submit(driver, client, destination, source, n, 0, dispatch, record)
    }
    if (result > SUBMIT_WOKE) {
      if (record !== 0) thread.records.release(record)
      throw invalidState(
        result === SUBMIT_FULL ? 'the backlog is full: as many copies are in flight as it allows' : 'it is uninstalled',
      )
    }
    // In real time other tasks submit through the same block meanwhile.
    const isKnown = thread.engine === 'simulated' && (thread.trace ?? thread.informer) !== undefined
    const sequence = isKnown ? submittedSequence(thread.soc, client) : 0
    if (isKnown) thread.informer?.submitted(driver, sequence)
    if (isKnown && !thread.inInterrupt) thread.trace?.submitted(driver, sequence)
    thread.spend(callUs * WAY_BACK)
  }
  return {
    memcpy_install: (config: number, driver: number) => thread.call('memcpy_install', config, driver),
    memcpy_uninstall: (driver: number) => thread.call('memcpy_uninstall', driver),
    memcpy_submit: (at: number, dst: number, src: number, n: number, cb: number, handle: number, args: number) =>
      answer(reasons, () => {
        submit(at >>> 0, dst >>> 0, src >>> 0, n >>> 0, cb >>> 0, handle >>> 0, args >>> 0)
      }),
    memcpy_event: (at: number, event: number) =>
      answer(reasons, () => {
        setWord(thread, event, newCopyEvent(thread.soc, word(thread, (at >>> 0) + DRIVER), 'copy-done').handle)
      }),
  }
}

/** The functions of the kernel. */
export function memcpyCalls(kernel: Kernel, reasons: KernelReasons): ReturnType<NonNullable<HostModule['calls']>> {
  const { soc, thread } = kernel
  const installed = new Map<number, Installed>()
  let serials = 0

  /** What C submits with. If there is no room for it, there is no driver either. */
  const prepared = async (driver: AsyncMemcpy): Promise<{ dispatch: number; client: number }> => {
    try {
      return { dispatch: await kernel.loadDispatch(driver), client: createClientBlock(soc, driver.handle) }
    } catch (error) {
      await driver.uninstall()
      throw error
    }
  }

  const install = async (config: number, out: number): Promise<void> => {
    const driver = await AsyncMemcpy.install(configAt(thread, config), soc)
    const { dispatch, client } = await prepared(driver)
    installed.set(++serials, { driver, client })
    setWord(thread, out + DRIVER, driver.handle)
    setWord(thread, out + CLIENT, client)
    setWord(thread, out + DISPATCH, dispatch)
    setWord(thread, out + SERIAL, serials)
  }

  const uninstall = async (at: number): Promise<void> => {
    const serial = word(thread, at + SERIAL)
    const found = installed.get(serial)
    if (found === undefined) throw invalidArgument(`${hex(at)} is no driver, or no longer`)
    while (isUnpublished(thread, found.driver.handle)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    await found.driver.uninstall()
    installed.delete(serial)
    soc.control.free(found.client)
  }

  return {
    memcpy_install: (config = 0, out = 0) => reasons.answer(() => install(config >>> 0, out >>> 0)),
    memcpy_uninstall: (at = 0) => reasons.answer(() => uninstall(at >>> 0)),
  }
}

/** Number of the copy that was submitted last. */
function submittedSequence({ space }: Soc, client: number): number {
  return space.doubles[(client + CLIENT_SEQUENCE) >> 3] ?? 0
}

/** Copies below this are over for everybody. */
const published = (thread: HostThread, driver: number): number => readSequence(thread.words, driver + DRIVER_COMPLETED)

/**
 * Whether copies are done, and their callbacks called, that the channel has not yet published: it does so in a moment. In
 * virtual time there is no such moment.
 */
function isUnpublished(thread: HostThread, driver: number): boolean {
  return thread.engine === 'threads' && readSequence(thread.words, driver + DRIVER_TAIL) > published(thread, driver)
}

/**
 * Whether a ring that was full has, or will have at once, a free slot. A task whose callback has woken it sends its next copy,
 * on a chip after the interrupt; here perhaps while that is still running on another thread.
 */
function comesFree(thread: HostThread, driver: number, before: number): boolean {
  if (published(thread, driver) !== before) return true
  if (!isUnpublished(thread, driver)) return published(thread, driver) !== before
  Atomics.wait(thread.words, (driver + DRIVER_COMPLETED) >> 2, before | 0, LOOK_MS)
  return true
}

function configAt(thread: HostThread, at: number): AsyncMemcpyConfig {
  const [backlog, sramTransAlign, psramTransAlign, dmaBurstSize, weight, backend, unalignedPsram, burstsBySize] = [
    0, 4, 8, 12, 16, 20, 24, 28,
  ].map((offset) => word(thread, at + offset))
  const flags =
    (unalignedPsram === 1 ? AsyncMemcpyFlags.unalignedPsram : 0) +
    (burstsBySize === 1 ? AsyncMemcpyFlags.burstsBySize : 0)
  const config = {
    backlog,
    sramTransAlign,
    psramTransAlign,
    dmaBurstSize,
    weight,
    flags,
  } as Required<AsyncMemcpyConfig>
  return backend === undefined || backend === 0 ? config : { ...config, backend: BACKENDS[backend - 1] }
}

function word(thread: HostThread, address: number): number {
  return Atomics.load(thread.words, address >>> 2) >>> 0
}
