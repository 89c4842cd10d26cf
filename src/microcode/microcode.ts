/**
 * The microcode as TypeScript sees it: one compiled module, an instance for each thread and Soc. The functions are
 * documented where they are written, in `assembly/`.
 */
import { memoryFlagsAt, microcodeHex } from './microcode.generated.ts'

/** What the microcode exports. Addresses, lengths and results are unsigned 32-bit; results arrive as signed numbers. */
export interface Microcode {
  /** heap.ts: makes a region one free block. */
  regionInit(region: number, start: number, end: number, limit: number): void
  /** heap.ts: lets a region reach up to `end`. */
  regionExtend(region: number, end: number): number
  /** heap.ts: address of a new block, 0, or HEAP_CONTENDED. */
  alloc(region: number, length: number, align: number): number
  /** heap.ts: 1 if a block that fits nowhere would if the region grew, 0, or HEAP_CONTENDED. */
  couldFit(region: number, length: number, align: number): number
  /** heap.ts: FREE_… or HEAP_CONTENDED. */
  free(region: number, address: number): number
  /** heap.ts: the live block that holds an address, or 0. */
  blockAt(region: number, address: number): number
  /** heap.ts: the length that a live block was asked for. */
  blockLength(address: number): number
  /** holders.ts: ATTACH_… or HEAP_CONTENDED. */
  attach(region: number, driver: number): number
  /** holders.ts: holders that are left, or HEAP_CONTENDED. */
  letGo(region: number, driver: number): number
  /** clock.ts: tells other threads the virtual time in milliseconds. */
  setTime(milliseconds: number): void
  /** clock.ts: the virtual time that was told last. */
  time(): number
  /** choice.ts: fills the kernel table with defaults. */
  choiceInit(): void
  /** choice.ts: measures the kernels, unless somebody has. */
  calibrate(scratch: number): void
  /** ring.ts: SUBMIT_…; the sequence is in the client block. */
  submit(
    driver: number,
    client: number,
    destination: number,
    source: number,
    length: number,
    record: number,
    callback: number,
    argument: number,
  ): number
  /** ring.ts: 1 if the copy will not run. */
  withdraw(record: number): number
  /** foreign.ts: a submitter's own copy is over; 1 if the channel had to be woken. */
  goOn(driver: number): number
  /** foreign.ts: block of the copy that waits for its submitter, or 0. */
  heldBlock(driver: number): number
  /** foreign.ts: that copy fails, its submitter is gone. */
  revoke(driver: number, status: number): void
  /** copy.ts: one copy as by memmove. */
  copyBytes(destination: number, source: number, length: number): void
  /** ring.ts: CLOSE_…. */
  close(driver: number, drain: number): number
  /** ring.ts: copies in flight. */
  inFlight(driver: number): number
  /** channel.ts: serves the channel's driver; STEP_…. */
  step(channel: number, spins: number): number
  /** channel.ts: the driver whose ring the channel may touch until the next call, or 0. */
  serve(channel: number): number
  /** channel.ts: whether a channel about to park must not: WORK_…. */
  hasWork(channel: number): number
  /** channel.ts: length of the copy that starts now, or 0. Instead of `step`, where copies take a chip's time. */
  begin(driver: number): number
  /** channel.ts: moves a part of that copy; how many bytes are moved then. */
  move(driver: number, moved: number, most: number): number
  /** channel.ts: that copy is done, but for the bytes that are not yet moved. */
  finish(driver: number, moved: number): void
  /** channel.ts: settles the copies of a dead consumer below a sequence with ESP_FAIL; how many. */
  failAll(driver: number, limit: number, interrupts: number): number
  /** channel.ts: the same by the thread that takes its place, with interrupts. */
  takeOver(channel: number, limit: number): void
  /** objects.ts: a zeroed slot, 0, or HEAP_CONTENDED. */
  objectNew(kind: number): number
  /** objects.ts: others may use it from now on. */
  objectPublish(slot: number, kind: number): void
  /** objects.ts: 1 if deleted, 0 if it is no such object, or HEAP_CONTENDED. */
  objectDelete(slot: number, kind: number): number
  /** objects.ts: adds a free slot; 0 or HEAP_CONTENDED. */
  objectAdd(slot: number, kind: number): number
  /** semaphore.ts: GIVE_…. */
  semaphoreGive(address: number, life: number): number
  /** semaphore.ts: TAKE_…; `otherwise` says what happens without a token. */
  semaphoreTake(address: number, life: number, otherwise: number): number
  /** semaphore.ts: ends its life; 1 if this call did. */
  semaphoreEnd(address: number, life: number): number
  /** etm.ts: triggers a software event; ETM_DONE or ETM_GONE. */
  etmTrigger(event: number): number
  /** matrix.ts: the free channel of the lowest number, or 0. */
  etmNewChannel(channels: number): number
  /** matrix.ts: connects an event and a task, 0 for none; ETM_…. */
  etmConnect(channel: number, generation: number, event: number, task: number): number
  /** matrix.ts: ETM_…. */
  etmEnable(channel: number, generation: number): number
  /** matrix.ts: ETM_…. */
  etmDisable(channel: number, generation: number): number
  /** matrix.ts: ETM_…. */
  etmDeleteChannel(channel: number, generation: number): number
  /** matrix.ts: a task will refer to an object; ETM_DONE or ETM_GONE. */
  etmRetain(object: number, kind: number): number
  /** matrix.ts: a GPIO event listens to a source of a pin from now on; ETM_…. */
  etmListen(event: number, source: number, pin: number): number
  /** matrix.ts: a channel follows its event to another source; ETM_DONE. */
  etmFollow(channel: number, event: number): number
  /** matrix.ts: a GPIO task takes a pin; ETM_…. */
  etmBind(task: number, pin: number): number
  /** matrix.ts: a GPIO task lets go of a pin; ETM_…. */
  etmUnbind(task: number, pin: number): number
  /** matrix.ts: deletes an event, a task or a counter; ETM_… or HEAP_CONTENDED. */
  etmDelete(object: number, kind: number): number
  /** pin.ts: changes a pin; PIN_SET and so on. */
  pinChange(pin: number, change: number): void
  /** timer.ts: a free timer, or 0. */
  timerNew(timers: number, resolutionHz: number, direction: number): number
  /** timer.ts: TIMER_ENABLE and so on; ETM_…. */
  timerOperate(timer: number, generation: number, operation: number): number
  /** timer.ts: the count, or with 1 the one that was captured last; -1 if the timer is deleted. */
  timerCount(timer: number, generation: number, isCaptured: number): bigint
  /** timer.ts: TIMER_SET_COUNT, or TIMER_ALARM_OFF and so on; of counts 54 bits are kept. ETM_DONE or ETM_GONE. */
  timerSet(timer: number, generation: number, what: number, count: bigint, reload: bigint): number
  /** timer.ts: when the next alarm is due, in nanoseconds of the Soc's clock; Infinity for never. */
  timersNext(): number
  /** timer.ts: lets alarms go off that are due, not endlessly many. */
  timersRun(): void
  /** split.ts: ends the job of a dead consumer; 1 while a helper still writes. */
  abandonSplit(driver: number): number
  /** trace.ts: adds a record, if somebody records. */
  trace(kind: number, subject: number, a: number, b: number, c: number, d: number, value: number, timeMs: number): void
  /** trace.ts: TRACE_DONE, TRACE_REFUSED or HEAP_CONTENDED. */
  traceStart(block: number, wasRecording: number): number
  /** trace.ts: 1 if this call ended a recording. */
  traceStop(): number
  /** trace.ts: a list of blocks that nobody writes to any more, 0, or HEAP_CONTENDED. */
  traceReclaim(): number
}

