/** Where a thread must not block, as a browser's main thread must not. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { platform } from '../../src/platform/current.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { until, useWorld } from '../support/world.ts'

describe('a thread that must not block', () => {
  const world = useWorld('threads')
  afterEach(() => vi.restoreAllMocks())

  it('gets ESP_ERR_INVALID_STATE from copySync, is told what to do instead, and nothing is copied', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(256)
    const before = driver.stats
    const wait = vi.spyOn(Atomics, 'wait')
    vi.spyOn(platform, 'canBlock').mockReturnValue(false)
    for (const timeoutMs of [undefined, 0, 10]) {
      const error = thrownBy(() => driver.copySync(arena.address, arena.address + 128, 64, timeoutMs))
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'main thread', 'use copy', 'worker')
    }
    expect(wait).not.toHaveBeenCalled()
    expect(driver.stats).toEqual(before)
    expect(arena.difference).toBe(-1)
  })

  it('is told of wrong arguments first', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    vi.spyOn(platform, 'canBlock').mockReturnValue(false)
    expectEspError(
      thrownBy(() => driver.copySync(arena.address, arena.address + 128, 0)),
      'ESP_ERR_INVALID_ARG',
    )
    expectEspError(
      thrownBy(() => driver.copySync(arena.address, arena.address + 128, 1, -1)),
      'ESP_ERR_INVALID_ARG',
    )
  })

  it('can do everything else: install, memcpy, copy, wait for a place, call off, drain', async () => {
    vi.spyOn(platform, 'canBlock').mockReturnValue(false)
    const wait = vi.spyOn(Atomics, 'wait')
    const driver = await world.install({ backlog: 2, channels: 2 })
    const arena = world.arena(4096)
    let called = false
    driver.memcpy(arena.address, arena.address + 2048, 64, () => (called = true))
    arena.expectCopy(0, 2048, 64)
    const copies = Array.from({ length: 10 }, (_, i) => {
      arena.expectCopy(i * 64, 2048 + i * 64, 64)
      return driver.copy(arena.address + i * 64, arena.address + 2048 + i * 64, { length: 64 })
    })
    await Promise.all(copies)
    await until(() => called, 'the callback')
    expect(arena.difference).toBe(-1)
    driver.memcpy(arena.address, arena.address + 2048, 64)
    await driver.uninstall({ drain: true })
    expect(wait).not.toHaveBeenCalled()
  })
})
