/**
 * The simulated engine: the same ring and the same microcode, but no threads. A channel is a series of events on the
 * virtual clock: a copy starts, and when its time is over its bytes move and its completion is published. Where the clock
 * moves by itself, the bytes of a large copy move in several turns of the event loop, which is never held for long.
 */
import { invalidState } from '../../errors.ts'
import { CHANNEL_DRIVER, CHANNEL_PARKED, CHANNEL_ROLE_CONSUMER, DRIVER_STARTED } from '../../microcode/layout.ts'
import type { Interrupt } from '../../microcode/microcode.ts'
import { TRACE_CHANNEL_PARKED, TRACE_CHANNEL_WOKEN } from '../../microcode/trace-layout.ts'
import { isRecording, note } from '../../soc/note.ts'
import type { SocCore } from '../../soc/soc-core.ts'
import { UNFINISHED, type VirtualClock } from '../../soc/virtual-clock.ts'
import type { Backend } from '../../targets/backend.ts'
import type { CopyCourse } from '../../targets/estimate.ts'
import { returnChannelBlock, takeChannelBlock } from '../channel-blocks.ts'
import { Courses } from '../courses.ts'
import type { Channel, ChannelClient, ChannelOptions, Engine } from '../engine.ts'
import { Quota } from '../quota.ts'
import type { Residence, ResidentHost, ResidentModule } from '../residence.ts'
import { noteSegments } from '../segments.ts'

import { Doorbells } from './doorbells.ts'
import { Transfers, type Transfer } from './transfers.ts'

/** What a channel asks of its engine. */
interface Surroundings {
  readonly soc: SocCore
  readonly clock: VirtualClock
  readonly transfers: Transfers
  readonly doorbells: Doorbells
  /** Hosts of resident callbacks by driver. They run where the engine runs. */
  readonly hosts: Map<number, ResidentHost>
  readonly onRelease: (channel: SimulatedChannel) => void
}

/** One DMA channel of the simulated engine. */
class SimulatedChannel implements Channel {
  readonly block: number

  readonly #around: Surroundings
  readonly #client: ChannelClient
  readonly #courses: Courses
  readonly backend: Backend
  readonly #words: Int32Array
  #driver = 0
  /** The copy in hand: its bytes, those that are in place already, and what it takes. */
  #length = 0
  #moved = 0
  #course: CopyCourse | undefined
  #transfer: Transfer | undefined
  /** It has found nothing to do, and starts again when somebody has changed CHANNEL_PARKED. */
  #parked = false

  constructor(around: Surroundings, { client, rules }: ChannelOptions) {
    this.#around = around
    this.#client = client
    this.#courses = new Courses(rules, around.soc.callsTakeTime)
    this.backend = rules.backend
    this.#words = around.soc.space.words
    this.block = takeChannelBlock(around.soc)
  }

