import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'

import { VirtualClock } from './virtual-clock.ts'

/** A turn of the event loop in which everything happens that was requested before. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('virtual clock, told to move', () => {
  it('stands still until it is told to move', async () => {
    const clock = new VirtualClock('manual')
    const happen = vi.fn()
    clock.schedule(0, happen)
    await turn()
    await turn()
    expect(happen).not.toHaveBeenCalled()
    expect(clock.idle).toBe(false)
    expect(clock.nowNs).toBe(0)
  })

  it('advance lets happen what is due up to and including its end, each at its own time', () => {
    const clock = new VirtualClock('manual')
    const times: number[] = []
    for (const ns of [1000, 0, 999, 1001, 2000]) clock.schedule(ns, () => times.push(clock.nowNs))
    clock.advance(1)
    expect(times).toEqual([0, 999, 1000])
    expect(clock.nowNs).toBe(1000)
    clock.advance(0.999)
    expect(times).toEqual([0, 999, 1000, 1001])
    expect(clock.nowNs).toBe(1999)
    clock.advance(0.001)
    expect(times).toEqual([0, 999, 1000, 1001, 2000])
    expect(clock.idle).toBe(true)
  })

  it('advance by 0 lets happen what is due now, and what that schedules for now', () => {
    const clock = new VirtualClock('manual')
    const order: string[] = []
    clock.schedule(0, () => {
      order.push('first')
      clock.schedule(0, () => order.push('its consequence'))
      clock.schedule(1, () => order.push('later'))
    })
    clock.advance(0)
    expect(order).toEqual(['first', 'its consequence'])
    expect(clock.nowNs).toBe(0)
  })

  it('counts a delay from the moment of scheduling', () => {
    const clock = new VirtualClock('manual')
    let time = -1
    clock.advance(5)
    clock.schedule(100, () => (time = clock.nowNs))
    clock.runUntilIdle()
    expect(time).toBe(5100)
  })

  it('events of one time happen in the order in which they were scheduled', () => {
    const clock = new VirtualClock('manual')
    const order: number[] = []
    for (let i = 0; i < 100; i++) clock.schedule(7, () => order.push(i))
    clock.runUntilIdle()
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('any schedule happens sorted by time, then by order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (delays) => {
        const clock = new VirtualClock('manual')
        const happened: [number, number][] = []
        delays.forEach((delay, i) => {
          clock.schedule(delay, () => happened.push([clock.nowNs, i]))
        })
        clock.runUntilIdle()
        const expected = delays
          .map((delay, i): [number, number] => [delay, i])
          .sort(([timeA, a], [timeB, b]) => timeA - timeB || a - b)
        expect(happened).toEqual(expected)
      }),
    )
  })

  it('runUntil stops as soon as the condition holds, and at its end', () => {
    const clock = new VirtualClock('manual')
    let count = 0
    for (const ns of [1, 2, 3, 4]) clock.schedule(ns, () => count++)
    clock.runUntil(() => count === 2, Infinity)
    expect([count, clock.nowNs]).toEqual([2, 2])
    clock.runUntil(() => false, 3)
    expect([count, clock.nowNs]).toEqual([3, 3])
  })

  it('runUntilIdle gives up on a program that restarts itself for ever, and the clock goes on', () => {
    const clock = new VirtualClock('manual')
    let on = true
    const again = (): void => {
      if (on) clock.schedule(1, again)
    }
    clock.schedule(0, again)
    expectEspError(
      thrownBy(() => {
        clock.runUntilIdle(1000)
      }),
      'ESP_ERR_TIMEOUT',
      1000,
    )
    expect(clock.nowNs).toBe(999)
    on = false
    clock.runUntilIdle()
    expect(clock.idle).toBe(true)
  })

  it('runUntilIdle does not give up on a program that is done at the limit', () => {
    const clock = new VirtualClock('manual')
    for (let i = 0; i < 10; i++) clock.schedule(i, () => undefined)
    clock.runUntilIdle(10)
    expect(clock.idle).toBe(true)
  })

  it('cannot be moved from inside an event', () => {
    const clock = new VirtualClock('manual')
    const errors: unknown[] = []
    clock.schedule(0, () => {
      expect(clock.running).toBe(true)
      errors.push(
        thrownBy(() => {
          clock.advance(1)
        }),
      )
      errors.push(
        thrownBy(() => {
          clock.runUntilIdle()
        }),
      )
    })
    clock.runUntilIdle()
    expect(errors).toHaveLength(2)
    for (const error of errors) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'callback')
    expect(clock.running).toBe(false)
    expect(clock.nowNs).toBe(0)
  })

  it('goes on after an event that threw', () => {
    const clock = new VirtualClock('manual')
    const happen = vi.fn()
    clock.schedule(1, () => {
      throw new Error('from an event')
    })
    clock.schedule(2, happen)
    expect(() => {
      clock.runUntilIdle()
    }).toThrow('from an event')
    expect(clock.running).toBe(false)
    clock.runUntilIdle()
    expect(happen).toHaveBeenCalledOnce()
  })

  it.each([-1, -0.001, NaN, Infinity, '5', 5n, null, true, undefined])(
    'a duration that is no number, or below 0, is ESP_ERR_INVALID_ARG and nothing happens: %s',
    (duration) => {
      const clock = new VirtualClock('manual')
      const happen = vi.fn()
      clock.schedule(0, happen)
      expectEspError(
        thrownBy(() => {
          clock.advance(duration as number)
        }),
        'ESP_ERR_INVALID_ARG',
        String(duration),
        '0 or more',
      )
      expect(happen).not.toHaveBeenCalled()
      expect(clock.nowNs).toBe(0)
    },
  )
})

describe('an alarm that is cancelled', () => {
  it('does not happen, and the clock does not go there', () => {
    const clock = new VirtualClock('manual')
    const happen = vi.fn()
    const alarm = clock.schedule(1000, happen)
    clock.cancel(alarm)
    expect(clock.idle).toBe(true)
    clock.runUntilIdle()
    expect(clock.nowNs).toBe(0)
    expect(happen).not.toHaveBeenCalled()
  })

  it('can be cancelled again, and after it has happened, and nothing else is', () => {
    const clock = new VirtualClock('manual')
    const happen = vi.fn()
    const [first, second] = [clock.schedule(1, vi.fn()), clock.schedule(2, happen)]
    clock.cancel(first)
    clock.cancel(first)
    clock.runUntilIdle()
    clock.schedule(1, happen)
    clock.cancel(second)
    clock.runUntilIdle()
    expect(happen).toHaveBeenCalledTimes(2)
  })

  it('leaves all others in their order, whichever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 60 }), (plans) => {
        const clock = new VirtualClock('manual')
        const happened: number[] = []
        const alarms = plans.map(([delay], i) => clock.schedule(delay, () => happened.push(i)))
        plans.forEach(([, cancelled], i) => {
          const alarm = alarms[i]
          if (cancelled && alarm !== undefined) clock.cancel(alarm)
        })
        clock.runUntilIdle()
        const expected = plans
          .map(([delay, cancelled], i) => ({ delay, cancelled, i }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.delay - b.delay || a.i - b.i)
        expect(happened).toEqual(expected.map(({ i }) => i))
      }),
    )
  })
})

describe('a watcher', () => {
  it('is called after each event, at its time, until it has gone', () => {
    const clock = new VirtualClock('manual')
    const order: string[] = []
    const watcher = (): void => void order.push(`watcher at ${clock.nowNs}`)
    for (const ns of [3, 5, 7]) clock.schedule(ns, () => order.push(`event at ${clock.nowNs}`))
    clock.watch(watcher)
    clock.runUntil(() => clock.nowNs === 5, Infinity)
    clock.unwatch(watcher)
    clock.runUntilIdle()
    expect(order).toEqual(['event at 3', 'watcher at 3', 'event at 5', 'watcher at 5', 'event at 7'])
  })
})

describe('virtual clock that moves by itself', () => {
  it('moves in a later turn of the event loop, never in the code that scheduled', async () => {
    const clock = new VirtualClock('auto')
    const happen = vi.fn()
    clock.schedule(1_000_000, happen)
    expect(happen).not.toHaveBeenCalled()
    await Promise.resolve()
    expect(happen).not.toHaveBeenCalled()
    await turn()
    expect(happen).toHaveBeenCalledOnce()
    expect(clock.nowNs).toBe(1_000_000)
  })

  it('lets the event loop have a turn after 1,000 events', async () => {
    const clock = new VirtualClock('auto')
    let count = 0
    for (let i = 0; i < 2500; i++) clock.schedule(0, () => count++)
    const seen: number[] = []
    while (count < 2500) {
      await turn()
      seen.push(count)
    }
    expect(seen).toEqual([1000, 2000, 2500])
  })

  it('can also be told to move', async () => {
    const clock = new VirtualClock('auto')
    const happen = vi.fn()
    clock.schedule(10, happen)
    clock.runUntilIdle()
    expect(happen).toHaveBeenCalledOnce()
    await turn()
    expect(happen).toHaveBeenCalledOnce()
  })
})

describe('what happens in the background', () => {
  /** Something that happens every so often, and when it did. */
  function every(clock: VirtualClock, periodNs: number): number[] {
    const times: number[] = []
    clock.background = {
      nextNs: () => (times.length + 1) * periodNs,
      happen: () => times.push(clock.nowNs),
    }
    return times
  }

  it('happens on the way, each time at its own', () => {
    const clock = new VirtualClock('manual')
    const times = every(clock, 400)
    clock.advance(1)
    expect(times).toEqual([400, 800])
    expect(clock.nowNs).toBe(1000)
  })

  it('comes before what was scheduled for the same time', () => {
    const clock = new VirtualClock('manual')
    const order: string[] = []
    const times = every(clock, 500)
    clock.schedule(500, () => order.push(`scheduled after ${times.length}`))
    clock.advance(1)
    expect(order).toEqual(['scheduled after 1'])
  })

  it('is no reason to move: runUntilIdle goes as far as what is scheduled', () => {
    const clock = new VirtualClock('manual')
    const times = every(clock, 100)
    clock.runUntilIdle()
    expect(times).toEqual([])
    clock.schedule(250, () => undefined)
    clock.runUntilIdle()
    expect(times).toEqual([100, 200])
    expect(clock.nowNs).toBe(250)
  })

  it('is a reason to move for who waits for a condition', () => {
    const clock = new VirtualClock('manual')
    const times = every(clock, 100)
    clock.runUntil(() => times.length === 3, Infinity)
    expect(clock.nowNs).toBe(300)
    clock.runUntil(() => false, 450)
    expect(times).toEqual([100, 200, 300, 400])
  })

  it('moves a clock that moves by itself only while somebody waits', async () => {
    const clock = new VirtualClock('auto')
    const times = every(clock, 100)
    await turn()
    await turn()
    expect(times).toEqual([])
    clock.watch(() => {
      if (times.length !== 3) return
      clock.release()
      clock.yieldTurn()
    })
    clock.hold()
    for (let i = 0; i < 5; i++) await turn()
    expect(times).toEqual([100, 200, 300])
  })

  it('what was due before it was there happens now: time never goes back', () => {
    const clock = new VirtualClock('manual')
    clock.advance(10)
    const times = every(clock, 4000)
    clock.advance(0)
    expect(times).toEqual([10_000, 10_000])
    expect(clock.nowNs).toBe(10_000)
  })
})

describe('a poke', () => {
  it('lets watchers look once, however often it was poked, when the clock is told to move', () => {
    const clock = new VirtualClock('manual')
    const look = vi.fn()
    clock.watch(look)
    for (let i = 0; i < 5; i++) clock.poke()
    expect(look).not.toHaveBeenCalled()
    clock.advance(0)
    expect(look).toHaveBeenCalledOnce()
    clock.poke()
    clock.advance(0)
    expect(look).toHaveBeenCalledTimes(2)
  })

  it('during an event adds nothing: watchers look after it anyway', () => {
    const clock = new VirtualClock('manual')
    const look = vi.fn()
    clock.watch(look)
    clock.schedule(0, () => {
      clock.poke()
    })
    clock.runUntilIdle()
    expect(look).toHaveBeenCalledOnce()
  })

  it('by a watcher lets all of them look again', () => {
    const clock = new VirtualClock('manual')
    const looks: string[] = []
    clock.watch(() => looks.push('first'))
    clock.watch(() => {
      looks.push('second')
      if (looks.length === 2) clock.poke()
    })
    clock.schedule(0, () => undefined)
    clock.runUntilIdle()
    expect(looks).toEqual(['first', 'second', 'first', 'second'])
  })
})
