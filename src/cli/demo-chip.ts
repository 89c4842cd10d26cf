/** The demo on a virtual chip: which of its memory it copies in, and how long a copy takes there. */
import { Soc } from '../chip/soc.ts'
import { AsyncMemcpy } from '../driver/async-memcpy.ts'
import type { AsyncMemcpyConfig } from '../driver/config.ts'
import { rulesOf } from '../driver/driver-rules.ts'
import type { CopyTiming, EngineKind } from '../soc/soc-core.ts'
import { planAccepted } from '../targets/admit.ts'
import { estimate } from '../targets/estimate.ts'
import { psramWindow } from '../targets/fitting.ts'
import type { MemoryKind } from '../targets/target.ts'

import type { Blocks } from './contenders.ts'
import type { ChipRun } from './demo-result.ts'
import { asUsageError, chipNamed } from './target-options.ts'

/** On what the demo runs. */
export interface DemoTarget {
  /** Its name. */
  readonly target: string
  /** Which engine. */
  readonly engine: EngineKind
  /** How long copies take; undefined for the engine's default. */
  readonly timing: CopyTiming | undefined
}

/** Where a file lies in a Soc's memory. */
export interface Room {
  /** Which memory. */
  readonly memory: MemoryKind
  /** Bytes of a file there is room for, beside its copy. */
  readonly most: number
  /** What its addresses and its length are multiples of. */
  readonly align: number
}

/** So much of a file that nobody has chosen: a copy takes some milliseconds. */
export const USUAL_PART: number = 64 * 2 ** 10

/** No line and no burst is longer. */
const ALIGN = 128

/**
 * Installs a driver on the host, or on a chip with all the PSRAM that it can have.
 *
 * @throws CommandError for what the target does not have.
 */
export async function installOn(
  { target, engine, timing }: DemoTarget,
  config: AsyncMemcpyConfig,
): Promise<AsyncMemcpy> {
  const window = psramWindow(chipNamed(target))
  const psram = window === undefined ? 0 : window.end - window.start
  try {
    // The Soc ends with the process: idle, it keeps nothing alive.
    const soc = await Soc.open(target, { engine, psram, ...(timing === undefined ? {} : { timing }) })
    return await AsyncMemcpy.install(config, soc)
  } catch (error) {
    throw asUsageError(error)
  }
}

/** Where a chip's copies are made: in PSRAM if the driver's engine reaches it. Undefined for the host, which has one memory. */
export function roomOf(driver: AsyncMemcpy): Room | undefined {
  const { soc, config } = driver
  if (soc.target.timing === undefined) return undefined
  const { backend } = rulesOf(soc, config)
  const memory = backend.reachesPsram.value ? 'psram' : 'sram'
  const { capacity, used } = soc.heap.stats(memory)
  const half = Math.floor((capacity - used) / 2) - ALIGN
  return { memory, align: ALIGN, most: half - (half % ALIGN) }
}

/** What a copy takes on the chip; undefined for the host. */
export function chipRun(driver: AsyncMemcpy, { source, destination }: Blocks): ChipRun | undefined {
  const { soc, config } = driver
  if (soc.target.timing === undefined) return undefined
  const [dst, src, { length }] = [soc.addressOf(destination), soc.addressOf(source), source]
  const { ns } = estimate(planAccepted(rulesOf(soc, config), { dst, src, length }))
  return { target: soc.target.name, timing: soc.timing, copyMs: ns / 1e6 }
}
