/**
 * A channel that is a thread. It is started once, serves one driver after another, and is replaced if it dies.
 *
 * Death: the copies that the ring holds fail (ESP_FAIL), those of its large copy that helpers still write are waited for
 * first, and a fresh thread continues with whatever is submitted next. All of that happens on the thread that opened the
 * Soc, which is the one that hears of it. Only with resident callbacks the fresh thread does a part: it loads them again,
 * then fails the copies, so that their callbacks are told before anybody else.
 *
 * A thread into which a driver has loaded callbacks ends with the driver: nothing of them is left for the next one. So does
 * one that keeps to the time of a chip, which knows its driver's rules.
 */
import { EspError } from '../../errors.ts'
import { ETM_LEFT } from '../../microcode/etm-layout.ts'
import {
  CHANNEL_CLAIMED,
  CHANNEL_DRIVER,
  CHANNEL_FOLLOWING,
  CHANNEL_MAIL,
  CHANNEL_PARKED,
  CHANNEL_ROLE,
  CHANNEL_ROLE_HELPER,
  CHANNEL_ROLE_TIMERS,
  CHANNEL_SERVING,
  CHANNEL_SPIN,
  CHANNEL_STAGING,
  CHANNEL_STATE,
  CHANNEL_STATE_DEAD,
  CHANNEL_STATE_RUNNING,
  CHANNEL_STATE_STARTING,
  CHANNEL_STOP,
  DRIVER_BROKEN,
  DRIVER_RESTARTS,
  ETM_BLOCK,
} from '../../microcode/layout.ts'
import { readHead } from '../../microcode/sequences.ts'
import { platform } from '../../platform/current.ts'
import type { PlatformThread } from '../../platform/platform.ts'
import type { SocCore } from '../../soc/soc-core.ts'
import { waitWhile } from '../../soc/wait.ts'
import type { DriverRules } from '../../targets/driver-rules.ts'
import { returnChannelBlock, takeChannelBlock } from '../channel-blocks.ts'
import type { Channel, ChannelClient, ChannelUse } from '../engine.ts'
import type { Residence, ResidentModule } from '../residence.ts'

import { ChannelMail } from './channel-mail.ts'
import { releasePace } from './pace.ts'
import type { ChannelThreadData, PostedResidence, Succession, ThreadMessage } from './thread-data.ts'
import { channelWorkerUrl } from './worker-url.ts'

/** So many threads in a row may die before they ran, then the channel is broken. */
const START_ATTEMPTS = 3

const ENDED_UNEXPECTEDLY = new Error("the channel's thread ended unexpectedly")

/** One DMA channel of the threads engine. */
export class ThreadChannel implements Channel {
  /** Address of its control block. */
  readonly block: number

  readonly #soc: SocCore
  readonly #onIdle: (channel: ThreadChannel) => void
  readonly #rules: DriverRules | undefined
  #thread: PlatformThread | undefined
  #client: ChannelClient | undefined
  readonly #mail: ChannelMail
  readonly #hearNoMore: () => void
  /** The callbacks that live in its thread, and where they come from. */
  #residence: Residence | undefined
  #modules: ResidentModule[] = []
  #stopping = false
  #failedStarts = 0
  /** Copies below this sequence were in its hands when it died. */
  #heldBelow = 0
  /** Why the last thread ended, until what it held is settled. */
  #recoveringFrom: Error | undefined