  /** Helpers make no difference in virtual time: a host's copies take none, and a chip's channel copies alone. */
  assign(driver: number, role: number): void {
    Atomics.store(this.#words, (this.block + CHANNEL_DRIVER) >> 2, driver)
    if (role !== CHANNEL_ROLE_CONSUMER) return
    this.#driver = driver
    this.#around.soc.watch?.installed(driver, (copy) => this.#courses.aloneNs(copy))
    this.#start()
  }

  load({ hostHere }: Residence, module: ResidentModule): Promise<readonly string[]> {
    const { hosts } = this.#around
    const host = hosts.get(this.#driver) ?? hostHere()
    hosts.set(this.#driver, host)
    return host.load(module)
  }

  release(): Promise<void> {
    this.#around.hosts.delete(this.#driver)
    this.#around.soc.watch?.uninstalled(this.#driver)
    this.#driver = 0
    this.#parked = false
    returnChannelBlock(this.#around.soc, this.block)
    this.#around.onRelease(this)
    return Promise.resolve()
  }

  get isParked(): boolean {
    return this.#parked
  }

  startIfWoken(): void {
    if (!this.#parked || Atomics.load(this.#words, (this.block + CHANNEL_PARKED) >> 2) !== 0) return
    this.#parked = false
    note(this.#around.soc, TRACE_CHANNEL_WOKEN, this.block, this.#driver)
    this.#around.clock.schedule(0, () => {
      this.#start()
    })
  }

  /** In the order of ring.ts: PARKED is set before the look at the ring, so that no submission is missed by both sides. */
  #start(): void {
    if (this.#driver === 0) return
    const { soc, clock, transfers, doorbells } = this.#around
    const parked = (this.block + CHANNEL_PARKED) >> 2
    Atomics.store(this.#words, parked, 1)
    this.#length = soc.microcode.begin(this.#driver) >>> 0
    this.#moved = 0
    if (this.#length === 0) {
      this.#parked = true
      note(soc, TRACE_CHANNEL_PARKED, this.block, this.#driver)
      doorbells.listen(this.block)
      return
    }
    Atomics.store(this.#words, parked, 0)
    soc.watch?.began(this.#driver)
    this.#course = this.#courses.ofCopyInHand(this.#words, this.#driver)
    if (this.#course === undefined) clock.schedule(0, this.#finish)
    else this.#transfer = transfers.begin(this.#course, this.#finish)
  }

  /** Whether bytes of a copy come into place as time passes. */
  get isMoving(): boolean {
    return this.#transfer !== undefined && this.#around.soc.watch === undefined
  }

  /** Moves the bytes that are in place by a time, as far as is known now. */
  moveUntil(timeNs: number): void {
    const { soc } = this.#around
    if (this.#transfer === undefined || !this.isMoving) return
    const bytes = Math.floor(this.#length * this.#transfer.part(timeNs))
    if (bytes > this.#moved) {
      this.#moved = soc.microcode.move(this.#driver, this.#moved, bytes - this.#moved) >>> 0
    }
  }

  readonly #finish = (): unknown => {
    const { soc, clock } = this.#around
    const left = this.#length - this.#moved
    if (soc.watch !== undefined) {
      // In one go: what the program does between two parts could not be told from what the copy does.
      const move = (): void => {
        this.#moved = soc.microcode.move(this.#driver, this.#moved, left) >>> 0
      }
      soc.watch.ends(this.#driver, move)
    } else if (left > clock.bytesLeft) {
      const now = clock.bytesLeft
      this.#moved = soc.microcode.move(this.#driver, this.#moved, now) >>> 0
      clock.spend(now)
      return UNFINISHED
    }
    clock.spend(left)
    this.#transfer = undefined
    this.#noteSegments()
    clock.interrupted(this.#course?.afterNs ?? 0)
    soc.microcode.finish(this.#driver, this.#moved)
    // First the interrupt, then the next copy.
    this.#client.completed()
    this.#start()
    return undefined
  }

  #noteSegments(): void {
    const { soc } = this.#around
    const course = this.#course
    if (course === undefined || !isRecording(soc)) return
    const startMs = soc.space.doubles[(this.#driver + DRIVER_STARTED) >> 3] ?? 0
    noteSegments(soc, { driver: this.#driver, channel: this.block, length: this.#length, startMs, course })
  }
}

/** Channels in virtual time. */
export class SimulatedEngine implements Engine {
  readonly #around: Surroundings
  readonly #busy = new Set<SimulatedChannel>()
  readonly #quota: Quota
  #keepsTimers = false

  /** @param soc - Whose copies it carries out. */
  constructor(soc: SocCore) {
    const { virtualClock } = soc
    if (virtualClock === undefined) {
      throw invalidState('only the thread that opened a simulated Soc can install drivers: install there, attach here')
    }
    this.#quota = new Quota(soc)
    const doorbells = new Doorbells(soc, (block) => {
      this.startWoken()
      for (const channel of this.#busy) if (channel.block === block && channel.isParked) doorbells.listen(block)
    })
    const hosts = new Map<number, ResidentHost>()
    const interrupt: Interrupt = (driver, ...copy) => hosts.get(driver >>> 0)?.interrupt(driver, ...copy) ?? 0
    soc.interrupt = soc.watch?.around(interrupt) ?? interrupt
    this.#around = {
      soc,
      clock: virtualClock,
      transfers: new Transfers(virtualClock),
      doorbells,
      hosts,
      onRelease: (channel) => {
        this.#busy.delete(channel)
        this.#quota.give(channel.backend)
      },
    }
    virtualClock.copies = {
      isMoving: () => [...this.#busy].some((channel) => channel.isMoving),
      moveUntil: (timeNs) => {
        for (const channel of this.#busy) channel.moveUntil(timeNs)
      },
    }
    virtualClock.beforeEach(() => {
      soc.watch?.look()
      this.startWoken()
    })
    soc.whenShared(() => {
      for (const channel of this.#busy) if (channel.isParked) doorbells.listen(channel.block)
    })
    soc.onClose(() => this.#close())
  }

  /** {@inheritDoc Engine.acquire} */
  acquire(options: ChannelOptions): Promise<Channel> {
    return new Promise((resolve) => {
      resolve(this.#take(options))
    })
  }

  #take(options: ChannelOptions): Channel {
    this.#quota.take(options.rules.backend)
    try {
      const channel = new SimulatedChannel(this.#around, options)
      this.#busy.add(channel)
      return channel
    } catch (error) {
      this.#quota.give(options.rules.backend)
      throw error
    }
  }

  /** {@inheritDoc Engine.lookAfter} */
  lookAfter(): void {
    // Nothing dies in a simulation.
  }

  /** {@inheritDoc Engine.startWoken} */
  startWoken(): void {
    for (const channel of this.#busy) channel.startIfWoken()
  }

  /** {@inheritDoc Engine.keepTimers} */
  keepTimers(): void {
    if (this.#keepsTimers) return
    this.#keepsTimers = true
    const { soc, clock } = this.#around
    clock.background = {
      nextNs: () => soc.microcode.timersNext(),
      happen: () => {
        soc.microcode.timersRun()
      },
    }
  }

  #close(): Promise<void> {
    return this.#busy.size === 0
      ? Promise.resolve()
      : Promise.reject(invalidState('this Soc has installed drivers: uninstall them before closing it'))
  }
}
