import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'

import {
  CLIENT_RECORDS,
  CONTROL_END,
  CONTROL_HEAP,
  RECORD_DONE,
  RECORD_END,
  RECORD_PENDING,
  RECORD_SIZE,
  RECORD_START,
  RECORD_STATE,
  RECORD_STATUS,
  RECORD_WITHDRAWN,
} from '../microcode/layout.ts'
import { AddressSpace, PAGE } from '../soc/address-space.ts'

import type { CopyEvent } from './copy-event.ts'
import { Inbox, type Entry, type Listener } from './inbox.ts'

const CLIENT = CONTROL_HEAP

describe('inbox', () => {
  let space: AddressSpace
  beforeEach(() => {
    const pages = CONTROL_END / PAGE
    space = new AddressSpace(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }))
  })

  /** What the channel leaves in a record. */
  function settle(
    record: number,
    outcome: { state?: number; status?: number; start?: number; end?: number } = {},
  ): void {
    const { state = RECORD_DONE, status = 0, start = 0, end = 0 } = outcome
    space.words[(record + RECORD_STATUS) >> 2] = status
    space.doubles[(record + RECORD_START) >> 3] = start
    space.doubles[(record + RECORD_END) >> 3] = end
    space.words[(record + RECORD_STATE) >> 2] = state
  }

  /** Accepts a copy as the driver's port does. */
  function accept(inbox: Inbox, sequence: number, listener: Listener = () => false, completed = 0): Entry {
    const record = inbox.nextRecord(() => completed)
    if (record === 0) throw new Error('no record')
    space.words[(record + RECORD_STATE) >> 2] = RECORD_PENDING
    return inbox.add(sequence, record, 100 + sequence, listener)
  }

  it('hands out the records in turn', () => {
    const inbox = new Inbox(space, CLIENT, 4)
    const records = [0, 1, 2, 3].map((sequence) => accept(inbox, sequence).record)
    expect(records).toEqual([0, 1, 2, 3].map((i) => CLIENT + CLIENT_RECORDS + i * RECORD_SIZE))
  })

  it('has no record while all belong to copies in flight', () => {
    const inbox = new Inbox(space, CLIENT, 2)
    accept(inbox, 0)
    accept(inbox, 1)
    expect(inbox.nextRecord(() => 0)).toBe(0)
  })

  it('tells what is in the record, to the listener and in order, and only of what is completed', () => {
    const inbox = new Inbox(space, CLIENT, 4)
    const heard: (CopyEvent | undefined)[] = []
    for (let sequence = 0; sequence < 3; sequence++) {
      settle(accept(inbox, sequence, (event) => heard.push(event) < 0).record, { start: sequence, end: sequence + 0.5 })
    }
    expect(inbox.deliver(0)).toBe(false)
    expect(heard).toEqual([])
    expect(inbox.deliver(2)).toBe(false)
    expect(heard).toEqual([
      { status: 0, bytes: 100, sequence: 0, startTime: 0, endTime: 0.5, path: 'dma' },
      { status: 0, bytes: 101, sequence: 1, startTime: 1, endTime: 1.5, path: 'dma' },
    ])
    expect(inbox.isEmpty).toBe(false)
    expect(inbox.oldest?.sequence).toBe(2)
    inbox.deliver(3)
    expect(heard).toHaveLength(3)
    expect(inbox.isEmpty).toBe(true)
    expect(inbox.oldest).toBeUndefined()
  })

  it('a failed copy has copied nothing', () => {
    const inbox = new Inbox(space, CLIENT, 1)
    const heard: (CopyEvent | undefined)[] = []
    settle(accept(inbox, 7, (event) => heard.push(event) < 0).record, { status: -1, start: 1, end: 2 })
    inbox.deliver(8)
    expect(heard).toEqual([{ status: -1, bytes: 0, sequence: 7, startTime: 1, endTime: 2, path: 'dma' }])
  })

  it('a withdrawn copy has no outcome', () => {
    const inbox = new Inbox(space, CLIENT, 1)
    const heard: (CopyEvent | undefined)[] = []
    settle(accept(inbox, 0, (event) => heard.push(event) < 0).record, { state: RECORD_WITHDRAWN })
    inbox.deliver(1)
    expect(heard).toEqual([undefined])
  })

  it('a listener that asks to yield is the last one until the next delivery', () => {
    const inbox = new Inbox(space, CLIENT, 4)
    const heard: number[] = []
    for (let sequence = 0; sequence < 3; sequence++) {
      settle(accept(inbox, sequence, () => heard.push(sequence) === 1).record)
    }
    expect(inbox.deliver(3)).toBe(true)
    expect(heard).toEqual([0])
    expect(inbox.deliver(3)).toBe(false)
    expect(heard).toEqual([0, 1, 2])
  })

  it('a listener may accept further copies, which have their turn when they are completed', () => {
    const inbox = new Inbox(space, CLIENT, 2)
    const heard: number[] = []
    settle(
      accept(inbox, 0, () => {
        heard.push(0)
        settle(accept(inbox, 1, () => heard.push(1) < 0, 1).record)
        return false
      }).record,
    )
    inbox.deliver(1)
    expect(heard).toEqual([0])
    inbox.deliver(2)
    expect(heard).toEqual([0, 1])
  })

  it('a copy whose outcome is taken before its turn is told then, and those before it in their turn', () => {
    const inbox = new Inbox(space, CLIENT, 4)
    const heard: number[] = []
    const entries = [0, 1, 2].map((sequence) => accept(inbox, sequence, () => heard.push(sequence) < 0))
    for (const { record } of entries) settle(record, { end: 5 })
    const [, , last] = entries
    expect(last && inbox.take(last)).toMatchObject({ sequence: 2, endTime: 5, path: 'dma' })
    inbox.deliver(3)
    expect(heard).toEqual([2, 0, 1])
    expect(inbox.isEmpty).toBe(true)
  })

  it('whoever submits without ever looking keeps every outcome, though the records are reused', () => {
    const slots = 4
    const inbox = new Inbox(space, CLIENT, slots)
    const heard: (CopyEvent | undefined)[] = []
    const count = 5000
    for (let sequence = 0; sequence < count; sequence++) {
      const { record } = accept(inbox, sequence, (event) => heard.push(event) < 0, sequence)
      settle(record, { start: sequence, end: sequence + 1, status: sequence % 3 === 0 ? -1 : 0 })
    }
    inbox.deliver(count)
    expect(heard).toEqual(
      Array.from({ length: count }, (_, sequence) => ({
        status: sequence % 3 === 0 ? -1 : 0,
        bytes: sequence % 3 === 0 ? 0 : 100 + sequence,
        sequence,
        startTime: sequence,
        endTime: sequence + 1,
        path: 'dma',
      })),
    )
  })

  it('any interleaving of accepting, completing, looking and taking tells each outcome once and in order', () => {
    const op = fc.constantFrom('accept', 'accept', 'accept', 'complete', 'complete', 'deliver', 'take')
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 8), fc.array(op, { maxLength: 200, size: 'max' }), (slots, ops) => {
        const inbox = new Inbox(space, CLIENT, slots)
        const heard: number[] = []
        const told = new Array<number>(ops.length).fill(0)
        const taken = new Set<number>()
        const inFlight: Entry[] = []
        let accepted = 0
        let completed = 0
        for (const what of ops) {
          if (what === 'accept') {
            if (accepted - completed === slots) {
              expect(inbox.nextRecord(() => completed)).toBe(0)
              continue
            }
            const mine = accepted++
            const entry = accept(
              inbox,
              mine,
              (event) => {
                expect(event).toMatchObject({ sequence: mine, bytes: 100 + mine, startTime: mine * 2 })
                told[mine] = (told[mine] ?? 0) + 1
                if (!taken.has(mine)) heard.push(mine)
                return mine % 5 === 0
              },
              completed,
            )
            inFlight.push(entry)
          } else if (what === 'complete') {
            const entry = inFlight.shift()
            if (entry !== undefined) settle(entry.record, { start: completed++ * 2 })
          } else if (what === 'take') {
            // As copySync does: its own copy, the newest, when it is completed.
            if (inFlight.length !== 1 || inFlight[0] === undefined) continue
            const entry = inFlight.splice(0, 1)[0] ?? expect.unreachable()
            settle(entry.record, { start: completed++ * 2 })
            taken.add(entry.sequence)
            expect(inbox.take(entry)).toMatchObject({ sequence: entry.sequence, startTime: entry.sequence * 2 })
          } else inbox.deliver(completed)
        }
        while (inbox.deliver(completed));
        const expected = Array.from({ length: completed }, (_, i) => i).filter((i) => !taken.has(i))
        expect(heard).toEqual(expected)
        expect(told).toEqual(told.map((_, i) => Number(i < completed)))
      }),
    )
  })
})
