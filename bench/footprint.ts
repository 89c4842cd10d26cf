/** What a driver costs that copies nothing: its installation, its idle time, its memory. */
import { setTimeout as sleep } from 'node:timers/promises'

import { AsyncMemcpy, Soc } from '../src/index.ts'

import { figures, measured, type Bench, type Group, type Measurement } from './group.ts'
import { interleave } from './statistics.ts'

const CHANNELS = 8
/** What threads still allocate on the way to their first wait is allocated after this. */
const SETTLE_MS = 100
const IDLE_MS = { quick: 1000, full: 2000 }

/** Processor time of the whole process while nothing is asked of it, in percent of one core. */
async function idlePercent(milliseconds: number): Promise<number> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await sleep(milliseconds)
  const { user, system } = process.cpuUsage(cpu)
  return ((user + system) / 1e3 / (performance.now() - start)) * 100
}

/** How long an installation takes. The driver is gone afterwards. */
async function installOn(soc: Soc): Promise<number> {
  const start = performance.now()
  const driver = await AsyncMemcpy.install({}, soc)
  const time = performance.now() - start
  await driver.uninstall()
  return time
}

async function installCold(): Promise<number> {
  const start = performance.now()
  await using soc = await Soc.open('host')
  const opened = performance.now() - start
  return opened + (await installOn(soc))
}

/** Resident memory that channels take, in MB each. */
async function memoryPerChannel(): Promise<number> {
  await using soc = await Soc.open('host')
  // The first channel measures the kernels, in scratch memory that goes back afterwards.
  const first = await AsyncMemcpy.install({}, soc)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const driver = await AsyncMemcpy.install({ channels: CHANNELS }, soc)
  await sleep(SETTLE_MS)
  globalThis.gc?.()
  const after = process.memoryUsage.rss()
  await driver.uninstall()
  await first.uninstall()
  return (after - before) / 1e6 / CHANNELS
}

async function run({ plan, progress, remark }: Bench): Promise<readonly Measurement[]> {
  if (globalThis.gc === undefined) remark('without node --expose-gc the resident memory holds garbage too')
  // Before anything else: what ended threads leave behind, later ones use again, and seem to take less.
  const memory = await memoryPerChannel()
  progress(0.2)

  await using soc = await Soc.open('host')
  await installOn(soc)
  await installCold()
  const { cold, reused } = await interleave(
    { cold: installCold, reused: () => installOn(soc) },
    plan.rounds,
    (done) => {
      progress(0.2 + (0.4 * done) / plan.rounds)
    },
  )

  const idleMs = plan.quick ? IDLE_MS.quick : IDLE_MS.full
  const alone: number[] = []
  const idle: number[] = []
  for (let round = 0; round < (plan.quick ? 1 : 3); round++) {
    alone.push(await idlePercent(idleMs))
    await using driver = await AsyncMemcpy.install({}, soc)
    driver.copySync(soc.heap.alloc(64), soc.heap.alloc(64), 64)
    await sleep(50)
    idle.push(await idlePercent(idleMs))
    progress(0.6 + 0.1 * (round + 1))
  }
  return [
    measured('install_ms', 'ms', cold, 'a new Soc each time, in a process that has compiled the library already'),
    measured('install_ms_reused', 'ms', reused, 'the thread of an uninstalled driver serves the next one'),
    {
      ...measured('idle_cpu_percent', '%', idle, `user and system time of the process over ${idleMs} ms, of one core`),
      sides: { 'driver installed': figures('%', idle), 'no driver, its thread parked': figures('%', alone) },
    },
    {
      metric: 'rss_mb_per_channel',
      value: memory,
      sides: { measured: figures('MB', [memory]) },
      note: `resident memory of the process before and after a driver with ${CHANNELS} channels, divided by ${CHANNELS}`,
    },
  ]
}

/** What it costs to have a driver. */
export const footprint: Group = {
  name: 'footprint',
  metrics: ['install_ms', 'install_ms_reused', 'idle_cpu_percent', 'rss_mb_per_channel'],
  run,
}
