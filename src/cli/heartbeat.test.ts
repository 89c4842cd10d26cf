import { setImmediate as nextTurn } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { Heartbeat } from './heartbeat.ts'
import { DelayRecord } from './loop-delays.ts'

const hold = (ms: number): void => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('what holds the loop is recorded at the next turn, in full', async () => {
  const record = new DelayRecord()
  const heartbeat = new Heartbeat(record)
  heartbeat.start()
  hold(20)
  await nextTurn()
  hold(5)
  await nextTurn()
  heartbeat.stop()
  expect(record.delays.beats).toBe(2)
  expect(record.delays.longestMs).toBeGreaterThanOrEqual(20)
  expect(record.delays.heldMs).toBeGreaterThanOrEqual(25)
})

test('it beats in every turn until it is stopped', async () => {
  const record = new DelayRecord()
  const heartbeat = new Heartbeat(record)
  heartbeat.start()
  for (let i = 0; i < 10; i++) await nextTurn()
  heartbeat.stop()
  const { beats } = record.delays
  expect(beats).toBe(10)
  for (let i = 0; i < 3; i++) await nextTurn()
  expect(record.delays.beats).toBe(beats)
})

test('started again it is one heartbeat, not two, and the pause does not count', async () => {
  const record = new DelayRecord()
  const heartbeat = new Heartbeat(record)
  heartbeat.start()
  heartbeat.stop()
  hold(20)
  heartbeat.start()
  heartbeat.start()
  await nextTurn()
  heartbeat.stop()
  expect(record.delays.beats).toBe(1)
  expect(record.delays.longestMs).toBeLessThan(20)
})
