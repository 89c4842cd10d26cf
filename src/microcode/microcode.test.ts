/** The compiled microcode: where its threads may be ended, and whether its kernels copy right whatever was chosen. */
import { beforeAll, describe, expect, it } from 'vitest'

import {
  between,
  disassemble,
  endsBetween,
  functionsOf,
  writes,
  type Flow,
  type Instruction,
} from '../../test/support/control-flow.ts'

import {
  CALIBRATION_SCRATCH,
  CHANNEL_CLAIMED,
  CHANNEL_DRIVER,
  CHANNEL_PARKED,
  CHANNEL_SIZE,
  CHANNEL_STATE,
  CHANNEL_STATE_RUNNING,
  CHOICE_OPEN,
  CLAIMING,
  DESCRIPTOR_SIZE,
  DESCRIPTOR_TURN,
  DRIVER_BACKLOG,
  DRIVER_BYTES,
  DRIVER_CHANNEL,
  DRIVER_COMPLETED,
  DRIVER_HEAD,
  DRIVER_HELPER_COUNT,
  DRIVER_HELPERS,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_SIZE,
  DRIVER_TAIL,
  KERNEL_CLASSES,
  KERNEL_CLASS_BIAS,
  KERNEL_FIRST_TRIED_CLASS,
  KERNEL_LARGE_PIECE,
  KERNEL_OPTIONS,
  KERNEL_ROWS,
  KERNEL_SMALLEST,
  KERNEL_SMALL_PIECE,
  KERNEL_TRIALS,
  RECORD_END,
  REGION_LOCK,
  ROW_CONGRUENT,
  ROW_SHIFTED,
  ROW_SPLIT,
  SOC_BLOCK,
  SOC_CALIBRATION,
  SOC_CHOICES,
  SOC_TRACE,
  SOC_TRIALS,
  SPLIT_CLAIM,
  SPLIT_DONE,
  SPLIT_THRESHOLD,
  STEP_WORKED,
  SUBMIT_ACCEPTED,
} from './layout.ts'
import { microcodeHex } from './microcode.generated.ts'
import { instantiateMicrocode, microcodeModule, type Microcode } from './microcode.ts'
import { SEMAPHORE_COUNT, SEMAPHORE_NEWS, SEMAPHORE_WAKE } from './semaphore-layout.ts'
import { TRACE_ENTERED, TRACE_KIND, TRACE_LEFT, TRACE_LOCK } from './trace-layout.ts'

const MIB = 2 ** 20
const TRACE = SOC_BLOCK + SOC_TRACE

describe('the module', () => {
  const bytes = Buffer.from(microcodeHex, 'hex')

  it('asks for nothing but a memory, the time and the resident callbacks', () => {
    const imports = WebAssembly.Module.imports(microcodeModule())
    const told = imports.map(({ module, name, kind }) => `${kind} ${module}.${name}`)
    expect(told.sort()).toEqual([
      'function env.foreign',
      'function env.interrupt',
      'function env.now',
      'memory env.memory',
    ])
  })

  it('exports what its interface says, and nothing else', () => {
    const documented: Record<keyof Microcode, true> = {
      ...{ regionInit: true, regionExtend: true, alloc: true, free: true, blockAt: true, blockLength: true },
      ...{ couldFit: true, attach: true, letGo: true, setTime: true, time: true },
      ...{ choiceInit: true, calibrate: true, submit: true, withdraw: true, close: true, inFlight: true },
      ...{ goOn: true, heldBlock: true, revoke: true, copyBytes: true },
      ...{ objectNew: true, objectPublish: true, objectDelete: true, objectAdd: true },
      ...{ semaphoreGive: true, semaphoreTake: true, semaphoreEnd: true },
      ...{ etmTrigger: true, etmNewChannel: true, etmConnect: true, etmEnable: true, etmDisable: true },
      ...{ etmDeleteChannel: true, etmRetain: true, etmBind: true, etmUnbind: true, etmDelete: true, pinChange: true },
      ...{ timerNew: true, timerOperate: true, timerCount: true, timerSetCount: true, timerSetAlarm: true },
      ...{ timersNext: true, timersRun: true, etmListen: true, etmFollow: true },
      ...{
        step: true,
        serve: true,
        hasWork: true,
        begin: true,
        move: true,
        finish: true,
        failAll: true,
        takeOver: true,
        abandonSplit: true,
      },
      ...{ trace: true, traceStart: true, traceStop: true, traceReclaim: true },
    }
    const exported = WebAssembly.Module.exports(microcodeModule())
    expect(exported.map(({ name }) => name).sort()).toEqual(Object.keys(documented).sort())
    expect(exported.every(({ kind }) => kind === 'function')).toBe(true)
  })

  it('has no start function, no data and no tables: a new instance changes nothing for the others', () => {
    // Ids of sections, WebAssembly core specification 5.5.2.
    const forbidden = new Map([
      ['table', 4],
      ['start', 8],
      ['element', 9],
      ['data', 11],
    ])
    const found = sectionsOf(bytes)
    expect([...forbidden].filter(([, id]) => found.has(id)).map(([name]) => name)).toEqual([])
  })
})

