/** The event-task matrix: how soon one copy starts the next, and what it costs those who do not use it. */
import { AsyncMemcpy, Soc, type ResidentCallback } from '../src/index.ts'

import type * as isr from './bench-isr.ts'
import { PROBE } from './bench-isr.ts'
import { LoneRing } from './event-overhead.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { SLOT_BYTES, SlotField, SLOTS } from './slot-field.ts'
import { interleave, median, type Side } from './statistics.ts'

/** Long enough that the channel notes when it starts. */
const LENGTH = 4096
const BURST = 256

interface Chain {
  readonly soc: Soc
  readonly first: AsyncMemcpy
  readonly second: AsyncMemcpy
  readonly stamp: ResidentCallback
  readonly memory: readonly [number, number, number]
  readonly probe: Float64Array
  readonly probeAddress: number
}

async function openChain(): Promise<Chain> {
  const soc = await Soc.open('host')
  const first = await AsyncMemcpy.install({}, soc)
  const second = await AsyncMemcpy.install({}, soc)
  const { stamp } = await second.loadIsr<typeof isr>(new URL('./cli-bench-isr.js', import.meta.url))
  const bytes = soc.heap.alloc(Object.keys(PROBE).length * Float64Array.BYTES_PER_ELEMENT)
  const block = (): number => soc.addressOf(soc.heap.alloc(LENGTH))
  return {
    soc,
    first,
    second,
    stamp,
    memory: [block(), block(), block()],
    probe: new Float64Array(bytes.buffer, bytes.byteOffset, Object.keys(PROBE).length),
    probeAddress: soc.addressOf(bytes),
  }
}

/** From the end of the first copy to the start of the second, in µs. `link` sets the second one going. */
function chainSide({ first, second, memory, probe }: Chain, rounds: number, link: 'etm' | (() => boolean)): Side {
  const [from, between] = memory
  return async () => {
    const times: number[] = []
    for (let i = 0; i < rounds; i++) {
      probe[PROBE.began] = 0
      const ended = await new Promise<number>((resolve) => {
        first.memcpy(between, from, LENGTH, (_driver, event) => {
          resolve(event.endTime)
          return link === 'etm' ? false : link()
        })
      })
      while (probe[PROBE.began] === 0 || second.stats.inFlight > 0);
      times.push(((probe[PROBE.started] ?? 0) - ended) * 1e3)
    }
    return median(times)
  }
}

async function chainMeasurements({ plan, progress }: Bench): Promise<Measurement[]> {
  const chain = await openChain()
  const { soc, first, second, stamp, memory, probeAddress } = chain
  const rounds = plan.quick ? 300 : 1000
  const [, between, to] = memory
  const channel = soc.etm.newChannel()
  const next = second.prepare(to, between, LENGTH, { isr: stamp, argument: probeAddress })
  const done = first.newEtmEvent('copy-done')
  channel.connect(done, next)
  const byEvent = chainSide(chain, rounds, 'etm')
  const byCallback = chainSide(chain, rounds, () => {
    second.memcpy(to, between, LENGTH, stamp, probeAddress)
    return false
  })
  const sides: Record<'etm' | 'callback', Side> = {
    etm: async () => {
      channel.enable()
      const time = await byEvent()
      channel.disable()
      return time
    },
    callback: byCallback,
  }
  for (let calls = 0; calls < plan.warmUpCalls / 4; calls += rounds) {
    await sides.etm()
    await sides.callback()
  }
  const { etm, callback } = await interleave(sides, plan.rounds, (count) => {
    progress((0.6 * count) / plan.rounds)
  })
  channel.delete()
  next.delete()
  done.delete()
  await first.uninstall({ drain: true })
  await second.uninstall({ drain: true })
  await soc.close()
  const note = `copies of ${LENGTH} bytes on two channels; medians of rounds of ${rounds}`
  return [
    { ...measured('etm_chain_us', 'µs', etm, note), sides: { event: figures('µs', etm) } },
    ratioOf('etm_chain_vs_callback', {
      numerator: ['event', etm],
      denominator: ['deferred callback', callback],
      unit: 'µs',
    }),
  ]
}

