/** Every rule on every chip, both sides of each limit, against a table written by hand (test/support/chip-table.ts). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EXPECTED } from '../../test/support/chip-table.ts'
import { chips, MIB, planOf, refusalOf, refusedConfig, rulesOf, withPsram } from '../../test/support/targets.ts'

import { admit, LONGEST_DESCRIPTOR, refuseEnd, type CopyRequest } from './admit.ts'
import { findTarget } from './catalog.ts'
import { installable, type DriverRules, type Refusal, type RuledConfig, type RuleName } from './driver-rules.ts'
import { psramWindow } from './fitting.ts'

const PSRAM_FITTED = 2 * MIB
const ALL_BACKENDS = ['cp-dma', 'gdma-ahb', 'gdma-axi', 'gdma-lp-ahb', 'threads'] as const

const ENGINES = EXPECTED.flatMap((chip) =>
  chip.backends.map((backend) => ({ chip, backend, title: `${chip.name} ${backend.name}` })),
)

it('the table has every chip', () => {
  expect(EXPECTED.map((chip) => chip.name).sort()).toEqual(chips.map((chip) => chip.name).sort())
})

describe.each(EXPECTED)('backends of $name', ({ name, backends }) => {
  it('the first is the default', () => {
    expect(rulesOf(name).backend.name).toBe(backends[0]?.name)
  })

  it.each(ALL_BACKENDS)('%s: found if the chip has it, else ESP_ERR_NOT_SUPPORTED', (backend) => {
    const expected = backends.find((one) => one.name === backend)
    if (expected === undefined) {
      const refusal = refusedConfig(name, { backend })
      expect(refusal).toMatchObject({ error: 'ESP_ERR_NOT_SUPPORTED', rule: 'backend' })
      for (const one of backends) expect(refusal.message).toContain(one.name)
      expect(installable(findTarget(name), backend)).toBe(0)
    } else {
      const rules = rulesOf(name, { backend })
      expect(rules.backend).toMatchObject({ name: backend, etm: { value: expected.etm } })
      expect(installable(findTarget(name), backend)).toBe(expected.drivers)
    }
  })

  it('a copy is made by one channel', () => {
    expect(refusedConfig(name, { channels: 2 })).toMatchObject({ error: 'ESP_ERR_NOT_SUPPORTED', rule: 'channels' })
  })
})

describe.each(ENGINES)('the configuration on $title', ({ chip: { name }, backend }) => {
  it.each([0, 1, 2, 4, 8, 16, 32, 64, 128])('dmaBurstSize %d', (dmaBurstSize) => {
    const { bursts } = backend
    if (dmaBurstSize === 0 || bursts === undefined || bursts.includes(dmaBurstSize)) {
      expect(rulesOf(name, { backend: backend.name, dmaBurstSize }).accepted).toBe(true)
    } else {
      const refusal = refusedConfig(name, { backend: backend.name, dmaBurstSize })
      expect(refusal).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'burst-size' })
      expect(refusal.message).toContain(bursts.join(', '))
      expect(refusal.nearest.length).toBeGreaterThan(0)
      for (const size of refusal.nearest) expect(bursts).toContain(size)
    }
  })

  it.each([0, 1, 15])('weight %d', (weight) => {
    if (weight === 0 || backend.weighted === true) {
      expect(rulesOf(name, { backend: backend.name, weight }).weight).toBe(Math.max(1, weight))
    } else {
      expect(refusedConfig(name, { backend: backend.name, weight })).toMatchObject({
        error: 'ESP_ERR_NOT_SUPPORTED',
        rule: 'weight',
        nearest: [0],
      })
    }
  })
})

it('the host takes any burst and any weight, and several channels', () => {
  for (const config of [{ dmaBurstSize: 1 }, { dmaBurstSize: 128 }, { weight: 15 }, { channels: 16 }]) {
    expect(rulesOf('host', config).accepted).toBe(true)
  }
})

describe.each(ENGINES)('places of $title', ({ chip, backend }) => {
  const rules = rulesOf(chip.name, { backend: backend.name })
  const {
    sram: [start, end],
    psram,
    rtc,
    alias,
  } = chip
  const copy = (given: Partial<CopyRequest>): CopyRequest => ({ dst: start, src: start + 4096, length: 64, ...given })

  it('SRAM, from its first byte to its last', () => {
    for (const role of ['dst', 'src'] as const) {
      expect(admit(rules, copy({ [role]: start, length: 1 })).accepted).toBe(true)
      expect(admit(rules, copy({ [role]: end - 1, length: 1 })).accepted).toBe(true)
      expect(admit(rules, copy({ [role]: end - 64 })).accepted).toBe(true)
      expect(refusalOf(rules, copy({ [role]: end - 63 }))).toMatchObject({ rule: 'window', nearest: [63] })
      expect(refusalOf(rules, copy({ [role]: end - 1, length: 2 }))).toMatchObject({ rule: 'window', nearest: [1] })
      const before = refusalOf(rules, copy({ [role]: start - 1 }))
      expect(before.error).toBe('ESP_ERR_INVALID_ARG')
      expect(before.rule).not.toBe('window')
    }
  })

  it('the length is a whole number of bytes, 1 or more', () => {
    expect(admit(rules, copy({ length: 1 })).accepted).toBe(true)
    for (const length of [0, -1, 1.5, NaN]) {
      expect(refusalOf(rules, copy({ length }))).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'length' })
    }
  })

  it.each([0, 1, 0x04000000, 0x10000000, 0xfffffff0])('%i is no memory', (address) => {
    for (const role of ['dst', 'src'] as const) {
      const refusal = refusalOf(rules, copy({ [role]: address }))
      expect(refusal).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'memory' })
      expect(refusal.message).toContain(chip.name)
    }
  })

  if (psram !== undefined) {
    it('PSRAM that is in reach, as far as it is fitted', () => {
      const [first] = psram
      const behind = first + PSRAM_FITTED
      for (const role of ['dst', 'src'] as const) {
        const inside = admit(rules, copy({ [role]: behind - 64 }))
        if (backend.psram) {
          expect(inside.accepted).toBe(true)
          expect(refusalOf(rules, copy({ [role]: behind - 64, length: 80 }))).toMatchObject({
            rule: 'window',
            nearest: [64],
          })
        } else {
          expect(inside).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'psram-reach' })
          expect((inside as Refusal).message).toContain('PSRAM')
        }
        const beyond = admit(rules, copy({ [role]: behind }))
        const isFlash =
          role === 'src' &&
          backend.flash &&
          findTarget(chip.name).elsewhere.some((one) => one.kind === 'flash' && behind >= one.start && behind < one.end)
        expect(beyond.accepted).toBe(isFlash)
      }
    })
  }

  if (psram !== undefined && backend.psram) {
    it('PSRAM that is not fitted is not there, and the message says how to fit it', () => {
      const none = rulesOf(chip.name, { backend: backend.name }, {})
      const refusal = refusalOf(none, copy({ dst: psram[0] }))
      expect(['memory', 'flash-write']).toContain(refusal.rule)
      if (refusal.rule === 'memory') expect(refusal.message).toContain('the option psram')
    })
  }

  it('flash is read where DMA can, and never written', () => {
    const read = admit(rules, copy({ src: chip.flash }))
    if (backend.flash) expect(read).toMatchObject({ accepted: true, read: { kind: 'flash' } })
    else expect(read).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'flash-read' })
    expect(refusalOf(rules, copy({ dst: chip.flash }))).toMatchObject({
      error: 'ESP_ERR_INVALID_ARG',
      rule: 'flash-write',
    })
  })

  if (rtc !== undefined) {
    it('memory of the low-power domain is not DMA-capable', () => {
      expect(refusalOf(rules, copy({ dst: rtc }))).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'rtc' })
      expect(refusalOf(rules, copy({ src: rtc }))).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'rtc' })
    })
  }

  if (alias !== undefined) {
    it('an alias is refused, and the message names the first address', () => {
      const [address, first] = alias
      for (const role of ['dst', 'src'] as const) {
        const refusal = refusalOf(rules, copy({ [role]: address }))
        expect(refusal).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'alias', nearest: [first] })
        expect(refusal.message).toContain(`0x${first.toString(16)}`)
      }
    })
  }
})

describe.each(ENGINES)('alignment on $title', ({ chip, backend }) => {
  const [sram] = chip.sram
  const psram = chip.psram?.[0] ?? 0

  /** Both sides of a limit: what is a multiple passes, what is a byte off does not. */
  function expectAlignment(
    rules: DriverRules,
    copy: CopyRequest,
    align: number,
    rule: RuleName,
    role: 'dst' | 'src',
  ): void {
    expect(admit(rules, { ...copy, length: align }).accepted).toBe(true)
    expect(admit(rules, { ...copy, [role]: copy[role] + align, length: 3 * align }).accepted).toBe(true)
    for (const off of [1, align / 2, align - 1].filter(Number.isInteger)) {
      const moved = refusalOf(rules, { ...copy, [role]: copy[role] + align + off, length: align })
      expect(moved).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule })
      expect(moved.nearest).toEqual([copy[role] + align, copy[role] + 2 * align])
      const longer = refusalOf(rules, { ...copy, length: align + off })
      expect(longer).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule, nearest: [align, 2 * align] })
      const shorter = refusalOf(rules, { ...copy, length: off })
      expect(shorter).toMatchObject({ rule, nearest: [align] })
    }
  }

  it.each([2, 4, 16, 64, 4096])('sramTransAlign %d, for both ends in SRAM', (sramTransAlign) => {
    const rules = rulesOf(chip.name, { backend: backend.name, sramTransAlign })
    const copy = { dst: sram, src: sram + 65536, length: 0 }
    expectAlignment(rules, copy, sramTransAlign, 'sram-align', 'dst')
    expectAlignment(rules, copy, sramTransAlign, 'sram-align', 'src')
  })

  it('sramTransAlign 0 and 1: anything in SRAM', () => {
    for (const sramTransAlign of [0, 1]) {
      const rules = rulesOf(chip.name, { backend: backend.name, sramTransAlign })
      for (let off = 0; off < 70; off++) {
        expect(admit(rules, { dst: sram + off, src: sram + 4096 + 3 * off, length: 1 + off }).accepted).toBe(true)
      }
    }
  })

  it('burstsBySize: a destination in SRAM as the DMA receives bursts, and a source anywhere', () => {
    const burst = backend.bursts?.[0] ?? 16
    const rules = rulesOf(chip.name, { backend: backend.name, burstsBySize: true, dmaBurstSize: burst })
    expect(rules.bursts.write).toBe(rules.bursts.read)
    const copy = { dst: sram, src: sram + 65536, length: 0 }
    if (backend.burstWords !== undefined) expectAlignment(rules, copy, backend.burstWords, 'burst-align', 'dst')
    for (let off = 0; off < 70; off++) {
      const [dst, length] = backend.burstWords === undefined ? [sram + off, 1 + off] : [sram, 64]
      expect(admit(rules, { dst, src: sram + 4096 + 3 * off, length }).accepted).toBe(true)
    }
    const without = rulesOf(chip.name, {
      backend: backend.name,
      burstsBySize: true,
      dmaBurstSize: 0,
      sramTransAlign: 4,
    })
    expect(without.bursts).toMatchObject({ read: 1, write: 1 })
    expect(
      admit(rulesOf(chip.name, { backend: backend.name, burstsBySize: true, dmaBurstSize: 0 }), {
        dst: sram + 1,
        src: sram + 4097,
        length: 3,
      }).accepted,
    ).toBe(true)
  })

  if (!backend.psram) return

  it.each([0, 16, 32, 64])('psramTransAlign %d, for a destination in PSRAM: 0 means 16', (psramTransAlign) => {
    const rules = rulesOf(chip.name, { backend: backend.name, psramTransAlign, dmaBurstSize: 0 })
    const align = psramTransAlign === 0 ? 16 : psramTransAlign
    expectAlignment(rules, { dst: psram, src: sram, length: 0 }, align, 'psram-align', 'dst')
    expect(refusalOf(rules, { dst: psram + 1, src: sram, length: align }).message).toContain('psramTransAlign')
  })

  it('unalignedPsram: 0 asks for nothing, unless the bursts do; what is declared holds', () => {
    const free = rulesOf(chip.name, { backend: backend.name, unalignedPsram: true, dmaBurstSize: 0 })
    for (let off = 0; off < 40; off++) {
      expect(admit(free, { dst: psram + off, src: sram + 3 * off, length: 1 + off }).accepted).toBe(true)
    }
    const declared = rulesOf(chip.name, { backend: backend.name, unalignedPsram: true, psramTransAlign: 32 })
    expectAlignment(declared, { dst: psram, src: sram, length: 0 }, 32, 'psram-align', 'dst')
    const smallest = Math.min(...(backend.bursts ?? []))
    if (!Number.isFinite(smallest)) return
    const bursts = rulesOf(chip.name, { backend: backend.name, unalignedPsram: true, dmaBurstSize: smallest })
    const odd = admit(bursts, { dst: psram + 1, src: sram, length: smallest })
    expect(odd.accepted ? undefined : odd.rule).toBe(backend.burstAligned === true ? 'burst-align' : undefined)
  })

  it('a source in PSRAM: what is declared, and nothing if nothing is', () => {
    const declared = rulesOf(chip.name, { backend: backend.name, psramTransAlign: 32 })
    expectAlignment(declared, { dst: sram, src: psram, length: 0 }, 32, 'psram-align', 'src')
    const free = rulesOf(chip.name, { backend: backend.name })
    for (let off = 0; off < 40; off++) {
      expect(admit(free, { dst: sram + off, src: psram + 3 * off, length: 1 + off }).accepted).toBe(true)
    }
  })

  it('SRAM and PSRAM each follow their own: a copy between them follows both', () => {
    const rules = rulesOf(chip.name, { backend: backend.name, sramTransAlign: 64, psramTransAlign: 32 })
    expect(admit(rules, { dst: psram + 32, src: sram + 64, length: 64 }).accepted).toBe(true)
    expect(refusalOf(rules, { dst: psram + 32, src: sram + 64, length: 32 })).toMatchObject({ rule: 'sram-align' })
    expect(refusalOf(rules, { dst: psram + 32, src: sram + 32, length: 64 })).toMatchObject({ rule: 'sram-align' })
    expect(refusalOf(rules, { dst: psram + 16, src: sram + 64, length: 64 })).toMatchObject({ rule: 'psram-align' })
    // What is not touched asks for nothing.
    expect(admit(rules, { dst: psram + 32, src: psram + 4096, length: 32 }).accepted).toBe(true)
  })

  it('the burst, for a destination in PSRAM, where the engine cannot do otherwise', () => {
    const largest = Math.max(...(backend.bursts ?? []))
    const rules = rulesOf(chip.name, { backend: backend.name, psramTransAlign: 16, dmaBurstSize: largest })
    const copy = { dst: psram + 16, src: sram, length: 16 }
    if (backend.burstAligned === true) {
      expectAlignment(rules, { dst: psram, src: sram, length: 0 }, largest, 'burst-align', 'dst')
    } else {
      expect(admit(rules, copy).accepted).toBe(true)
    }
    expect(admit(rulesOf(chip.name, { backend: backend.name, dmaBurstSize: 0 }), copy).accepted).toBe(true)
  })

  it('flash encryption: 16 at both ends in external memory, or out of reach, or no rule', () => {
    const options = { ...withPsram(findTarget(chip.name)), flashEncryption: true }
    const rules = rulesOf(chip.name, { backend: backend.name, dmaBurstSize: 0 }, options)
    if (backend.encrypted === 'out of reach') {
      for (const copy of [
        { dst: psram, src: sram, length: 64 },
        { dst: sram, src: psram, length: 64 },
        { dst: sram, src: chip.flash, length: 64 },
      ]) {
        expect(refusalOf(rules, copy)).toMatchObject({ error: 'ESP_ERR_INVALID_ARG', rule: 'encryption-reach' })
      }
    } else if (backend.encrypted === 16) {
      expectAlignment(rules, { dst: sram, src: psram, length: 0 }, 16, 'encryption-align', 'src')
      expect(refusalOf(rules, { dst: sram, src: chip.flash + 1, length: 16 })).toMatchObject({
        rule: 'encryption-align',
      })
      expect(admit(rules, { dst: sram, src: chip.flash + 16, length: 16 }).accepted).toBe(true)
    } else {
      expect(admit(rules, { dst: sram, src: psram + 1, length: 15 }).accepted).toBe(true)
    }
    // Internal memory is not encrypted.
    expect(admit(rules, { dst: sram + 1, src: sram + 1001, length: 7 }).accepted).toBe(true)
  })

  if (backend.weighted === true) {
    it('weighted arbitration: everything in bursts', () => {
      const rules = rulesOf(chip.name, { backend: backend.name, weight: 3, dmaBurstSize: 32 })
      expectAlignment(rules, { dst: sram, src: sram + 4096, length: 0 }, 32, 'weight-align', 'dst')
      expectAlignment(rules, { dst: sram, src: psram, length: 0 }, 32, 'weight-align', 'src')
      const unweighted = rulesOf(chip.name, { backend: backend.name, dmaBurstSize: 32 })
      expect(admit(unweighted, { dst: sram + 1, src: sram + 4099, length: 5 }).accepted).toBe(true)
    })
  }
})