/** A thread can be ended from outside at a loop or a call, nowhere else. */
describe('a thread that is ended', () => {
  let functions: Map<string, Flow>

  beforeAll(() => {
    functions = disassemble(Buffer.from(microcodeHex, 'hex'))
  })

  const flowOf = (name: string): Flow => {
    const flow = functions.get(name)
    if (flow === undefined) throw new Error(`there is no function ${name}`)
    return flow
  }

  const is =
    (name: string, offset: number, constant?: string) =>
    (instruction: Instruction): boolean =>
      instruction.name === name &&
      instruction.offset === offset &&
      (constant === undefined || instruction.constant === constant)

  const isUnlock = is('i32.atomic.store', REGION_LOCK, '0')
  const isLock = is('i32.atomic.rmw.cmpxchg', REGION_LOCK)

  it.each(['alloc', 'free', 'regionExtend', 'couldFit', 'attach', 'letGo'])('in %s holds no lock', (name) => {
    const flow = flowOf(name)
    const locks = flow.filter(isLock)
    const unlocks = flow.filter(isUnlock)
    const ends = flow.filter((instruction) => instruction.name === 'end')
    expect(locks).toHaveLength(1)
    expect(unlocks.length).toBeGreaterThan(0)
    for (const lock of locks) {
      for (const unlock of unlocks) expect(endsBetween(lock, unlock)).toEqual([])
      // Whoever returns without having given the lock back has changed nothing: it never had it.
      for (const end of ends) expect(between(lock, end, unlocks).filter(writes)).toEqual([])
    }
  })

  it('in submit has published what it reserved, and woken the channel', () => {
    const flow = flowOf('submit')
    const [reserve, ...others] = flow.filter(is('i64.atomic.rmw.cmpxchg', DRIVER_HEAD))
    const [publish] = flow.filter(is('i64.atomic.store', DESCRIPTOR_TURN))
    const [look] =
      publish === undefined ? [] : flow.slice(flow.indexOf(publish)).filter(is('i32.atomic.load', CHANNEL_PARKED))
    const [wake] = flow.filter(is('i32.atomic.rmw.cmpxchg', CHANNEL_PARKED))
    const [notify] = flow.filter(is('memory.atomic.notify', CHANNEL_PARKED))
    if (!reserve || !publish || !look || !wake || !notify) throw new Error('submit is not what this test takes it for')
    expect(others).toEqual([])
    for (const [from, to] of [
      [reserve, publish],
      [publish, look],
      [look, wake],
      [wake, notify],
    ] as const) {
      expect(endsBetween(from, to)).toEqual([])
    }
    // The descriptor is filled in between, and nowhere else: seven words of it.
    expect(between(reserve, publish).filter(writes)).toHaveLength(6)
  })

  it('has not claimed a piece of a copy without saying so', () => {
    const claimers = [...functions.values()].filter((flow) => flow.some(is('i32.atomic.rmw.add', SPLIT_CLAIM)))
    expect(claimers.length).toBeGreaterThan(0)
    for (const flow of claimers) {
      const announcements = flow.filter(is('i32.atomic.store', CHANNEL_CLAIMED, String(CLAIMING | 0)))
      const claims = flow.filter(is('i32.atomic.rmw.add', SPLIT_CLAIM))
      expect(announcements).toHaveLength(claims.length)
      for (const [i, announcement] of announcements.entries()) {
        const rest = flow.slice(flow.indexOf(announcement) + 1)
        const said = rest.find(is('i32.atomic.store', CHANNEL_CLAIMED))
        const [claim] = claims.slice(i)
        if (said === undefined || claim === undefined) throw new Error('a claim is not said')
        const steps = between(announcement, said)
        expect(steps).toContain(claim)
        expect(endsBetween(announcement, said)).toEqual([])
      }
    }
  })

  it('has not counted a piece that is still claimed, nor let go of one that is not counted', () => {
    const counters = [...functions.values()].filter((flow) => flow.some(is('i32.atomic.rmw.add', SPLIT_DONE)))
    expect(counters.length).toBeGreaterThan(0)
    for (const flow of counters) {
      for (const done of flow.filter(is('i32.atomic.rmw.add', SPLIT_DONE))) {
        const letGo = flow.slice(flow.indexOf(done)).find(is('i32.atomic.store', CHANNEL_CLAIMED, '0'))
        if (letGo === undefined) throw new Error('a counted piece stays claimed')
        expect(between(done, letGo)).toEqual([])
        expect(done.next).toEqual([letGo])
      }
    }
  })

  it('has not begun to add a record to the trace without having ended', () => {
    const flow = flowOf('trace')
    const [entered, ...others] = flow.filter(is('i32.atomic.rmw.add', TRACE + TRACE_ENTERED))
    const [left] = flow.filter(is('i32.atomic.rmw.add', TRACE + TRACE_LEFT))
    if (!entered || !left) throw new Error('trace is not what this test takes it for')
    expect(others).toEqual([])
    expect(endsBetween(entered, left)).toEqual([])
    // The whole record is written in between, its kind last.
    const steps = between(entered, left)
    const written = flow.filter((instruction) => steps.includes(instruction) && writes(instruction))
    expect(written).toHaveLength(9)
    expect(written.at(-1)).toMatchObject({ name: 'i32.atomic.store', offset: TRACE_KIND })
  })

  it.each(['traceStart', 'traceStop', 'traceReclaim'])('in %s does not hold the lock of the trace', (name) => {
    const flow = flowOf(name)
    const [lock, ...others] = flow.filter(is('i32.atomic.rmw.cmpxchg', TRACE + TRACE_LOCK))
    const unlocks = flow.filter(is('i32.atomic.store', TRACE + TRACE_LOCK, '0'))
    if (!lock) throw new Error(`${name} takes no lock`)
    expect(others).toEqual([])
    expect(unlocks.length).toBeGreaterThan(0)
    for (const unlock of unlocks) expect(endsBetween(lock, unlock)).toEqual([])
    for (const end of flow.filter((instruction) => instruction.name === 'end')) {
      expect(between(lock, end, unlocks).filter(writes)).toEqual([])
    }
  })

  it('has not told an outcome of a copy that is then settled again', () => {
    const settlers = [...functions.values()].filter(
      (flow) => flow.some(is('f64.store', RECORD_END)) && flow.some(is('i64.store', DRIVER_TAIL)),
    )
    expect(settlers.length).toBeGreaterThanOrEqual(2)
    for (const flow of settlers) {
      for (const settled of flow.filter(is('f64.store', RECORD_END))) {
        for (const passed of flow.filter(is('i64.store', DRIVER_TAIL))) {
          expect(endsBetween(settled, passed)).toEqual([])
        }
      }
    }
  })

  it.each(['semaphoreGive', 'semaphoreEnd'])('in %s has told everybody whom its step concerns', (name) => {
    const flow = flowOf(name)
    const [step, ...others] = flow.filter(is('i64.atomic.rmw.cmpxchg', SEMAPHORE_COUNT))
    if (!step) throw new Error(`${name} is not what this test takes it for`)
    expect(others).toEqual([])
    // Notifications have no offset; they are in the order of the words.
    const notifications = flow.filter((instruction) => instruction.name === 'memory.atomic.notify')
    expect(notifications).toHaveLength(2)
    for (const [i, word] of [SEMAPHORE_WAKE, SEMAPHORE_NEWS].entries()) {
      const [change, ...changes] = flow.filter(is('i32.atomic.rmw.add', word))
      const notify = notifications[i]
      if (!change || !notify) throw new Error(`${name} does not tell`)
      expect(changes).toEqual([])
      expect(endsBetween(step, notify)).toEqual([])
      // First the word, then the notification.
      expect(between(step, notify)).toContain(change)
      expect(change.next).toEqual([notify])
    }
  })

  it('is found by these checks if the code is wrong', () => {
    const wrong = (inside: string): Flow => {
      const functions = functionsOf(`(module (export "f" (func $0)) (func $0 (param $0 i32)
        (loop $retry (br_if $retry (i32.atomic.rmw.cmpxchg (local.get $0) (i32.const 0) (i32.const 1))))
        ${inside} (i32.atomic.store (local.get $0) (i32.const 0))))`)
      return functions.get('f') ?? []
    }
    const hazards = (flow: Flow): string[] => {
      const [lock] = flow.filter(isLock)
      const [unlock] = flow.filter(isUnlock)
      return lock === undefined || unlock === undefined ? ['?'] : endsBetween(lock, unlock)
    }
    expect(hazards(wrong('(i32.store offset=4 (local.get $0) (i32.const 7))'))).toEqual([])
    expect(hazards(wrong('(call $1 (local.get $0))'))).toEqual(['call'])
    expect(hazards(wrong('(if (local.get $0) (then (call $1)))'))).toEqual(['call'])
    expect(hazards(wrong('(loop $more (br_if $more (i32.load (local.get $0))))'))).toEqual(['loop'])
    expect(hazards(wrong('(block $out (br_if $out (local.get $0)) (call_indirect $0))'))).toEqual(['call_indirect'])
  })
})

