/** With `debug`, copies read and write live blocks of the heap only. */
import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy } from '../../src/index.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, useWorld } from '../support/world.ts'

describe.each(ENGINES)('debug mode, %s engine', (engine) => {
  const world = useWorld(engine, { debug: true })
  const sloppy = useWorld(engine)

  /** What each of the three calls answers. */
  async function refusals(
    driver: AsyncMemcpy,
    dst: number | Uint8Array,
    src: number | Uint8Array,
    length: number,
  ): Promise<unknown[]> {
    const before = driver.stats
    const errors = [
      thrownBy(() => {
        driver.memcpy(dst, src, length)
      }),
      thrownBy(() => driver.copySync(dst, src, length)),
      await rejectionOf(driver.copy(dst, src, { length })),
    ]
    expect(driver.stats).toEqual(before)
    return errors
  }

  it('is told by the Soc', () => {
    expect(world.soc.debug).toBe(true)
    expect(sloppy.soc.debug).toBe(false)
  })

  it('a live block can be copied from end to end, by address and by view', async () => {
    const driver = await world.install()
    const arena = world.arena(1000)
    arena.expectCopy(0, 500, 500)
    await driver.copy(arena.address, arena.address + 500, { length: 500 })
    arena.expectCopy(1, 0, 999)
    await driver.copy(arena.view(1, 999), arena.view(0, 999))
    expect(arena.difference).toBe(-1)
  })

  it.each(['dst', 'src'])('%s in a freed block is ESP_ERR_INVALID_ARG, by address and by view', async (role) => {
    const driver = await world.install()
    const arena = world.arena(256)
    const freed = world.soc.heap.alloc(256)
    world.soc.heap.free(freed)
    for (const wrong of [freed, freed.byteOffset, freed.subarray(100), freed.byteOffset + 100]) {
      const [dst, src] = role === 'dst' ? [wrong, arena.address] : [arena.address, wrong]
      for (const error of await refusals(driver, dst, src, 64)) {
        expectEspError(error, 'ESP_ERR_INVALID_ARG', role, '0x0', 'not allocated')
      }
    }
    expect(arena.difference).toBe(-1)
  })

  it.each(['dst', 'src'])(
    '%s that goes beyond the end of its block is ESP_ERR_INVALID_ARG, and tells by how much',
    async (role) => {
      const driver = await world.install()
      const arena = world.arena(1000)
      const block = world.arena(100)
      for (const [at, length, beyond] of [
        [0, 101, 1],
        [99, 2, 1],
        [50, 60, 10],
        [0, 1000, 900],
      ] as const) {
        const wrong = block.address + at
        const [dst, src] = role === 'dst' ? [wrong, arena.address] : [arena.address, wrong]
        for (const error of await refusals(driver, dst, src, length)) {
          expectEspError(error, 'ESP_ERR_INVALID_ARG', role, `${length} bytes`, `${beyond} beyond`, '100 bytes')
        }
      }
      expect([arena.difference, block.difference]).toEqual([-1, -1])
    },
  )

  it('a range across two blocks is refused, however close they lie', async () => {
    const driver = await world.install()
    const [first, second] = [world.arena(112), world.arena(112)]
    expect(second.address - first.address).toBe(128)
    for (const error of await refusals(driver, first.address, first.address + 64, 128)) {
      expectEspError(error, 'ESP_ERR_INVALID_ARG', 'dst')
    }
  })

  it('memory between and before blocks is refused', async () => {
    const driver = await world.install()
    const arena = world.arena(100)
    for (const wrong of [arena.address - 1, arena.address - 16, arena.address + 100, arena.address + 127]) {
      for (const error of await refusals(driver, wrong, arena.address, 1)) {
        expectEspError(error, 'ESP_ERR_INVALID_ARG', 'dst', 'not allocated')
      }
    }
    expect(arena.difference).toBe(-1)
  })

  it('a block that was allocated anew can be copied again', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const first = world.soc.heap.alloc(100)
    world.soc.heap.free(first)
    const second = world.soc.heap.alloc(100)
    expect(second.byteOffset).toBe(first.byteOffset)
    await driver.copy(arena.view(0, 100), first)
    world.soc.heap.free(second)
    for (const error of await refusals(driver, arena.address, first, 100))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', 'src')
  })

  it('without it, any memory beyond the control area can be copied', async () => {
    const driver = await sloppy.install()
    const arena = sloppy.arena(256)
    const freed = sloppy.soc.heap.alloc(256)
    sloppy.soc.heap.free(freed)
    await driver.copy(freed, arena.view(0, 256))
    expect(Buffer.compare(freed, arena.bytes)).toBe(0)
  })
})