describe.each(EXPECTED)(
  'cache lines of $name',
  ({ name, sram: [sram], psram, lines: [external, internal], backends }) => {
    it.each([
      ['PSRAM', external, psram?.[0]],
      ['SRAM', internal, sram],
    ])('a destination in %s that shares a line goes through buffers there, and only that', (kind, line, start) => {
      if (start === undefined || (kind === 'PSRAM' && backends[0]?.psram !== true)) return
      const rules = rulesOf(name, { dmaBurstSize: 0 })
      const stash = (dst: number, length: number): unknown => planOf(rules, { dst, src: sram + 65536, length }).stash
      if (line === 0) {
        expect(stash(start + 1, 1001)).toBeUndefined()
        return
      }
      const step = kind === 'PSRAM' ? 16 : 1
      expect(stash(start, 4 * line)).toBeUndefined()
      expect(stash(start + line, line)).toBeUndefined()
      expect(stash(start, line + step)).toEqual({ head: 0, tail: step, line })
      expect(stash(start + line - step, line + step)).toEqual({ head: step, tail: 0, line })
      expect(stash(start + line - step, 2 * step + line)).toEqual({ head: step, tail: step, line })
      expect(stash(start + step, step)).toEqual({ head: step, tail: 0, line })
    })
  },
)

