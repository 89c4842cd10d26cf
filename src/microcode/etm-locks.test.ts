/** The compiled matrix, pins and timers: no thread is ended where others would have to wait for it for ever. */
import { beforeAll, describe, expect, it } from 'vitest'

import {
  between,
  disassemble,
  endsBetween,
  writes,
  type Flow,
  type Instruction,
} from '../../test/support/control-flow.ts'

import {
  ETM_ENTERED,
  ETM_LEFT,
  ETM_LOCK,
  PIN_EDGES,
  PIN_NEWS,
  PIN_STATE,
  PIN_WAITING,
  TIMER_LOCK,
} from './etm-layout.ts'
import { CHANNEL_FOLLOWING, ETM_BLOCK, SOC_BLOCK, SOC_OBJECTS } from './layout.ts'
import { microcodeHex } from './microcode.generated.ts'
import { OBJECTS_LOCK } from './object-layout.ts'

type Test = (instruction: Instruction) => boolean

const is =
  (name: string, offset: number, constant?: string): Test =>
  (instruction) =>
    instruction.name === name &&
    instruction.offset === offset &&
    (constant === undefined || instruction.constant === constant)

describe('a thread that is ended', () => {
  let functions: Map<string, Flow>

  beforeAll(() => {
    functions = disassemble(Buffer.from(microcodeHex, 'hex'))
  })

  /** Functions in which something happens. What is inlined happens in several. */
  const functionsWith = (test: Test): [name: string, flow: Flow][] =>
    [...functions].filter(([, flow]) => flow.some(test))

  /** In every function that takes a lock, each way from the lock to its end gives it back, without a loop or a call. */
  function expectHeldBriefly(lock: Test, unlock: Test, atLeast: readonly string[]): string[] {
    const holders = functionsWith(lock)
    expect(holders.map(([name]) => name)).toEqual(expect.arrayContaining([...atLeast]))
    for (const [name, flow] of holders) {
      const locks = flow.filter(lock)
      const unlocks = flow.filter(unlock)
      const ends = flow.filter((instruction) => instruction.name === 'end')
      expect(unlocks.length, name).toBeGreaterThan(0)
      for (const from of locks) {
        for (const to of unlocks) expect(endsBetween(from, to), name).toEqual([])
        for (const end of ends) expect(between(from, end, unlocks).filter(writes), name).toEqual([])
      }
    }
    return holders.map(([name]) => name)
  }

  it('does not hold the lock of the matrix', () => {
    expectHeldBriefly(
      is('i32.atomic.rmw.cmpxchg', ETM_BLOCK + ETM_LOCK),
      is('i32.atomic.store', ETM_BLOCK + ETM_LOCK, '0'),
      [
        ...[
          'etmConnect',
          'etmEnable',
          'etmDisable',
          'etmDeleteChannel',
          'etmRetain',
          'etmListen',
          'etmFollow',
          'etmBind',
          'etmUnbind',
          'etmDelete',
        ],
      ],
    )
  })

  it('does not hold the lock of the objects inside that of the matrix', () => {
    const flow = functions.get('etmDelete') ?? []
    const [lock, ...others] = flow.filter(is('i32.atomic.rmw.cmpxchg', SOC_BLOCK + SOC_OBJECTS + OBJECTS_LOCK))
    const unlocks = flow.filter(is('i32.atomic.store', SOC_BLOCK + SOC_OBJECTS + OBJECTS_LOCK, '0'))
    if (lock === undefined) throw new Error('etmDelete is not what this test takes it for')
    expect(others).toEqual([])
    expect(unlocks).toHaveLength(1)
    for (const unlock of unlocks) expect(endsBetween(lock, unlock)).toEqual([])
    // One attempt: no loop around it in which the matrix would be held.
    const [outer] = flow.filter(is('i32.atomic.rmw.cmpxchg', ETM_BLOCK + ETM_LOCK))
    if (outer === undefined) throw new Error('etmDelete takes no lock')
    expect(endsBetween(outer, lock)).toEqual([])
  })

  it("does not hold a timer's lock", () => {
    const holders = expectHeldBriefly(
      is('i32.atomic.rmw.cmpxchg', TIMER_LOCK),
      is('i32.atomic.store', TIMER_LOCK, '0'),
      [...['timerOperate', 'timerCount', 'timerSet']],
    )
    // And the alarm itself, which has no name.
    expect(holders.length).toBeGreaterThanOrEqual(4)
  })

  it('has counted itself in for its opener when it has for the others, and out the same way', () => {
    const entered = is('i32.atomic.rmw.add', ETM_BLOCK + ETM_ENTERED)
    const left = is('i32.atomic.rmw.add', ETM_BLOCK + ETM_LEFT)
    expect(functionsWith(entered).length).toBeGreaterThan(0)
    for (const [name, flow] of functionsWith(entered)) {
      const marks = flow.filter(is('i32.atomic.store', CHANNEL_FOLLOWING, '1'))
      expect(marks.length, name).toBeGreaterThan(0)
      for (const from of flow.filter(entered)) {
        const reached = marks.filter((mark) => isNext(from, mark))
        expect(reached, name).not.toEqual([])
        for (const mark of reached) expect(endsBetween(from, mark), name).toEqual([])
      }
    }
    for (const [name, flow] of functionsWith(left)) {
      const marks = flow.filter(is('i32.atomic.store', CHANNEL_FOLLOWING, '0'))
      expect(marks.length, name).toBeGreaterThan(0)
      for (const to of flow.filter(left)) {
        const before = marks.filter((mark) => isNext(mark, to))
        expect(before, name).not.toEqual([])
        for (const mark of before) expect(endsBetween(mark, to), name).toEqual([])
      }
    }
  })

  it('has told of an edge that it has made', () => {
    const flow = functions.get('pinChange') ?? []
    const [count, ...others] = flow.filter(is('i64.atomic.rmw.add', PIN_EDGES))
    const changes = flow.filter(is('i32.atomic.rmw.cmpxchg', PIN_STATE))
    const [look] = flow.filter(is('i32.atomic.load', PIN_WAITING))
    const [news] = flow.filter(is('i32.atomic.rmw.add', PIN_NEWS))
    const [notify] = flow.filter(is('memory.atomic.notify', 0))
    const change = changes.find((each) => count !== undefined && isNext(each, count))
    if (!count || !change || !look || !news || !notify) throw new Error('pinChange is not what this test takes it for')
    expect(others).toEqual([])
    for (const [from, to] of [
      [change, count],
      [count, look],
      [look, news],
      [news, notify],
    ] as const) {
      expect(endsBetween(from, to)).toEqual([])
    }
  })
})

/** Whether one instruction can run directly after another, as far as instructions that touch memory are concerned. */
function isNext(from: Instruction, to: Instruction): boolean {
  return from.next.includes(to)
}
