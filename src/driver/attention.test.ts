import { describe, expect, it, vi } from 'vitest'

import { CONTROL_END, CONTROL_HEAP, DRIVER_COMPLETED, DRIVER_NEWS, DRIVER_WAITING } from '../microcode/layout.ts'
import { AddressSpace, PAGE } from '../soc/address-space.ts'

import { Attention, type Attentive } from './attention.ts'

const DRIVER = CONTROL_HEAP

/** A driver's memory, a thread that has submitted some copies, and the channel's side of the protocol. */
class Bench {
  readonly space: AddressSpace
  readonly attention: Attention
  readonly heard: number[] = []
  submitted = 0
  expectedSoon = false
  unfinished = false

  constructor() {
    const pages = CONTROL_END / PAGE
    this.space = new AddressSpace(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }))
    const owner: Attentive = {
      onNews: (completed) => {
        this.heard.push(completed)
        return this.unfinished
      },
      isOutstanding: (completed) => completed < this.submitted,
      isExpectedSoon: () => this.expectedSoon,
    }
    this.attention = new Attention(this.space, DRIVER, owner)
  }

  submit(): void {
    this.submitted++
    this.attention.wake()
  }

  /** What the channel does when it publishes. */
  complete(upTo: number): void {
    const { words } = this.space
    Atomics.store(words, (DRIVER + DRIVER_COMPLETED) >> 2, upTo)
    if (Atomics.exchange(words, (DRIVER + DRIVER_WAITING) >> 2, 0) === 0) return
    Atomics.add(words, (DRIVER + DRIVER_NEWS) >> 2, 1)
    Atomics.notify(words, (DRIVER + DRIVER_NEWS) >> 2)
  }

  get isArmed(): boolean {
    return Atomics.load(this.space.words, (DRIVER + DRIVER_WAITING) >> 2) === 1
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn()
}

describe('attention', () => {
  it('does not look before something was submitted, and stops when nothing is outstanding', async () => {
    const bench = new Bench()
    await turns(3)
    expect(bench.heard).toEqual([])
    bench.submit()
    bench.complete(1)
    await turns(5)
    expect(bench.heard).toEqual([1])
    expect(bench.isArmed).toBe(false)
    bench.attention.close()
  })

  it('never tells news in the turn of the submission', async () => {
    const bench = new Bench()
    bench.submit()
    bench.complete(1)
    await Promise.resolve()
    expect(bench.heard).toEqual([])
    await turn()
    expect(bench.heard).toEqual([1])
    bench.attention.close()
  })

  it('waits for news that is not expected soon without looking again, and hears of it', async () => {
    const bench = new Bench()
    bench.submit()
    await turns(20)
    expect(bench.heard).toEqual([0])
    expect(bench.isArmed).toBe(true)
    bench.complete(1)
    await vi.waitFor(
      () => {
        expect(bench.heard).toEqual([0, 1])
      },
      { timeout: 20_000 },
    )
    await turns(3)
    expect(bench.isArmed).toBe(false)
    bench.attention.close()
  })

  it('has one outstanding wait however many copies are submitted meanwhile', async () => {
    const waitAsync = vi.spyOn(Atomics, 'waitAsync')
    const bench = new Bench()
    bench.submit()
    await turns(3)
    for (let i = 0; i < 100; i++) bench.submit()
    await turns(3)
    expect(waitAsync).toHaveBeenCalledOnce()
    bench.complete(101)
    await vi.waitFor(
      () => {
        expect(bench.heard).toEqual([0, 101])
      },
      { timeout: 20_000 },
    )
    waitAsync.mockRestore()
    bench.attention.close()
  })

  it('looks in every turn for news that is expected soon', async () => {
    const bench = new Bench()
    bench.expectedSoon = true
    bench.submit()
    await turns(2)
    expect(bench.heard.length).toBeGreaterThanOrEqual(1)
    bench.complete(1)
    await vi.waitFor(
      () => {
        expect(bench.heard.at(-1)).toBe(1)
      },
      { timeout: 20_000 },
    )
    bench.attention.close()
  })

  it('comes back in the next turn if its owner has not finished', async () => {
    const bench = new Bench()
    bench.unfinished = true
    bench.submit()
    bench.submit()
    bench.complete(1)
    await turns(6)
    expect(bench.heard.length).toBeGreaterThanOrEqual(5)
    expect(bench.isArmed).toBe(false)
    bench.unfinished = false
    bench.complete(2)
    await turns(2)
    bench.attention.close()
  })

  it('misses nothing that completes between the look and the wait', async () => {
    const bench = new Bench()
    const { waitAsync: really } = Atomics
    const waitAsync = vi.spyOn(Atomics, 'waitAsync').mockImplementationOnce((...args: Parameters<typeof really>) => {
      // The narrowest place: COMPLETED was looked at, and the wait begins.
      bench.complete(1)
      return really(...args)
    })
    bench.submit()
    await turns(5)
    expect(bench.heard).toEqual([0, 1])
    waitAsync.mockRestore()
    bench.attention.close()
  })

  it('after it was closed it looks at nothing any more, as the memory belongs to others then', async () => {
    const bench = new Bench()
    bench.submit()
    bench.complete(1)
    // Whoever waited for the copy by other means (copySync) may close before the next turn.
    bench.attention.close()
    await turns(3)
    expect(bench.heard).toEqual([])
  })
})