/** Nanoseconds of channel and caller for a copy, in a stream that keeps the ring filled. */
function streamSide(field: SlotField, copies: number): Side {
  const { driver, destination, source } = field
  return () => {
    field.renew()
    const start = performance.now()
    for (let submitted = 0; submitted < copies; submitted += BURST) {
      while (driver.stats.inFlight > SLOTS - BURST);
      const first = (submitted % SLOTS) * SLOT_BYTES
      for (let at = first; at < first + BURST * SLOT_BYTES; at += SLOT_BYTES) {
        driver.memcpy(destination + at, source + at, SLOT_BYTES)
      }
    }
    field.drain()
    const nanoseconds = ((performance.now() - start) * 1e6) / copies
    field.check(copies, SLOTS)
    return nanoseconds
  }
}

async function connectedMeasurements({ plan, progress }: Bench): Promise<Measurement[]> {
  await using field = await SlotField.open()
  const { driver } = field
  const { etm } = driver.soc
  const counter = etm.newCounter()
  const channel = etm.newChannel()
  const event = driver.newEtmEvent('copy-done')
  const task = counter.newTask()
  channel.connect(event, task)
  const stream = streamSide(field, (plan.quick ? 200 : 800) * SLOTS)
  const sides: Record<'idle' | 'connected', Side> = {
    idle: stream,
    connected: async () => {
      channel.enable()
      const time = await stream()
      channel.disable()
      return time
    },
  }
  await sides.idle()
  await sides.connected()
  const { idle, connected } = await interleave(sides, plan.rounds, (count) => {
    progress(0.6 + (0.2 * count) / plan.rounds)
  })
  channel.delete()
  event.delete()
  task.delete()
  counter.delete()
  return [
    {
      ...measured(
        'etm_event_ns',
        'ns',
        connected.map((time, i) => time - (idle[i] ?? 0)),
        'an event that adds 1 to a counter',
      ),
      sides: { connected: figures('ns', connected), 'not connected': figures('ns', idle) },
    },
  ]
}

async function unusedMeasurements({ plan, progress }: Bench): Promise<Measurement[]> {
  const ring = await LoneRing.open()
  const sides = ring.sides(plan.quick ? 500 : 2000)
  for (let i = 0; i < 3; i++) {
    await sides.asItIs()
    await sides.withoutEvents()
    await sides.withoutTrace()
  }
  const { asItIs, withoutEvents, withoutTrace } = await interleave(sides, 3 * plan.rounds, (count) => {
    progress(0.8 + (0.2 * count) / (3 * plan.rounds))
  })
  await ring.close()
  return [
    {
      ...measured(
        'etm_overhead_ns',
        'ns',
        asItIs.map((time, i) => time - (withoutEvents[i] ?? 0)),
        "the channel's loop as it is, less the same compiled without events; 64 bytes, nothing connected",
      ),
      sides: { 'with events': figures('ns', asItIs), 'without events': figures('ns', withoutEvents) },
    },
    {
      ...measured(
        'trace_off_ns',
        'ns',
        asItIs.map((time, i) => time - (withoutTrace[i] ?? 0)),
        "the channel's loop as it is, less the same compiled without the recorder; 64 bytes, nobody records",
      ),
      sides: { 'with the recorder': figures('ns', asItIs), 'without it': figures('ns', withoutTrace) },
    },
  ]
}

async function run(bench: Bench): Promise<readonly Measurement[]> {
  return [
    ...(await chainMeasurements(bench)),
    ...(await connectedMeasurements(bench)),
    ...(await unusedMeasurements(bench)),
  ]
}

/** Events. */
export const events: Group = {
  name: 'events',
  metrics: ['etm_chain_us', 'etm_chain_vs_callback', 'etm_overhead_ns', 'etm_event_ns', 'trace_off_ns'],
  run,
}
