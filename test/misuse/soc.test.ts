/** Opening, attaching, closing, and moving time where there is none. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, Soc, type SocOptions, type SocPort } from '../../src/index.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES } from '../support/world.ts'

const MIB = 2 ** 20

describe('Soc.open', () => {
  afterEach(() => vi.restoreAllMocks())

  it.each(['esp8266', '', 'Host', 5, null])(
    'of an unknown target is ESP_ERR_NOT_SUPPORTED and lists those there are: %o',
    async (target) => {
      const error = await rejectionOf(Soc.open(target as string))
      expectEspError(error, 'ESP_ERR_NOT_SUPPORTED', `"${String(target)}"`, 'host')
    },
  )

  const OPTIONS: [unknown, (string | RegExp)[]][] = [
    [{ engine: 'fast' }, ['engine "fast"', 'threads, simulated']],
    [{ engine: null }, ['engine "null"', 'threads, simulated']],
    [{ engine: 5 }, ['engine "5"', 'threads, simulated']],
    [{ clock: 'fast' }, ['clock "fast"', 'auto, manual']],
    [{ initialBytes: 0 }, ['initialBytes 0', 'from 65536']],
    [{ initialBytes: 65535 }, ['initialBytes 65535', 'from 65536']],
    [{ initialBytes: -1 }, ['initialBytes -1', 'from 65536']],
    [{ initialBytes: 1e6 + 0.5 }, ['initialBytes 1000000.5', 'whole number']],
    [{ initialBytes: NaN }, ['initialBytes NaN', 'whole number']],
    [{ initialBytes: 2 ** 32 }, ['initialBytes 4294967296', 'from 65536']],
    [{ initialBytes: '1048576' }, ['initialBytes', 'whole number']],
    [{ initialBytes: 1048576n }, ['initialBytes', 'whole number']],
    [{ maximumBytes: 0 }, ['maximumBytes 0', 'whole number']],
    [{ maximumBytes: 80 * MIB - 1 }, ['maximumBytes 83886079', 'from 83886080']],
    [{ maximumBytes: 2 ** 32 }, ['maximumBytes 4294967296', 'to 4294901760']],
    [{ maximumBytes: 1e9 + 0.5 }, ['maximumBytes', 'whole number']],
    [{ maximumBytes: '100000000' }, ['maximumBytes', 'whole number']],
    [null, ['options', 'null']],
  ]
  it.each(OPTIONS)('with the options %o is ESP_ERR_INVALID_ARG and tells what is allowed', async (options, tells) => {
    expectEspError(await rejectionOf(Soc.open('host', options as SocOptions)), 'ESP_ERR_INVALID_ARG', ...tells)
  })

  it('takes both ends of what is allowed', async () => {
    for (const options of [
      { initialBytes: 65536 },
      { initialBytes: MIB, maximumBytes: 65 * MIB },
      { maximumBytes: 2 ** 32 - 65536 },
    ]) {
      const soc = await Soc.open('host', { engine: 'simulated', ...options })
      expect(soc.heap.alloc(60_000)).toHaveLength(60_000)
      await soc.close()
    }
  })

  it('grows up to maximumBytes and not beyond', async () => {
    const soc = await Soc.open('host', { engine: 'simulated', initialBytes: MIB, maximumBytes: 68 * MIB })
    expect(soc.heap.alloc(3 * MIB)).toHaveLength(3 * MIB)
    expectEspError(
      thrownBy(() => soc.heap.alloc(MIB)),
      'ESP_ERR_NO_MEM',
    )
    expect(soc.space.size).toBe(68 * MIB)
    await soc.close()
  })

  it('without memory is ESP_ERR_NO_MEM, tells what to do, and why', async () => {
    const cause = new RangeError('could not allocate memory')
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw cause
    })
    const error = await rejectionOf(Soc.open('host'))
    expectEspError(error, 'ESP_ERR_NO_MEM', 'smaller maximumBytes')
    expect((error as Error).cause).toBe(cause)
  })
})

describe('Soc.attach', () => {
  it.each([undefined, null, 5, 'port', {}, { memory: {} }, { memory: new ArrayBuffer(8) }])(
    'to what is no port is ESP_ERR_INVALID_ARG: %o',
    (port) => {
      expectEspError(
        thrownBy(() => Soc.attach(port as unknown as SocPort)),
        'ESP_ERR_INVALID_ARG',
        'port',
      )
    },
  )

  it('to a memory that carries no Soc, or is too small for one, is ESP_ERR_INVALID_ARG', async () => {
    await using soc = await Soc.open('host', { engine: 'simulated' })
    const memoryOf = (pages: number): WebAssembly.Memory =>
      new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    expectEspError(
      thrownBy(() => Soc.attach({ ...soc.port, memory: memoryOf(1) })),
      'ESP_ERR_INVALID_ARG',
    )
    expectEspError(
      thrownBy(() => Soc.attach({ ...soc.port, memory: memoryOf(1100) })),
      'ESP_ERR_INVALID_ARG',
      'no Soc',
    )
  })

  it('to a port gives the same memory and the same heap', async () => {
    await using soc = await Soc.open('host', { engine: 'simulated', debug: true })
    const attached = Soc.attach(soc.port)
    const block = attached.heap.alloc(100)
    expect(soc.addressOf(block)).toBe(attached.addressOf(block))
    expect(soc.heap.stats()).toEqual(attached.heap.stats())
    expect(attached.debug).toBe(true)
    soc.heap.free(block)
    expect(attached.heap.stats().blocks).toBe(0)
  })

  it('installing on an attached simulated Soc is ESP_ERR_INVALID_STATE', async () => {
    await using soc = await Soc.open('host', { engine: 'simulated' })
    const error = await rejectionOf(AsyncMemcpy.install({}, Soc.attach(soc.port)))
    expectEspError(error, 'ESP_ERR_INVALID_STATE', 'opened')
    expect(soc.control.used).toBe(0)
  })
})

describe.each(ENGINES)('Soc.close, %s engine', (engine) => {
  it('while a driver is installed is ESP_ERR_INVALID_STATE, tells what to do, and everything works on', async () => {
    const soc = await Soc.open('host', { engine })
    const driver = await AsyncMemcpy.install({}, soc)
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE', 'uninstall')
    expect(soc.closed).toBe(false)
    const block = soc.heap.alloc(128)
    expect(await driver.copy(block.subarray(0, 64), block.subarray(64))).toMatchObject({ status: 0 })
    await driver.uninstall()
    await soc.close()
    expect(soc.closed).toBe(true)
  })

  it('the second time is ESP_ERR_INVALID_STATE, also while the first goes on', async () => {
    const soc = await Soc.open('host', { engine })
    await (await AsyncMemcpy.install({}, soc)).uninstall()
    const ends = await Promise.allSettled([soc.close(), soc.close()])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expectEspError((ends[1] as PromiseRejectedResult).reason, 'ESP_ERR_INVALID_STATE', 'closed already')
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE', 'closed already')
  })

  it('an await using block closes it, and does nothing if that has been done', async () => {
    let outside: Soc
    {
      await using soc = await Soc.open('host', { engine })
      outside = soc
    }
    expect(outside.closed).toBe(true)
    {
      await using soc = await Soc.open('host', { engine })
      await soc.close()
    }
  })
})

describe('time', () => {
  it('cannot be moved in the threads engine: ESP_ERR_NOT_SUPPORTED, and tells what to do', async () => {
    await using soc = await Soc.open('host')
    expectEspError(
      thrownBy(() => {
        soc.advance(1)
      }),
      'ESP_ERR_NOT_SUPPORTED',
      'advance',
      "engine: 'simulated'",
    )
    expectEspError(
      thrownBy(() => {
        soc.runUntilIdle()
      }),
      'ESP_ERR_NOT_SUPPORTED',
      'runUntilIdle',
      "engine: 'simulated'",
    )
  })

  it.each([-1, NaN, Infinity])('does not move by %s µs', async (duration) => {
    await using soc = await Soc.open('host', { engine: 'simulated' })
    expectEspError(
      thrownBy(() => {
        soc.advance(duration)
      }),
      'ESP_ERR_INVALID_ARG',
      String(duration),
      '0 or more',
    )
    expect(soc.now()).toBe(0)
  })
})
