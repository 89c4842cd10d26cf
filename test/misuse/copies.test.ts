/** Wrong arguments of memcpy, copy and copySync: each is refused by name, tells what was given and what is allowed, and changes nothing. */
import { describe, expect, it } from 'vitest'

import { type AsyncMemcpy, type CopyOptions, type EspErrorName, type Memory } from '../../src/index.ts'
import { CONTROL_END } from '../../src/microcode/layout.ts'
import type { Arena } from '../support/bytes.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, microtasks, useWorld } from '../support/world.ts'

/** What is passed, beside what is right. */
interface Given {
  readonly dst?: unknown
  readonly src?: unknown
  readonly length?: unknown
}

function detachedView(): Uint8Array {
  const view = new Uint8Array(64)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}

type Tells = readonly (string | number | RegExp)[]

describe.each(ENGINES)('wrong arguments, %s engine', (engine) => {
  const world = useWorld(engine)

  /** Everything that a refused call must leave as it was. */
  const picture = (driver: AsyncMemcpy, arena: Arena): object => ({
    stats: driver.stats,
    heap: world.soc.heap.stats(),
    control: world.soc.control.used,
    memory: world.soc.space.size,
    difference: arena.difference,
  })

  /** Expects that a call is refused and changes nothing, now or later. */
  async function expectRefused(
    driver: AsyncMemcpy,
    arena: Arena,
    call: () => unknown,
    name: EspErrorName,
    ...tells: Tells
  ): Promise<void> {
    const before = picture(driver, arena)
    expectEspError(await rejectionOf((async () => await call())()), name, ...tells)
    await microtasks()
    expect(picture(driver, arena)).toEqual(before)
  }

  /** Passes wrong arguments to all three calls, with and without callback. */
  async function expectAllRefuse(driver: AsyncMemcpy, arena: Arena, given: Given, ...tells: Tells): Promise<void> {
    const right = { dst: arena.address, src: arena.address + 512, length: 64 }
    const { dst, src, length } = { ...right, ...given } as { dst: Memory; src: Memory; length: number }
    let called = false
    const refuse = (call: () => unknown): Promise<void> =>
      expectRefused(driver, arena, call, 'ESP_ERR_INVALID_ARG', ...tells)
    await refuse(() => {
      driver.memcpy(dst, src, length)
    })
    await refuse(() => {
      driver.memcpy(dst, src, length, () => (called = true))
    })
    await refuse(() => driver.copySync(dst, src, length))
    // A length that is missing means that of the views.
    if ((length as unknown) !== undefined && (length as unknown) !== null)
      await refuse(() => driver.copy(dst, src, { length }))
    await microtasks()
    expect(called).toBe(false)
  }

  const LENGTHS: [unknown, Tells][] = [
    [0, ['length 0', '1 or more']],
    [-0, ['length 0', '1 or more']],
    [-1, ['length -1', '1 or more']],
    [1.5, ['length 1.5', 'whole number']],
    [NaN, ['length NaN', 'whole number']],
    [Infinity, ['length Infinity', 'whole number']],
    [2 ** 32, ['length 4294967296', 'at most 4294967295']],
    [undefined, ['length undefined', 'whole number']],
    [null, ['length null', 'whole number']],
    ['64', ['length', 'whole number']],
    [64n, ['length', 'whole number']],
    [true, ['length true', 'whole number']],
    [{}, ['length', 'whole number']],
    [[64], ['length', 'whole number']],
  ]
  it.each(LENGTHS)('length %o', async (length, tells) => {
    const driver = await world.install()
    await expectAllRefuse(driver, world.arena(1024), { length }, ...tells)
  })

  const END_OF_LARGEST = 2 ** 32
  const ADDRESSES: [string, unknown, Tells][] = [
    ['0, a null pointer', 0, ['0x00000000', '0x04000000']],
    ['-1', -1, ['-1', '0x04000000']],
    ['in the control area', 0x1000, ['0x00001000', 'control area']],
    ['just below the heap', CONTROL_END - 1, ['0x03ffffff', '0x04000000']],
    ['fractional', CONTROL_END + 64.5, [String(CONTROL_END + 64.5), 'whole number']],
    ['NaN', NaN, ['NaN', 'whole number']],
    ['Infinity', Infinity, ['Infinity']],
    ['beyond 32 bits', END_OF_LARGEST + CONTROL_END, ['0x104000000', 'ends beyond the memory']],
    ['2^53', 2 ** 53, ['ends beyond the memory']],
    ['undefined', undefined, ['undefined', 'address or a view']],
    ['null', null, ['null', 'address or a view']],
    ['a string', '0x4000040', ['string', 'address or a view']],
    ['a BigInt', BigInt(CONTROL_END + 64), ['bigint', 'address or a view']],
    ['true', true, ['boolean', 'address or a view']],
    ['an object', {}, ['object', 'address or a view']],
    ['an ArrayBuffer that is too short', new ArrayBuffer(63), ['63 bytes', 64]],
    ['a view of ordinary memory that is too short', new Uint8Array(new ArrayBuffer(64), 1), ['63 bytes', 64]],
    ['a Buffer that is too short', Buffer.alloc(10), ['10 bytes', 64]],
    ['other shared memory that is too short', new Float64Array(new SharedArrayBuffer(72), 16), ['56 bytes', 64]],
    ['a view of a detached buffer', detachedView(), ['0 bytes', 'detached', 64]],
  ]
  it.each(ADDRESSES.flatMap((one) => (['dst', 'src'] as const).map((role) => [role, ...one] as const)))(
    '%s that is %s',
    async (role, _what, memory, tells) => {
      const driver = await world.install()
      await expectAllRefuse(driver, world.arena(1024), { [role]: memory }, role, ...tells)
    },
  )

  it.each(['dst', 'src'])(
    '%s that is a view too short, or of the control area, or ends beyond the memory',
    async (role) => {
      const driver = await world.install()
      const arena = world.arena(1024)
      await expectAllRefuse(driver, arena, { [role]: arena.view(0, 63) }, role, '63 bytes', 64)
      await expectAllRefuse(driver, arena, { [role]: arena.view(0, 0) }, role, '0 bytes', 64)
      await expectAllRefuse(
        driver,
        arena,
        { [role]: new Uint16Array(arena.bytes.buffer, arena.address, 31) },
        role,
        '62 bytes',
      )
      await expectAllRefuse(
        driver,
        arena,
        { [role]: new Uint8Array(arena.bytes.buffer, 4096, 64) },
        role,
        '0x00001000',
        'control area',
      )
      const { size } = world.soc.space
      await expectAllRefuse(driver, arena, { [role]: size - 63 }, role, 64, `0x${size.toString(16).padStart(8, '0')}`)
      await expectAllRefuse(
        driver,
        arena,
        { [role]: arena.address, length: 2 ** 32 - 1 },
        'dst',
        4294967295,
        'ends beyond the memory',
      )
    },
  )

  it.each([
    [5, 'number'],
    ['done', 'string'],
    [null, /null|object/],
    [{}, 'object'],
    [true, 'boolean'],
  ])('a callback that is no function: %o', async (callback, tells) => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const call = (): void => {
      driver.memcpy(arena.address, arena.address + 512, 64, callback as unknown as () => void)
    }
    await expectRefused(driver, arena, call, 'ESP_ERR_INVALID_ARG', 'callback', tells, 'function')
  })

  it.each([
    [5, 'number'],
    ['stop', 'string'],
    [null, 'null'],
    [{ aborted: false }, 'object'],
    [new AbortController(), /object|AbortController/],
  ])('a signal that is none: %o', async (signal, tells) => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const call = (): unknown =>
      driver.copy(arena.view(0, 64), arena.view(512, 64), { signal: signal as unknown as AbortSignal })
    await expectRefused(driver, arena, call, 'ESP_ERR_INVALID_ARG', 'signal', 'AbortController', tells)
  })

  it('options of copy that are null', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const call = (): unknown => driver.copy(arena.view(0, 64), arena.view(512, 64), null as unknown as CopyOptions)
    await expectRefused(driver, arena, call, 'ESP_ERR_INVALID_ARG', 'options', 'null')
  })

  it('copy without a length, of what has none, or of views that differ', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const cases: [unknown, unknown, Tells][] = [
      [arena.address, arena.view(0, 64), ['no length', '{ length }']],
      [arena.view(0, 64), arena.address, ['no length', '{ length }']],
      [arena.address, arena.address, ['no length', '{ length }']],
      [arena.view(0, 64), arena.view(512, 65), ['64', '65', '{ length }']],
      [arena.view(0, 65), arena.view(512, 64), ['64', '65', '{ length }']],
      [arena.view(0, 0), arena.view(512, 0), ['length 0', '1 or more']],
      [undefined, arena.view(0, 64), ['dst', 'undefined', /address(es)? or (a )?view/]],
      [arena.view(0, 64), null, ['src', 'null', /address(es)? or (a )?view/]],
      [{}, {}, ['dst', 'object', /address(es)? or (a )?view/]],
    ]
    for (const [dst, src, tells] of cases) {
      await expectRefused(
        driver,
        arena,
        () => driver.copy(dst as Memory, src as Memory),
        'ESP_ERR_INVALID_ARG',
        ...tells,
      )
    }
  })

  it('copy never throws: it rejects', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const promise = driver.copy(arena.address, arena.address, { length: 0 })
    expect(promise).toBeInstanceOf(Promise)
    expectEspError(await rejectionOf(promise), 'ESP_ERR_INVALID_ARG')
  })

  it.each([-1, -0.001, NaN, '5', 5n, null, true])(
    'a timeout of copySync that is no number, or below 0: %o',
    async (timeoutMs) => {
      const driver = await world.install()
      const arena = world.arena(1024)
      const call = (): unknown =>
        driver.copySync(arena.address, arena.address + 512, 64, timeoutMs as unknown as number)
      await expectRefused(driver, arena, call, 'ESP_ERR_INVALID_ARG', 'timeoutMs', String(timeoutMs), '0 or more')
    },
  )

  it.each([2, 4, 16, 64, 4096])('what is no multiple of sramTransAlign %d', async (align) => {
    const driver = await world.install({ sramTransAlign: align })
    const arena = world.arena(8 * 4096)
    const base = Math.ceil(arena.address / 4096) * 4096
    const [dst, src, length] = [base, base + 3 * 4096, align]
    for (const off of new Set([1, align / 2, align - 1])) {
      await expectAllRefuse(driver, arena, { dst: dst + off, src, length }, 'dst', `sramTransAlign ${align}`)
      await expectAllRefuse(driver, arena, { dst, src: src + off, length }, 'src', `sramTransAlign ${align}`)
      await expectAllRefuse(
        driver,
        arena,
        { dst, src, length: length + off },
        `length ${length + off}`,
        `sramTransAlign ${align}`,
      )
      await expectAllRefuse(driver, arena, { dst, src, length: off }, `length ${off}`, `${align} would do`)
    }
    arena.expectCopy(dst - arena.address, src - arena.address, length)
    await driver.copy(dst, src, { length })
    expect(arena.difference).toBe(-1)
  })

  it('a refusal in the middle of work disturbs nothing', async () => {
    const driver = await world.install({ backlog: 8 })
    const arena = world.arena(4096)
    const copies: Promise<unknown>[] = []
    for (let i = 0; i < 40; i++) {
      arena.expectCopy(i * 16, 2048 + i * 16, 16)
      copies.push(driver.copy(arena.address + i * 16, arena.address + 2048 + i * 16, { length: 16 }))
      expectEspError(
        thrownBy(() => {
          driver.memcpy(arena.address, arena.address, 0)
        }),
        'ESP_ERR_INVALID_ARG',
      )
      expectEspError(await rejectionOf(driver.copy(arena.address, -1, { length: 1 })), 'ESP_ERR_INVALID_ARG')
    }
    await Promise.all(copies)
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 40, completed: 40 })
  })
})
