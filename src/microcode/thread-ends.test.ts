/** Where a thread that runs the microcode may be ended: what it does between, by its compiled code. */
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
  CHANNEL_CLAIMED,
  CHANNEL_PARKED,
  CLAIMING,
  DESCRIPTOR_TURN,
  DRIVER_HEAD,
  DRIVER_TAIL,
  RECORD_END,
  REGION_LOCK,
  SOC_BLOCK,
  SOC_TRACE,
  SPLIT_CLAIM,
  SPLIT_DONE,
} from './layout.ts'
import { microcodeHex } from './microcode.generated.ts'
import { SEMAPHORE_COUNT, SEMAPHORE_NEWS, SEMAPHORE_WAKE } from './semaphore-layout.ts'
import { TRACE_ENTERED, TRACE_KIND, TRACE_LEFT, TRACE_LOCK } from './trace-layout.ts'

const TRACE = SOC_BLOCK + SOC_TRACE

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