/** A driver in a memory of its own, whose channel is played by the test. */
class Bench {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly microcode: Microcode
  readonly #driver = 0x10000
  readonly #channel = 0x12000
  readonly #client = 0x13000
  readonly #record = 0x13040

  /** Where copies may go: everything below is the bench's. */
  static readonly FREE = 0x20000

  constructor(pages: number, helpers = 0, now: () => number = () => performance.now()) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    this.bytes = new Uint8Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.microcode = instantiateMicrocode(memory, { now, interrupt: () => 0, foreign: () => 0 }, microcodeModule())
    this.microcode.choiceInit()
    const slots = 16
    const table = this.#driver + DRIVER_SIZE
    this.#set(this.#driver + DRIVER_BACKLOG, slots)
    this.#set(this.#driver + DRIVER_MASK, slots - 1)
    this.#set(this.#driver + DRIVER_RING, 0x11000)
    expect(0x11000 + slots * DESCRIPTOR_SIZE).toBeLessThan(this.#channel)
    this.#set(this.#driver + DRIVER_CHANNEL, this.#channel)
    this.#set(this.#driver + DRIVER_HELPERS, table)
    this.#set(this.#driver + DRIVER_HELPER_COUNT, helpers)
    this.#set(this.#channel + CHANNEL_DRIVER, this.#driver)
    for (let i = 0; i < helpers; i++) {
      const helper = 0x14000 + i * CHANNEL_SIZE
      this.#set(table + 4 * i, helper)
      this.#set(helper + CHANNEL_STATE, CHANNEL_STATE_RUNNING)
    }
  }