/**
 * Runs a resident callback. Times are milliseconds of the Soc's clock.
 *
 * @returns 1 if it woke somebody: completion is published at once; else 0.
 */
export type Interrupt = (
  driver: number,
  callback: number,
  argument: number,
  sequence: number,
  length: number,
  status: number,
  start: number,
  end: number,
) => number

/**
 * Moves bytes of a foreign copy: `most` of them, in the order of memmove, after the first `moved`.
 *
 * @returns 0, or the code of an error.
 */
export type MoveForeign = (block: number, moved: number, most: number) => number

/** What the microcode asks of the thread it runs in. */
export interface MicrocodeImports {
  /** The Soc's time in milliseconds. */
  readonly now: () => number
  /** Runs a resident callback: in a channel's thread, and where the simulated engine runs. */
  readonly interrupt: Interrupt
  /** Carries out what lies in other memory: in a channel's thread, and where the simulated engine runs. */
  readonly foreign: MoveForeign
}

/** Flags of a memory in a module: it has a maximum, and is shared or not. */
const SHARED_MEMORY = 3
const UNSHARED_MEMORY = 1

const compiled = new Map<number, WebAssembly.Module>()

/**
 * The compiled module, the same for all Socs of this thread. It can be posted to other threads.
 *
 * @param memory - Whether it is for memory that is shared. The code is the same: atomic instructions work on either.
 */
export function microcodeModule(memory: 'shared' | 'unshared' = 'shared'): WebAssembly.Module {
  const flags = memory === 'shared' ? SHARED_MEMORY : UNSHARED_MEMORY
  let module = compiled.get(flags)
  if (module === undefined) {
    const bytes = bytesOfHex(microcodeHex)
    bytes[memoryFlagsAt] = flags
    module = new WebAssembly.Module(bytes)
    compiled.set(flags, module)
  }
  return module
}

/** The bytes of a module as the build embeds it: two hexadecimal digits each, in lower case. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  // '0' is 0x30 and 'a' is 0x61, whose last digit is 1.
  const digit = (at: number): number => (hex.charCodeAt(at) & 15) + (hex.charCodeAt(at) >> 6) * 9
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => (digit(2 * i) << 4) | digit(2 * i + 1))
}

/**
 * An instance over a Soc's memory.
 *
 * @param memory - The Soc's shared memory.
 * @param imports - The Soc's time, and its resident callbacks.
 * @param module - The compiled module, of this thread or another.
 */
export function instantiateMicrocode(
  memory: WebAssembly.Memory,
  imports: MicrocodeImports,
  module: WebAssembly.Module,
): Microcode {
  return new WebAssembly.Instance(module, { env: { memory, ...imports } }).exports as unknown as Microcode
}
