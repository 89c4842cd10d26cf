/** Drivers on chips: how many there can be, what they accept, and that what they refuse changes nothing. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'

import {
  AsyncMemcpy,
  ESP_ERROR_CODES,
  EspError,
  Soc,
  type AsyncMemcpyConfig,
  type IsrCallback,
  type SocOptions,
} from '../../src/index.ts'
import { admit } from '../../src/targets/admit.ts'
import { firstDifference, fillByPosition } from '../support/bytes.ts'
import { EXPECTED } from '../support/chip-table.ts'
import { expectEspError, outcomeOf, rejectionOf, thrownBy } from '../support/errors.ts'
import { MIB, rulesOf } from '../support/targets.ts'
import { ENGINES, untilIdle } from '../support/world.ts'

const BACKENDS = EXPECTED.flatMap((chip) =>
  chip.backends.map((backend) => ({ chip, backend, title: `${chip.name} ${backend.name}` })),
)

const opened: Soc[] = []
const installed: AsyncMemcpy[] = []

async function open(name: string, options: SocOptions = {}): Promise<Soc> {
  const soc = await Soc.open(name, { engine: 'simulated', clock: 'manual', ...options })
  opened.push(soc)
  return soc
}

async function install(soc: Soc, config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
  const driver = await AsyncMemcpy.install(config, soc)
  installed.push(driver)
  return driver
}

async function uninstall(driver: AsyncMemcpy): Promise<void> {
  installed.splice(installed.indexOf(driver), 1)
  await driver.uninstall()
}

afterEach(async () => {
  for (const driver of installed.splice(0)) await driver.uninstall()
  for (const soc of opened.splice(0)) await soc.close()
})

describe.each(BACKENDS)('channels of $title', ({ chip, backend }) => {
  it('there are as many drivers as pairs; uninstalling gives one back, and other backends are none the less', async () => {
    const soc = await open(chip.name)
    const config = { backend: backend.name }
    const drivers: AsyncMemcpy[] = []
    for (let i = 0; i < backend.drivers; i++) drivers.push(await install(soc, config))
    for (let i = 0; i < 2; i++) {
      const error = await rejectionOf(AsyncMemcpy.install(config, soc))
      expectEspError(error, 'ESP_ERR_NOT_FOUND', `${chip.name} has ${backend.drivers} on ${backend.name}`)
    }
    const used = soc.control.used
    for (const other of chip.backends.filter(({ name }) => name !== backend.name)) {
      await uninstall(await install(soc, { backend: other.name }))
    }
    const [first] = drivers
    if (first !== undefined) await uninstall(first)
    await install(soc, config)
    expect(soc.control.used).toBe(used)
    await rejectionOf(AsyncMemcpy.install(config, soc))
  })
})

it.each(ENGINES)(
  '%s engine: pairs are counted, and a driver that could not be installed takes none',
  async (engine) => {
    const soc = await open('esp32c2', { engine, ...(engine === 'simulated' ? {} : { clock: 'auto' }) })
    expectEspError(await rejectionOf(AsyncMemcpy.install({ backlog: 65537 }, soc)), 'ESP_ERR_INVALID_ARG')
    expectEspError(await rejectionOf(AsyncMemcpy.install({ backend: 'gdma-axi' }, soc)), 'ESP_ERR_NOT_SUPPORTED')
    const driver = await install(soc)
    expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_NOT_FOUND')
    await uninstall(driver)
    await install(soc)
  },
)

it('pairs are those of the chip, whichever thread has taken them', async () => {
  const soc = await open('esp32c2', { engine: 'threads', clock: 'auto' })
  const elsewhere = Soc.attach(soc.port)
  const driver = await AsyncMemcpy.install({}, elsewhere)
  expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_NOT_FOUND', 'esp32c2 has 1 on gdma-ahb')
  await driver.uninstall()
  await install(soc)
  expectEspError(await rejectionOf(AsyncMemcpy.install({}, elsewhere)), 'ESP_ERR_NOT_FOUND', 'esp32c2 has 1')
  await elsewhere.close()
})

it('flash encryption is an option of the Soc: external memory in blocks of 16, or out of reach', async () => {
  const soc = await open('esp32s31', { psram: 2 * MIB, flashEncryption: true })
  const [ahb, low] = [await install(soc), await install(soc, { backend: 'gdma-lp-ahb' })]
  const [sram, psram] = [soc.heap.alloc(64).fill(7), soc.heap.alloc(64, { memory: 'psram' })]
  expectEspError(
    thrownBy(() => {
      ahb.memcpy(sram, psram.subarray(1), 32)
    }),
    'ESP_ERR_INVALID_ARG',
    'is no multiple of 16, as flash encryption demands',
  )
  ahb.memcpy(psram.subarray(16), sram, 32)
  soc.runUntilIdle()
  expect([...psram.subarray(15, 49)]).toEqual([0, ...new Array<number>(32).fill(7), 0])
  for (const [dst, src] of [
    [psram, sram],
    [sram, psram],
  ] as const) {
    expectEspError(
      thrownBy(() => {
        low.memcpy(dst, src, 64)
      }),
      'ESP_ERR_INVALID_ARG',
      'gdma-lp-ahb cannot reach while flash is encrypted',
    )
  }
  low.memcpy(sram.subarray(0, 32), sram.subarray(32), 31)
  soc.runUntilIdle()
  expect(low.stats).toMatchObject({ submitted: 1, completed: 1 })
})

it('a longer cache line is an option of the Soc: more of an unaligned destination is merged, which takes longer', async () => {
  const times: number[] = []
  for (const cacheLine of [16, 64]) {
    const soc = await open('esp32s3', { psram: 2 * MIB, cacheLine })
    const driver = await install(soc)
    const [dst, src] = [soc.heap.alloc(128, { memory: 'psram', align: 64 }), soc.heap.alloc(64)]
    const copy = driver.copy(dst.subarray(16, 80), src)
    soc.runUntilIdle()
    const { startTime, endTime } = await copy
    times.push(endTime - startTime)
  }
  const [shorter = NaN, longer = NaN] = times
  expect(longer).toBeGreaterThan(shorter)
})

describe.each(EXPECTED)('the configuration on $name', ({ name, backends }) => {
  it('tells the backend, here and where others attach', async () => {
    const soc = await open(name)
    const driver = await install(soc)
    expect(driver.config).toEqual({ ...AsyncMemcpy.defaultConfig, backend: backends[0]?.name })
    for (const { name: backend } of backends.slice(1)) {
      const other = await install(soc, { backend })
      await using attached = AsyncMemcpy.attach(soc, other.handle)
      expect(attached.config).toEqual(other.config)
      expect(attached.config.backend).toBe(backend)
    }
  })

  it.each<[AsyncMemcpyConfig, 'ESP_ERR_NOT_SUPPORTED' | 'ESP_ERR_INVALID_ARG', string]>([
    [{ backend: 'threads' }, 'ESP_ERR_NOT_SUPPORTED', 'threads'],
    [{ channels: 2 }, 'ESP_ERR_NOT_SUPPORTED', 'channels'],
    [{ psramTransAlign: 8 }, 'ESP_ERR_INVALID_ARG', 'psramTransAlign'],
    [{ weight: 16 }, 'ESP_ERR_INVALID_ARG', 'weight'],
    [{ backend: 7 as unknown as 'cp-dma' }, 'ESP_ERR_INVALID_ARG', 'backend'],
  ])('%o is refused, and nothing stays behind', async (config, code, tells) => {
    const soc = await open(name)
    const used = soc.control.used
    expectEspError(await rejectionOf(AsyncMemcpy.install(config, soc)), code, tells)
    expect(soc.control.used).toBe(used)
  })
})

it('the host has its one backend', async () => {
  const soc = await open('host')
  const driver = await install(soc, { weight: 15, dmaBurstSize: 2 })
  expect(driver.config.backend).toBe('threads')
  expectEspError(
    await rejectionOf(AsyncMemcpy.install({ backend: 'gdma-ahb' }, soc)),
    'ESP_ERR_NOT_SUPPORTED',
    'threads',
  )
})

it('the document: memory copy from or to PSRAM on the ESP32-S2 is an error', async () => {
  const soc = await open('esp32s2', { psram: 2 * MIB })
  const driver = await install(soc)
  const [inside, outside] = [soc.heap.alloc(64), soc.heap.alloc(64, { memory: 'psram' })]
  for (const [dst, src] of [
    [inside, outside],
    [outside, inside],
    [outside, outside],
  ] as const) {
    expectEspError(
      thrownBy(() => {
        driver.memcpy(dst, src, 64)
      }),
      'ESP_ERR_INVALID_ARG',
      'PSRAM',
      'cp-dma',
    )
    expectEspError(await rejectionOf(driver.copy(dst, src)), 'ESP_ERR_INVALID_ARG', 'PSRAM')
    expectEspError(
      thrownBy(() => driver.copySync(dst, src, 64)),
      'ESP_ERR_INVALID_ARG',
      'PSRAM',
    )
  }
  expect(driver.stats.submitted).toBe(0)
})

describe.each(BACKENDS)('any copy on $title', ({ chip, backend }) => {
  const [start, end] = chip.sram
  const psram = backend.psram || chip.psram !== undefined ? chip.psram : undefined
  const PSRAM = 2 * MIB
  const WATCHED = 64 * 1024

  it('is refused and changes nothing, or is a memmove and leaves every other byte alone', async () => {
    const options: SocOptions = psram === undefined ? {} : { psram: PSRAM }
    const soc = await open(chip.name, options)
    // Its windows are watched from end to end; nothing is allocated in them.
    const windows = [soc.view(start, end - start)]
    if (psram !== undefined) windows.push(soc.view(psram[0], WATCHED), soc.view(psram[0] + PSRAM - WATCHED, WATCHED))
    if (backend.flash) windows.push(soc.view(chip.flash - (chip.flash % WATCHED), WATCHED))
    windows.forEach((window, i) => {
      fillByPosition(window, i + 1)
    })
    const mirrors = windows.map((window) => Uint8Array.from(window))
    const difference = (): number[] => windows.map((window, i) => firstDifference(window, mirrors[i] ?? window))

    const address = fc.oneof(
      ...windows.map((window) => fc.integer({ min: window.byteOffset, max: window.byteOffset + window.length })),
      ...windows.map((window) =>
        fc.integer({ min: 0, max: window.length >> 6 }).map((line) => window.byteOffset + (line << 6)),
      ),
      fc.constantFrom(chip.rtc ?? 1, chip.alias?.[0] ?? 1, 0x10000000),
    )
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 300 }).map((lines) => lines * 64),
    )
    const configs = fc.record({
      sramTransAlign: fc.constantFrom(0, 0, 4, 64),
      psramTransAlign: fc.constantFrom(0, 16, 64),
      dmaBurstSize: fc.constantFrom(0, 16, 32),
    })
    let accepted = 0
    let refused = 0
    const held = fc.sample(configs, { seed: 4, numRuns: 4 })
    for (const config of held) {
      const driver = await install(soc, { ...config, backend: backend.name })
      const rules = rulesOf(chip.name, { ...config, backend: backend.name }, options)
      const inWindow = (at: number, length: number): number =>
        windows.findIndex(({ byteOffset, length: size }) => at >= byteOffset && at + length <= byteOffset + size)
      fc.assert(
        fc.property(address, address, lengths, (dst, src, length) => {
          const to = inWindow(dst, length)
          const from = inWindow(src, length)
          const judged = admit(rules, { dst, src, length })
          // What lies between the parts of PSRAM that are watched.
          fc.pre(!judged.accepted || (to >= 0 && from >= 0))
          const before = driver.stats
          const outcome = outcomeOf(() => {
            driver.memcpy(dst, src, length)
          })
          if (judged.accepted) {
            expect(outcome).toBe('returned')
            const bytes =
              mirrors[from]?.slice(src - (windows[from]?.byteOffset ?? 0)).subarray(0, length) ?? new Uint8Array()
            mirrors[to]?.set(bytes, dst - (windows[to]?.byteOffset ?? 0))
            accepted++
          } else {
            expect(outcome).toBeInstanceOf(EspError)
            expect((outcome as EspError).name).toBe(judged.error)
            expect(driver.stats).toEqual(before)
            refused++
          }
          soc.runUntilIdle()
          expect(difference()).toEqual(windows.map(() => -1))
        }),
        { numRuns: 60, seed: 7 },
      )
      await uninstall(driver)
    }
    expect(accepted).toBeGreaterThan(10)
    expect(refused).toBeGreaterThan(10)
  })
})

it('threads engine: neighbours of an unaligned destination in PSRAM are left alone', async () => {
  const soc = await open('esp32s3', { engine: 'threads', clock: 'auto', psram: 2 * MIB })
  const driver = await install(soc)
  const block = soc.heap.alloc(256, { memory: 'psram' })
  const source = soc.heap.alloc(64).fill(9)
  block.fill(1)
  await driver.copy(block.subarray(16, 64), source.subarray(0, 48))
  expect([...block]).toEqual(Array.from({ length: 256 }, (_, i) => (i >= 16 && i < 64 ? 9 : 1)))
})

describe.each(EXPECTED)('the event-task matrix of $name', ({ name, backends }) => {
  const etm = backends[0]?.etm === true

  it(etm ? 'finished copies are events' : 'there is none: ESP_ERR_NOT_SUPPORTED', async () => {
    const soc = await open(name)
    const driver = await install(soc)
    if (etm) {
      const event = driver.newEtmEvent('copy-done')
      const channel = soc.etm.newChannel()
      channel.connect(event, null)
      channel.delete()
      event.delete()
    } else {
      expectEspError(
        thrownBy(() => driver.newEtmEvent('copy-done')),
        'ESP_ERR_NOT_SUPPORTED',
        name,
      )
      expectEspError(
        thrownBy(() => soc.etm.newChannel()),
        'ESP_ERR_NOT_SUPPORTED',
        name,
      )
    }
  })
})

it.each(ENGINES)('%s engine: copies that a resident callback sends follow the same rules', async (engine) => {
  const soc = await open('esp32s3', { engine, clock: 'auto', psram: 2 * MIB })
  const driver = await install(soc, { backlog: 2 })
  const { onward } = await driver.loadIsr<{ onward: IsrCallback }>(new URL('./fixtures/onward.js', import.meta.url))
  const [note, sram, psram] = [soc.heap.alloc(16), soc.heap.alloc(64).fill(5), soc.heap.alloc(64, { memory: 'psram' })]
  const words = new Uint32Array(note.buffer, note.byteOffset, 4)
  const send = async (dst: number, length: number): Promise<number | undefined> => {
    words.set([dst, soc.addressOf(sram), length, 1])
    await driver.copy(sram, sram, { length: 4, isr: onward, argument: soc.addressOf(note) })
    await untilIdle(driver)
    return words[3]
  }
  psram.fill(0)
  expect(await send(soc.addressOf(psram) + 8, 16)).toBe(ESP_ERROR_CODES.ESP_ERR_INVALID_ARG)
  expect([...psram]).toEqual(new Array(64).fill(0))
  expect(await send(soc.addressOf(psram) + 16, 16)).toBe(0)
  expect([...psram]).toEqual(Array.from({ length: 64 }, (_, i) => (i >= 16 && i < 32 ? 5 : 0)))
})