  /** Carries out a copy as a channel's thread does. */
  copy(destination: number, source: number, length: number): void {
    const { microcode } = this
    const accepted = microcode.submit(this.#driver, this.#client, destination, source, length, this.#record, 0, 0)
    expect(accepted).toBe(SUBMIT_ACCEPTED)
    expect(microcode.step(this.#channel, 0)).toBe(STEP_WORKED)
    expect(microcode.inFlight(this.#driver)).toBe(0)
  }

  /** Carries out a copy, and compares the whole memory above FREE with what a memmove makes of it. */
  expectCopy(destination: number, source: number, length: number, around = 256): void {
    const low = Math.max(Bench.FREE, Math.min(destination, source) - around)
    const high = Math.min(this.bytes.length, Math.max(destination, source) + length + around)
    const expected = Buffer.from(this.bytes.slice(low, high))
    expected.copyWithin(destination - low, source - low, source - low + length)
    this.copy(destination, source, length)
    const same = Buffer.compare(expected, this.bytes.subarray(low, high)) === 0
    if (!same) throw new Error(`${length} bytes from ${source} to ${destination} were not copied as memmove does`)
  }

  choice(row: number, lengthClass: number): number {
    return this.words[choiceIndex(row, lengthClass)] ?? -1
  }

  /** Every copy of this row is made by one option, whatever was measured. */
  force(row: number, option: number): void {
    for (let c = 0; c < KERNEL_CLASSES; c++) this.words[choiceIndex(row, c)] = option
  }

  forceAll(option: number): void {
    for (const row of [ROW_CONGRUENT, ROW_SHIFTED]) this.force(row, option)
  }

  /** Different bytes everywhere. */
  fill(seed: number): void {
    let state = seed
    const words = this.words.subarray(Bench.FREE >> 2)
    for (let i = 0; i < words.length; i++) words[i] = state = Math.imul(state, 1664525) + 1013904223
  }

  get bytesCopied(): number {
    return this.words[(this.#driver + DRIVER_BYTES) >> 2] ?? 0
  }

  get completed(): number {
    return this.words[(this.#driver + DRIVER_COMPLETED) >> 2] ?? 0
  }

  #set(address: number, value: number): void {
    this.words[address >> 2] = value
  }
}

const choiceIndex = (row: number, lengthClass: number): number =>
  (SOC_BLOCK + SOC_CHOICES + 4 * (row * KERNEL_CLASSES + lengthClass)) >> 2

/** The class of a length, as layout.ts describes it. */
const classOf = (length: number): number => 32 - Math.clz32(length) - KERNEL_CLASS_BIAS

function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('short copies', () => {
  it('of 0 to 64 bytes move as memmove at every distance, overlapping or not', () => {
    const bench = new Bench(4)
    const at = Bench.FREE + 1024
    for (let length = 0; length <= 66; length++) {
      bench.fill(length + 1)
      for (let distance = -70; distance <= 70; distance++) bench.expectCopy(at + distance, at, length, 80)
    }
  })

  it('of 0 to 64 bytes at every alignment touch nothing beside them', () => {
    const bench = new Bench(4)
    bench.fill(1)
    for (let length = 0; length <= 64; length++) {
      for (let offset = 0; offset < 16; offset++) {
        bench.expectCopy(Bench.FREE + 4096 + offset, Bench.FREE + 1024 + ((offset * 7) & 15), length, 80)
      }
    }
  })

  it('count their bytes and publish their completion', () => {
    const bench = new Bench(4)
    bench.copy(Bench.FREE, Bench.FREE + 64, 10)
    bench.copy(Bench.FREE, Bench.FREE + 64, 32)
    expect({ bytes: bench.bytesCopied, completed: bench.completed }).toEqual({ bytes: 42, completed: 2 })
  })
})

describe.each(Array.from({ length: KERNEL_OPTIONS }, (_, option) => option))('kernel %i', (kernel) => {
  const bench = new Bench(96)

  beforeAll(() => {
    bench.forceAll(kernel)
  })

  it('copies every length around its thresholds at every alignment', () => {
    bench.fill(kernel + 1)
    const lengths = [
      ...[KERNEL_SMALLEST, KERNEL_SMALL_PIECE, 2 * KERNEL_SMALL_PIECE, 4096].flatMap((n) => [n - 1, n, n + 1]),
      ...[2048 + 127, 2048 + 128, 2048 + 129, 3 * KERNEL_SMALL_PIECE],
    ]
    for (const length of lengths) {
      for (let d = 0; d < 16; d++) {
        for (const s of [0, 1, 5, 8, 15]) bench.expectCopy(Bench.FREE + 65_536 + d, Bench.FREE + 16_384 + s, length)
      }
    }
  })

  it('copies large ranges, whole pieces and what is left over', () => {
    bench.fill(kernel + 5)
    for (const length of [
      KERNEL_LARGE_PIECE - 1,
      KERNEL_LARGE_PIECE,
      KERNEL_LARGE_PIECE + 1,
      2 * KERNEL_LARGE_PIECE + 77,
    ]) {
      bench.expectCopy(Bench.FREE + MIB, Bench.FREE, length)
      bench.expectCopy(Bench.FREE + MIB + 3, Bench.FREE + 64, length)
    }
  })

  it('copies overlapping ranges as memmove does', () => {
    const random = randomNumbers(kernel + 9)
    bench.fill(kernel + 9)
    for (let i = 0; i < 200; i++) {
      const length = 2048 + random(20_000)
      const at = Bench.FREE + 32_768 + random(64)
      bench.expectCopy(at + random(2 * length) - length, at, length)
    }
    // Ranges that only touch do not overlap.
    bench.expectCopy(Bench.FREE + 40_960, Bench.FREE + 32_768, 8192)
    bench.expectCopy(Bench.FREE + 32_768, Bench.FREE + 40_960, 8192)
  })

  it('copies random ranges', () => {
    const random = randomNumbers(kernel + 77)
    bench.fill(kernel + 77)
    for (let i = 0; i < 300; i++) {
      const length = 1 + random(2 ** random(19))
      bench.expectCopy(Bench.FREE + random(2 * MIB), Bench.FREE + random(2 * MIB), length)
    }
  })

  it('copies the last bytes of the memory', () => {
    for (const length of [1, 63, 2047, 2048, 5000]) {
      bench.expectCopy(bench.bytes.length - length, Bench.FREE, length)
      bench.expectCopy(Bench.FREE, bench.bytes.length - length, length)
    }
  })
})

describe('the measurement of the kernels', () => {
  const SCRATCH = Bench.FREE

  it('chooses one for every class and row that it measures, and touches nothing but its scratch', () => {
    const bench = new Bench(96)
    const guard = SCRATCH + CALIBRATION_SCRATCH
    bench.bytes.fill(0x5a, guard)
    bench.microcode.calibrate(SCRATCH)
    expect(bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2]).toBe(2)
    for (let c = 0; c < KERNEL_FIRST_TRIED_CLASS; c++) {
      for (const row of [ROW_CONGRUENT, ROW_SHIFTED]) {
        expect(bench.choice(row, c)).toBeGreaterThanOrEqual(0)
        expect(bench.choice(row, c)).toBeLessThan(KERNEL_OPTIONS)
      }
    }
    for (let c = KERNEL_FIRST_TRIED_CLASS; c < KERNEL_CLASSES; c++) {
      for (let row = 0; row < KERNEL_ROWS; row++) expect(bench.choice(row, c)).toBe(CHOICE_OPEN)
    }
    expect(bench.bytes.subarray(guard).every((byte) => byte === 0x5a)).toBe(true)
  })

  it('is made once: a second thread leaves the choices alone', () => {
    const bench = new Bench(96)
    bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2] = 1
    bench.force(ROW_CONGRUENT, 3)
    bench.microcode.calibrate(SCRATCH)
    expect(bench.choice(ROW_CONGRUENT, 0)).toBe(3)
    expect(bench.words[(SOC_BLOCK + SOC_CALIBRATION) >> 2]).toBe(1)
  })

  it('chooses what took the least time, and one memory.copy when the difference is small', () => {
    // The clock is read before and after each run: kernel 2 takes half the time on congruent ranges, kernel 3 a little less.
    let reads = 0
    let time = 0
    const rounds = 3
    const now = (): number => {
      if (reads++ % 2 === 1) {
        const run = (reads - 2) / 2
        const kernel = run % KERNEL_OPTIONS
        const row = Math.floor(run / (KERNEL_OPTIONS * rounds)) % 2
        time += row === ROW_CONGRUENT ? ([10, 11, 5, 6][kernel] ?? 0) : ([10, 9.7, 11, 9.8][kernel] ?? 0)
      }
      return time
    }
    const bench = new Bench(96, 0, now)
    bench.microcode.calibrate(SCRATCH)
    for (let c = 0; c < KERNEL_FIRST_TRIED_CLASS; c++) {
      expect(bench.choice(ROW_CONGRUENT, c)).toBe(2)
      expect(bench.choice(ROW_SHIFTED, c)).toBe(0)
    }
  })

  it('of large copies is made on the copies themselves, each of which is right', () => {
    const bench = new Bench(192)
    const length = 3 * MIB
    const c = classOf(length)
    bench.fill(3)
    for (let trial = 0; trial < KERNEL_OPTIONS * KERNEL_TRIALS; trial++) {
      expect(bench.choice(ROW_CONGRUENT, c)).toBe(CHOICE_OPEN + trial)
      bench.expectCopy(Bench.FREE + 5 * MIB, Bench.FREE + 64 * trial, length)
    }
    expect(bench.choice(ROW_CONGRUENT, c)).toBeLessThan(KERNEL_OPTIONS)
    expect(bench.choice(ROW_SHIFTED, c)).toBe(CHOICE_OPEN)
    const settled = bench.choice(ROW_CONGRUENT, c)
    bench.expectCopy(Bench.FREE + 5 * MIB, Bench.FREE, length)
    expect(bench.choice(ROW_CONGRUENT, c)).toBe(settled)
  })

  it('does not write beyond its tables, whatever the length', () => {
    expect(SOC_CHOICES + 4 * KERNEL_ROWS * KERNEL_CLASSES).toBeLessThanOrEqual(SOC_TRIALS)
    expect(SOC_BLOCK + SOC_TRIALS + 4 * KERNEL_ROWS * KERNEL_CLASSES * KERNEL_OPTIONS).toBeLessThanOrEqual(0x4000)
    expect(classOf(KERNEL_SMALLEST)).toBe(0)
    expect(classOf(0xffffffff)).toBe(KERNEL_CLASSES - 1)
  })
})

describe.each(Array.from({ length: KERNEL_OPTIONS }, (_, option) => option))('sharing out, option %i', (option) => {
  it.each([1, 2, 15])('with %i helpers that never come, the consumer writes every piece', (helpers) => {
    const bench = new Bench(176, helpers)
    bench.force(ROW_SPLIT, option)
    bench.fill(option + helpers)
    for (const length of [SPLIT_THRESHOLD, SPLIT_THRESHOLD + 1, 3 * MIB + 12_345]) {
      bench.expectCopy(Bench.FREE + 5 * MIB + 7, Bench.FREE + option, length)
      bench.expectCopy(Bench.FREE, Bench.FREE + 4 * MIB, length)
    }
    expect(bench.completed).toBe(6)
  })

  it('ranges that overlap are not shared out, and move as memmove does', () => {
    const bench = new Bench(176, 2)
    bench.force(ROW_SPLIT, option)
    bench.fill(option)
    for (const distance of [1, -1, 64, -64, 1_000_000, -1_000_000]) {
      bench.expectCopy(Bench.FREE + 3 * MIB + distance, Bench.FREE + 3 * MIB, SPLIT_THRESHOLD + 4096)
    }
  })
})

describe('sharing out, not yet settled', () => {
  it('tries every size of piece, then stays with one', () => {
    const bench = new Bench(176, 1)
    const length = 2 * MIB + 1
    bench.fill(1)
    for (let i = 0; i < KERNEL_OPTIONS * KERNEL_TRIALS; i++)
      bench.expectCopy(Bench.FREE + 5 * MIB, Bench.FREE + i, length)
    expect(bench.choice(ROW_SPLIT, classOf(length))).toBeLessThan(KERNEL_OPTIONS)
    bench.expectCopy(Bench.FREE + 5 * MIB, Bench.FREE, length)
  })
})

function sectionsOf(bytes: Uint8Array): Set<number> {
  const ids = new Set<number>()
  for (let at = 8; at < bytes.length;) {
    ids.add(bytes[at++] ?? 0)
    let size = 0
    let shift = 0
    let byte: number
    do {
      byte = bytes[at++] ?? 0
      size |= (byte & 0x7f) << shift
      shift += 7
    } while (byte > 0x7f)
    at += size
  }
  return ids
}
