/**
 * Random programs that leave memory in flight alone are never diagnosed, and end with the bytes that they would have without
 * diagnostics. The same programs with one error in them always are, whatever else goes on.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type Diagnosis, type DiagnosisCode } from '../../src/index.ts'

const DRIVERS = 3
const ARENA = 1024
const BACKLOG = 4
/** Longest time between two steps: some copies are over then, and some are not. */
const LONGEST_US = 12

interface Place {
  readonly on: number
  readonly dst: number
  readonly src: number
  readonly length: number
}

type Step =
  | ({ readonly do: 'copy' } & Place)
  | { readonly do: 'write'; readonly on: number; readonly at: number; readonly value: number }
  | { readonly do: 'read'; readonly on: number; readonly at: number; readonly to: number }
  | { readonly do: 'advance'; readonly us: number }
  | { readonly do: 'renew'; readonly on: number }

const on = fc.nat(DRIVERS - 1)
const offset = fc.nat(ARENA - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('copy' as const),
      on,
      dst: offset,
      src: offset,
      length: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('write' as const), on, at: offset, value: fc.nat(255) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), on, at: offset, to: on }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), us: fc.nat(LONGEST_US) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), on }) },
)

/** A copy in flight. */
interface Flying {
  readonly on: number
  readonly dst: number
  readonly src: number
  readonly length: number
}

const covers = (start: number, length: number, at: number): boolean => at >= start && at < start + length

/** A program as it runs: each driver has an arena of its own, in which its copies go anywhere. */
class Program {
  readonly soc: Soc
  readonly drivers: readonly AsyncMemcpy[]
  readonly arenas: Uint8Array<SharedArrayBuffer>[]
  readonly flying = new Set<Flying>()

  constructor(soc: Soc, drivers: readonly AsyncMemcpy[]) {
    this.soc = soc
    this.drivers = drivers
    this.arenas = drivers.map((_, i) => this.#newArena(i))
  }

  #newArena(seed: number): Uint8Array<SharedArrayBuffer> {
    const arena = this.soc.heap.alloc(ARENA)
    for (let i = 0; i < ARENA; i++) arena[i] = i * 7 + seed * 31
    return arena
  }

  driver(on: number): AsyncMemcpy {
    return this.drivers[on] ?? expect.unreachable()
  }

  arena(on: number): Uint8Array<SharedArrayBuffer> {
    return this.arenas[on] ?? expect.unreachable()
  }

  /** Whether a byte is the source or the destination of a copy in flight. */
  isFlying(on: number, at: number): boolean {
    return [...this.flying].some(
      (copy) => copy.on === on && (covers(copy.dst, copy.length, at) || covers(copy.src, copy.length, at)),
    )
  }

  run(what: Step): void {
    switch (what.do) {
      case 'copy': {
        const length = Math.min(what.length, ARENA - what.dst, ARENA - what.src)
        const copies = [...this.flying].filter((copy) => copy.on === what.on).length
        if (copies === BACKLOG) return
        const copy = { on: what.on, dst: what.dst, src: what.src, length }
        this.flying.add(copy)
        const arena = this.arena(what.on)
        this.driver(what.on).memcpy(arena.subarray(what.dst), arena.subarray(what.src), length, () => {
          this.flying.delete(copy)
          // What is over belongs to the program, unless another copy has to do with it.
          if (!this.isFlying(what.on, what.dst)) arena[what.dst] = (arena[what.dst] ?? 0) + 1
        })
        break
      }
      case 'write':
        if (!this.isFlying(what.on, what.at)) this.arena(what.on)[what.at] = what.value
        break
      case 'read': {
        // What is at rest may go on to another place that is at rest.
        const to = this.arena(what.to)
        for (let i = what.at; i < Math.min(ARENA, what.at + 64); i++) {
          if (!this.isFlying(what.on, i) && !this.isFlying(what.to, i)) to[i] = this.arena(what.on)[i] ?? 0
        }
        break
      }
      case 'advance':
        this.soc.advance(what.us)
        break
      case 'renew': {
        if ([...this.flying].some((copy) => copy.on === what.on)) return
        this.soc.heap.free(this.arena(what.on))
        this.arenas[what.on] = this.#newArena(what.on)
        break
      }
    }
  }

  async end(): Promise<Uint8Array[]> {
    this.soc.runUntilIdle()
    expect(this.flying.size).toBe(0)
    for (const driver of this.drivers) await driver.uninstall()
    const bytes = this.arenas.map((arena) => Uint8Array.from(arena))
    await this.soc.close()
    return bytes
  }
}