describe('burst mode', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 1],
    [4, 16],
    [8, 16],
    [4096, 16],
  ])('sramTransAlign %d: writes to SRAM in bursts of %d', (sramTransAlign, burst) => {
    for (const { name } of EXPECTED) {
      const { bursts } = rulesOf(name, { sramTransAlign })
      expect(bursts).toMatchObject({ write: burst, read: 16 })
    }
  })

  it('dmaBurstSize 0 turns bursts off, but external memory has blocks of 16', () => {
    for (const { name } of EXPECTED) {
      const { bursts } = rulesOf(name, { sramTransAlign: 64, dmaBurstSize: 0 })
      expect(bursts).toEqual({ read: 1, write: 1, external: 16 })
    }
  })

  it('external memory is accessed in blocks of psramTransAlign or of the burst, as long as the engine can', () => {
    const external = (name: string, config: Partial<RuledConfig>): number => rulesOf(name, config).bursts.external
    expect(external('esp32s3', { psramTransAlign: 64 })).toBe(64)
    expect(external('esp32s3', { dmaBurstSize: 32 })).toBe(32)
    expect(external('esp32c5', { psramTransAlign: 64 })).toBe(32)
    expect(external('esp32p4', { backend: 'gdma-axi', dmaBurstSize: 128 })).toBe(128)
  })
})

