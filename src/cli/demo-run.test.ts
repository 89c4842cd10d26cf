import { setImmediate as nextTurn } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { CommandError } from './command-error.ts'
import { copyBySet, type Blocks, type Contender } from './contenders.ts'
import { median } from './demo-figures.ts'
import { planPhases, runDemo, WARM_UP_ROUNDS } from './demo-run.ts'

const blocks = (length: number): Blocks => ({
  source: Uint8Array.from({ length }, (_, i) => (i * 7) & 255),
  destination: new Uint8Array(length),
})

test('phases alternate, who goes first too, and all rounds are in them', () => {
  expect(planPhases(20).map(({ contender, rounds }) => `${contender} ${rounds}`)).toEqual([
    ...['driver 5', 'set 5', 'set 5', 'driver 5'],
    ...['driver 5', 'set 5', 'set 5', 'driver 5'],
  ])
})

test.each([1, 2, 3, 7, 100, 1001])('%d rounds are %d for each, in phases of 25 at most', (rounds) => {
  const phases = planPhases(rounds)
  for (const name of ['driver', 'set']) {
    const own = phases.filter(({ contender }) => contender === name)
    expect(own.reduce((sum, phase) => sum + phase.rounds, 0)).toBe(rounds)
  }
  expect(Math.max(...phases.map((phase) => phase.rounds))).toBeLessThanOrEqual(25)
})

test('the figures count the rounds, not the warm-up', async () => {
  const seen: number[] = []
  let copies = 0
  const counting: Contender = (given, rounds, onCopied) => {
    copies += rounds
    return copyBySet(given, rounds, onCopied)
  }
  const figures = await runDemo(blocks(1001), { driver: counting, set: copyBySet }, 6, (done, all) => {
    seen.push(done / all)
  })
  expect(copies).toBe(WARM_UP_ROUNDS + 6)
  expect(figures.bytes).toBe(1001)
  expect(figures.driver.copies).toBe(6)
  expect(figures.set.copies).toBe(6)
  expect(figures.set.loop.beats).toBe(6)
  expect(figures.phasesVerified).toBe(2 + planPhases(6).length)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1)
})

test.each([
  ['the first byte', 0],
  ['one in the middle', 501],
  ['the last, behind the last whole word', 1002],
])('a copy that misses a byte fails the demo: %s', async (_what, missing) => {
  const missesOne: Contender = async ({ source, destination }, rounds) => {
    for (let i = 0; i < rounds; i++) {
      destination.set(source.subarray(0, missing))
      destination.set(source.subarray(missing + 1), missing + 1)
      await nextTurn()
    }
  }
  const run = runDemo(blocks(1003), { driver: missesOne, set: copyBySet }, 2, () => {})
  await expect(run).rejects.toThrow(CommandError)
  await expect(run).rejects.toThrow(`byte ${missing.toLocaleString('en-US')} of the copy by the driver is wrong`)
})

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBe(0)
})