  /**
   * @param soc - Whose channel it is.
   * @param onIdle - Told when it has been released.
   * @param rules - Of its one driver, whose copies are to take as long as on their chip.
   */
  constructor(soc: SocCore, onIdle: (channel: ThreadChannel) => void, rules?: DriverRules) {
    this.#soc = soc
    this.#onIdle = onIdle
    this.#rules = rules
    this.block = takeChannelBlock(soc)
    this.#mail = new ChannelMail(() => {
      Atomics.add(soc.space.words, (this.block + CHANNEL_MAIL) >> 2, 1)
      this.#wake()
    })
    this.#hearNoMore = soc.foreign.onNews((news) => {
      if (this.#load(CHANNEL_ROLE) !== CHANNEL_ROLE_TIMERS) this.#mail.tell(news)
    })
  }

  /**
   * Starts its thread and waits until that runs.
   *
   * @param scratch - Memory in which the thread measures the kernels, or 0.
   * @throws EspError `ESP_FAIL` if the thread ends before it runs.
   */
  async start(scratch: number): Promise<void> {
    const thread = this.#spawn(scratch)
    const running = waitWhile(this.#soc.space, this.block + CHANNEL_STATE, CHANNEL_STATE_STARTING)
    const reason = await Promise.race([
      running,
      thread.ended.then((end) => end.reason ?? new Error('it ended at once')),
    ])
    if (reason instanceof Error) {
      throw new EspError('ESP_FAIL', `a channel's thread could not be started: ${reason.message}`, { cause: reason })
    }
  }

  /** Starts its thread and does not wait for it. If that dies before it runs, the client hears of it. */
  launch(): void {
    this.#spawn(0)
  }

  /** Who uses it from now on. */
  reserve({ spinMs, client }: ChannelUse): void {
    this.#client = client
    this.#soc.space.doubles[(this.block + CHANNEL_SPIN) >> 3] = spinMs
  }

  /** {@inheritDoc Channel.assign} */
  assign(driver: number, role: number): void {
    this.#store(CHANNEL_ROLE, role)
    this.#store(CHANNEL_DRIVER, driver)
    this.#wake()
  }

  /** {@inheritDoc Channel.load} */
  async load(residence: Residence, module: ResidentModule): Promise<readonly string[]> {
    this.#residence = residence
    const names = await this.#mail.request({ residence: this.#posted(residence), module })
    this.#modules.push({ ...module, names })
    return names
  }

  /** {@inheritDoc Channel.release} */
  async release(): Promise<void> {
    this.#store(CHANNEL_DRIVER, 0)
    this.#wake()
    for (;;) {
      const serving = this.#load(CHANNEL_SERVING)
      if (serving === 0) break
      await waitWhile(this.#soc.space, this.block + CHANNEL_SERVING, serving)
    }
    this.#client = undefined
    if (this.isSpent) await this.stop()
    this.#onIdle(this)
  }

  /** Whether it can serve no other driver: its thread was one driver's own. */
  get isSpent(): boolean {
    return this.#residence !== undefined || this.#rules !== undefined
  }

  /** Ends its thread for good and gives the control block back. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#hearNoMore()
    this.#store(CHANNEL_STOP, 1)
    this.#wake()
    // A module that never ends to load does not look at the word.
    const isLoading =
      this.#residence !== undefined && (this.#mail.isUnanswered || this.#load(CHANNEL_STATE) !== CHANNEL_STATE_RUNNING)
    if (isLoading) this.#thread?.terminate()
    const alive = platform.keepAlive()
    alive.hold()
    await this.#thread?.ended
    alive.close()
    releasePace(this.#soc.space.words, this.block)
    const staging = this.#load(CHANNEL_STAGING)
    if (staging !== 0) this.#soc.control.free(staging)
    returnChannelBlock(this.#soc, this.block)
  }

  /**
   * Ends its thread as a crash would, to test what happens then.
   *
   * @internal
   */
  kill(): void {
    this.#thread?.terminate()
  }

  /** Whether its thread runs, or is about to. */
  get alive(): boolean {
    return this.#thread !== undefined && this.#load(CHANNEL_STATE) !== CHANNEL_STATE_DEAD
  }

  /**
   * If its thread has said that it ends but the event loop has not told it yet, or a recovery has begun and waits for the
   * event loop: goes on with it as far as possible without waiting.
   */
  lookAfter(): void {
    if (this.#thread !== undefined && !this.#stopping && this.#load(CHANNEL_STATE) === CHANNEL_STATE_DEAD) {
      this.#beginRecovery(ENDED_UNEXPECTEDLY)
    } else {
      this.#tryToRecover()
    }
  }

  #spawn(scratch: number): PlatformThread {
    this.#store(CHANNEL_STATE, CHANNEL_STATE_STARTING)
    // What was posted to the thread before is gone with it.
    this.#store(CHANNEL_MAIL, 0)
    const data: ChannelThreadData = {
      memory: this.#soc.space.memory,
      module: this.#soc.port.module,
      channel: this.block,
      scratch,
      rules: this.#rules,
      foreign: this.#soc.foreign.known,
      succession: this.#succession,
    }
    const thread = platform.startThread(channelWorkerUrl, 'async-memcpy channel', data)
    this.#thread = thread
    thread.listen((message) => {
      this.#onMessage(thread, message as ThreadMessage)
    })
    this.#mail.deliverTo(thread)
    void thread.ended.then(({ reason }) => {
      if (this.#thread === thread && !this.#stopping) this.#beginRecovery(reason ?? ENDED_UNEXPECTEDLY)
    })
    return thread
  }

  #onMessage(from: PlatformThread, message: ThreadMessage): void {
    if (message.kind === 'report') this.#residence?.onReport(message.report)
    // What a thread that is known to be dead has answered was taken for lost.
    else if (from === this.#thread) this.#mail.answered(message)
  }

  #posted({ driver, client, hostUrl }: Residence): PostedResidence {
    const { target, fitting, engine, timing } = this.#soc.port
    return { driver, client, hostUrl: hostUrl.href, soc: { target, fitting, engine, timing } }
  }

  /** What the dead thread leaves to the next one, if there is something. */
  get #succession(): Succession | undefined {
    if (this.#residence === undefined || this.#load(CHANNEL_DRIVER) === 0) return undefined
    return { residence: this.#posted(this.#residence), modules: this.#modules, heldBelow: this.#heldBelow }
  }

  #beginRecovery(reason: Error): void {
    this.#failedStarts = this.#load(CHANNEL_STATE) === CHANNEL_STATE_STARTING ? this.#failedStarts + 1 : 0
    this.#thread = undefined
    this.#mail.lost(reason)
    this.#store(CHANNEL_STATE, CHANNEL_STATE_DEAD)
    this.#countOut()
    releasePace(this.#soc.space.words, this.block)
    this.#recoveringFrom = reason
    const driver = this.#load(CHANNEL_DRIVER)
    this.#heldBelow = driver === 0 ? 0 : readHead(this.#soc.space.words, driver)
    void this.#recover()
  }

  /** A thread that died while it followed an ETM event follows it no more. */
  #countOut(): void {
    const { words } = this.#soc.space
    if (Atomics.exchange(words, (this.block + CHANNEL_FOLLOWING) >> 2, 0) !== 0) {
      Atomics.add(words, (ETM_BLOCK + ETM_LEFT) >> 2, 1)
    }
  }

  async #recover(): Promise<void> {
    while (!this.#tryToRecover()) await turn()
  }

  /** True: it is over, perhaps since long. False: another channel still writes a part of what the dead thread held. */
  #tryToRecover(): boolean {
    const reason = this.#recoveringFrom
    if (reason === undefined) return true
    if (!this.#isSettled()) return false
    this.#recoveringFrom = undefined
    this.#replace(reason)
    return true
  }

  get #isHelper(): boolean {
    return this.#load(CHANNEL_ROLE) === CHANNEL_ROLE_HELPER
  }

  get #givesUp(): boolean {
    return this.#failedStarts >= START_ATTEMPTS
  }

  /** Settles what the dead thread held. False: not all of it yet, ask again. */
  #isSettled(): boolean {
    const driver = this.#load(CHANNEL_DRIVER)
    if (driver === 0) return true
    // A dead helper's piece is written by the consumer, which sees CHANNEL_STATE_DEAD.
    if (this.#isHelper) return this.#load(CHANNEL_CLAIMED) === 0
    const { microcode } = this.#soc
    if (microcode.abandonSplit(driver) !== 0) return false
    // Its successor fails what it held.
    if (this.#residence !== undefined && !this.#givesUp) return true
    if (this.#givesUp) {
      // In this order: who finds the ring closed is told why.
      Atomics.store(this.#soc.space.words, (driver + DRIVER_BROKEN) >> 2, 1)
      microcode.close(driver, 1)
    }
    microcode.failAll(driver, this.#givesUp ? Infinity : this.#heldBelow, 0)
    // Nobody will serve the ring again: copies reserved before the close and published after failAll must fail too.
    return !this.#givesUp || microcode.inFlight(driver) === 0
  }

  /** A fresh thread takes the dead one's place, if the channel is in use. */
  #replace(reason: Error): void {
    const { words } = this.#soc.space
    this.#store(CHANNEL_CLAIMED, 0)
    this.#store(CHANNEL_SERVING, 0)
    Atomics.notify(words, (this.block + CHANNEL_SERVING) >> 2)
    Atomics.notify(words, (this.block + CHANNEL_STATE) >> 2)
    if (this.#client === undefined) return
    if (this.#givesUp) {
      this.#mail.abandon(reason)
      // Without a helper the consumer copies alone; without its consumer a driver is of no use.
      if (!this.#isHelper) this.#client.broken(reason)
      return
    }
    const driver = this.#load(CHANNEL_DRIVER)
    if (driver !== 0) Atomics.add(words, (driver + DRIVER_RESTARTS) >> 2, 1)
    this.#spawn(0)
  }

  #wake(): void {
    const { words } = this.#soc.space
    const parked = (this.block + CHANNEL_PARKED) >> 2
    if (Atomics.compareExchange(words, parked, 1, 0) === 1) Atomics.notify(words, parked)
  }

  #load(word: number): number {
    return Atomics.load(this.#soc.space.words, (this.block + word) >> 2) >>> 0
  }

  #store(word: number, value: number): void {
    Atomics.store(this.#soc.space.words, (this.block + word) >> 2, value)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    platform.nextTurn(resolve)
  })
}