describe('descriptors', () => {
  it.each([
    [0, 4095],
    [1, 4095],
    [2, 4094],
    [4, 4092],
    [8, 4088],
    [16, 4080],
    [32, 4064],
    [64, 4032],
    [128, 3968],
  ])('with sramTransAlign %d one has %d bytes: 4095, aligned down', (sramTransAlign, bytes) => {
    const rules = rulesOf('esp32c3', { sramTransAlign })
    const { read, write } = planOf(rules, { dst: 0x3fc80000, src: 0x3fc90000, length: 4096 })
    expect([read.chunk, write.chunk]).toEqual([bytes, bytes])
    expect(bytes).toBe(LONGEST_DESCRIPTOR - (LONGEST_DESCRIPTOR % Math.max(1, sramTransAlign)))
  })
})

describe('what would pass', () => {
  /** Puts the nearest value in place of what is wrong. */
  function corrected(copy: CopyRequest, { rule, message, nearest: [first] }: Refusal): CopyRequest | undefined {
    if (first === undefined) return undefined
    if (rule === 'length' || rule === 'window' || message.startsWith('length')) return { ...copy, length: first }
    return message.startsWith('dst') ? { ...copy, dst: first } : { ...copy, src: first }
  }

  it.each(ENGINES)('$title: whoever follows what the refusals say arrives', ({ chip, backend }) => {
    const target = findTarget(chip.name)
    const places = [...target.memory, ...target.elsewhere, ...target.aliases]
    const address = fc.oneof(
      ...places.map(({ start, end }) =>
        fc.oneof(fc.integer({ min: start, max: end }), fc.integer({ min: start, max: start + 256 })),
      ),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    )
    const config = fc.record({
      sramTransAlign: fc.constantFrom(0, 1, 4, 64, 1024),
      psramTransAlign: fc.constantFrom(0, 16, 32, 64),
      dmaBurstSize: fc.constantFrom(...(backend.bursts ?? [0, 16, 128])),
      weight: fc.constantFrom(0, ...(backend.weighted === true ? [1, 15] : [])),
    })
    const copies = fc.record({
      dst: address,
      src: address,
      length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: MIB })),
    })
    fc.assert(
      fc.property(copies, config, fc.boolean(), (first, given, flashEncryption) => {
        const rules = rulesOf(chip.name, { ...given, backend: backend.name }, { ...withPsram(target), flashEncryption })
        let copy: CopyRequest | undefined = first
        for (let steps = 0; ; steps++) {
          const judged = admit(rules, copy)
          const { dst, src, length } = copy
          // The driver judges each end by itself.
          const ends =
            length === 0 ? undefined : (refuseEnd(rules, 'dst', dst, length) ?? refuseEnd(rules, 'src', src, length))
          if (length > 0) expect(ends === undefined).toBe(judged.accepted)
          if (judged.accepted) return
          expect(judged.error).toBe('ESP_ERR_INVALID_ARG')
          copy = corrected(copy, judged)
          // No address would do for a copy that is longer than any memory, and no length for the last bytes of one.
          if (copy === undefined) return
          expect(steps).toBeLessThan(8)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('no address is proposed where the copy would not fit', () => {
    const rules = rulesOf('esp32c2')
    expect(refusalOf(rules, { dst: 0, src: 0x3fca0000, length: 2 * MIB }).nearest).toEqual([])
    expect(refusalOf(rules, { dst: 0, src: 0x3fca0000, length: 0x40000 }).nearest).toEqual([0x3fca0000])
  })

  it('the nearest memory is proposed, of which the address is beside', () => {
    const rules = rulesOf('esp32s3')
    const nearest = (dst: number): readonly number[] => refusalOf(rules, { dst, src: 0x3fc90000, length: 64 }).nearest
    expect(nearest(0x3fd00000)).toEqual([0x3fd00000 - 64])
    expect(nearest(0x3fc87fff)).toEqual([0x3fc88000])
    const psram = psramWindow(findTarget('esp32s3'))?.start ?? 0
    expect(nearest(psram + PSRAM_FITTED + 5)).toEqual([psram + PSRAM_FITTED - 64])
  })
})
