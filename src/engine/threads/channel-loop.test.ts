/** A channel's loop, with a microcode and a clock that do what the test says: when it looks, when it parks, when it ends. */
import { describe, expect, it } from 'vitest'

import {
  CHANNEL_PARKED,
  CHANNEL_PARKS,
  CHANNEL_SPIN,
  CHANNEL_STOP,
  CONTROL_REGION,
  STEP_DETACHED,
  STEP_IDLE,
  STEP_MET,
  STEP_WORKED,
} from '../../microcode/layout.ts'
import type { Microcode } from '../../microcode/microcode.ts'

import { runChannel } from './channel-loop.ts'

const CHANNEL = 64
const word = (offset: number): number => (CHANNEL + offset) >> 2

/** What happened, in order: `park` is the last look before it sleeps, `woken` the end of its sleep. */
type Happening = 'step' | 'park' | 'woken'

interface Script {
  /** Longest time to look for work. */
  readonly spinMs: number
  /** Result of each step. The channel is told to stop with the last one. */
  readonly steps: readonly number[]
  /** How long a step takes. */
  readonly stepMs: number
  /** How long it sleeps each time. Then somebody wakes it. */
  readonly sleepMs?: number
  /** Whether there is work at the last look before it parks, each time. */
  readonly hasWork?: readonly number[]
}

/** Runs the loop. Somebody wakes the channel each time just before it would sleep, so that the test does not block. */
function run(script: Script): { happenings: Happening[]; parks: number; parked: number; looks: number[] } {
  const buffer = new SharedArrayBuffer(CONTROL_REGION)
  const words = new Int32Array(buffer)
  const doubles = new Float64Array(buffer)
  doubles[(CHANNEL + CHANNEL_SPIN) >> 3] = script.spinMs
  const happenings: Happening[] = []
  const looks: number[] = []
  const steps = [...script.steps]
  const hasWork = [...(script.hasWork ?? [])]
  let nowMs = 0
  const microcode: Pick<Microcode, 'step' | 'hasWork'> = {
    step: (channel, spins) => {
      expect(channel).toBe(CHANNEL)
      expect(words[word(CHANNEL_PARKED)]).toBe(0)
      happenings.push('step')
      looks.push(spins)
      nowMs += script.stepMs
      const result = steps.shift() ?? STEP_IDLE
      if (steps.length === 0) Atomics.store(words, word(CHANNEL_STOP), 1)
      return result
    },
    hasWork: () => {
      // Whoever submits from here on sees the word: it is set before the last look.
      expect(words[word(CHANNEL_PARKED)]).toBe(1)
      happenings.push('park')
      const answer = hasWork.shift() ?? 0
      if (answer === 0) {
        Atomics.store(words, word(CHANNEL_PARKED), 0)
        happenings.push('woken')
        nowMs += script.sleepMs ?? 0
      }
      return answer
    },
  }
  runChannel({ channel: CHANNEL, words, doubles, microcode: microcode as Microcode, now: () => nowMs })
  return { happenings, parks: words[word(CHANNEL_PARKS)] ?? 0, parked: words[word(CHANNEL_PARKED)] ?? 0, looks }
}

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value)

describe('the loop of a channel', () => {
  it('ends when it is told to stop, without another step', () => {
    expect(run({ spinMs: 1, stepMs: 0.01, steps: [STEP_WORKED] }).happenings).toEqual(['step'])
  })

  it('goes on at once as long as there is work', () => {
    const { happenings, parks } = run({ spinMs: 0.1, stepMs: 1, steps: times(50, STEP_WORKED) })
    expect(happenings).toEqual(times(50, 'step'))
    expect(parks).toBe(0)
  })

  it('looks for work for as long as it may, then parks', () => {
    const { happenings } = run({ spinMs: 0.1, stepMs: 0.04, steps: [STEP_WORKED, ...times(3, STEP_IDLE), STEP_WORKED] })
    expect(happenings).toEqual(['step', 'step', 'step', 'step', 'park', 'woken', 'step'])
  })

  it('parks without a look if it may not look', () => {
    const { happenings, looks } = run({ spinMs: 0, stepMs: 0.01, steps: times(3, STEP_IDLE) })
    expect(happenings).toEqual(['step', 'park', 'woken', 'step', 'park', 'woken', 'step', 'park', 'woken'])
    expect(looks).toEqual([0, 0, 0])
  })

  it('parks at once when it serves nobody, whatever it may', () => {
    const { happenings } = run({ spinMs: 1000, stepMs: 0.01, steps: [STEP_DETACHED, STEP_WORKED] })
    expect(happenings.slice(0, 3)).toEqual(['step', 'park', 'woken'])
  })

  it('does not sleep if there is work at the last look', () => {
    const { happenings, parks, parked } = run({
      spinMs: 0,
      stepMs: 0.01,
      steps: [STEP_IDLE, STEP_WORKED, STEP_IDLE],
      hasWork: [1, 1, 1],
    })
    expect(happenings.filter((happening) => happening === 'woken')).toEqual([])
    expect({ parks, parked }).toEqual({ parks: 0, parked: 0 })
  })

  it('looks less and less for work that does not come, and in the end not at all', () => {
    const { happenings, parks } = run({ spinMs: 0.1, stepMs: 0.01, sleepMs: 50, steps: times(200, STEP_IDLE) })
    const spells = happenings
      .join(' ')
      .split('park woken')
      .map((spell) => spell.split('step').length - 1)
    expect(spells[0]).toBeGreaterThanOrEqual(10)
    for (let i = 1; i < 20; i++) expect(spells[i]).toBeLessThanOrEqual(spells[i - 1] ?? 0)
    expect(spells.slice(20, 50)).toEqual(times(30, 1))
    expect(parks).toBeGreaterThan(100)
  })

  it('looks for as long as it may again while work comes as it looks', () => {
    const spell = [STEP_MET, ...times(8, STEP_IDLE)]
    const { happenings } = run({ spinMs: 1 / 8, stepMs: 1 / 64, sleepMs: 50, steps: times(5, spell).flat() })
    const spells = happenings
      .join(' ')
      .split('park woken')
      .map((steps) => steps.split('step').length - 1)
    expect(spells.slice(0, 5)).toEqual(times(5, 9))
  })
})