async function begin(isDiagnosed: boolean): Promise<Program> {
  const diagnostics = isDiagnosed && { onDiagnosis: () => undefined, callbacks: 'declared' as const }
  const soc = await Soc.open('esp32s3', { engine: 'simulated', clock: 'manual', diagnostics })
  const drivers: AsyncMemcpy[] = []
  for (let i = 0; i < DRIVERS; i++) drivers.push(await AsyncMemcpy.install({ backlog: BACKLOG }, soc))
  return new Program(soc, drivers)
}

it('programs that leave memory in flight alone are never diagnosed, and do what they do without', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const [diagnosed, plain] = [await begin(true), await begin(false)]
      for (const one of steps) {
        diagnosed.run(one)
        plain.run(one)
      }
      expect(diagnosed.soc.now()).toBe(plain.soc.now())
      diagnosed.soc.runUntilIdle()
      diagnosed.soc.diagnoses.assertNone()
      expect(await diagnosed.end()).toEqual(await plain.end())
    }),
    { numRuns: 150 },
  )
}, 120_000)

type Fault = Exclude<DiagnosisCode, 'callback-too-long' | 'backlog-exceeded'>

/** Bytes that hold a whole pattern wherever they begin. */
const PATTERN = 15

/** Whether an error of that kind can be made with a copy, and be seen. */
function isPossible(program: Program, fault: Fault, copy: Flying): boolean {
  const { on, dst, src, length } = copy
  const isFree = [...program.flying].filter((other) => other.on === (on + 1) % DRIVERS).length < BACKLOG
  if (fault === 'copies-overlap') return isFree
  // A copy that overlaps itself is told of as what its source suffers.
  if (fault === 'destination-written') return src + length <= dst || dst + length <= src
  if (fault !== 'destination-read') return true
  // Where copies of one driver have to do with the same memory, their destinations are poisoned one after another.
  const isApart = [...program.flying].every((other) => {
    const starts = other === copy ? [src] : other.on === on ? [other.dst, other.src] : []
    return starts.every((start) => start + other.length <= dst || start >= dst + length)
  })
  return isFree && isApart && length >= PATTERN
}

/** Makes an error with a copy that is in flight. */
function err(program: Program, fault: Fault, { on, dst, src, length }: Flying, share: number): void {
  const { soc } = program
  const arena = program.arena(on)
  const at = Math.floor(share * (length - 1))
  const other = program.driver((on + 1) % DRIVERS)
  switch (fault) {
    case 'source-changed':
      arena[src + at] = (arena[src + at] ?? 0) ^ 0xff
      break
    case 'destination-written':
      arena[dst + at] = (arena[dst + at] ?? 0) ^ 0xff
      break
    case 'destination-read': {
      const [to, from] = [soc.heap.alloc(ARENA), soc.heap.alloc(ARENA).fill(0)]
      from.set(arena.subarray(dst, dst + length), Math.floor(share * (ARENA - length)))
      other.memcpy(to, from, ARENA)
      break
    }
    case 'copies-overlap':
      other.memcpy(arena.subarray(dst + at), soc.heap.alloc(64), 1)
      break
    case 'buffer-freed':
      soc.heap.free(arena)
      break
  }
}

it.each<Fault>(['source-changed', 'destination-written', 'destination-read', 'copies-overlap', 'buffer-freed'])(
  'one error in a program is always found: %s',
  async (fault) => {
    let made = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, which, share) => {
          const program = await begin(true)
          const { diagnoses } = program.soc
          for (const one of steps) program.run(one)
          const victims = [...program.flying].filter((copy) => isPossible(program, fault, copy))
          const victim = victims[Math.floor(which * (victims.length - 1))]
          diagnoses.assertNone()
          if (victim !== undefined) {
            made++
            const driver = program.driver(victim.on).handle
            const destination = program.soc.addressOf(program.arena(victim.on)) + victim.dst
            const time = program.soc.now()
            err(program, fault, victim, share)
            const found = [...diagnoses]
            // As what it is, of that copy, and when it was made.
            const suffers = ({ code, copy, other }: Diagnosis): boolean =>
              code === fault && [copy, other].some((one) => one?.driver === driver && one.destination === destination)
            expect(found.filter(suffers)).not.toHaveLength(0)
            for (const one of found) expect(one.time).toBe(time)
          }
          await program.end()
        },
      ),
      { numRuns: 100 },
    )
    expect(made).toBeGreaterThan(20)
  },
  120_000,
)
