/** Rules and plans of targets, for tests. */
import { admit, type CopyPlan, type CopyRequest } from '../../src/targets/admit.ts'
import { findTarget, targets } from '../../src/targets/catalog.ts'
import { judgeConfig, type DriverRules, type Refusal, type RuledConfig } from '../../src/targets/driver-rules.ts'
import { fit, type ChipOptions } from '../../src/targets/fitting.ts'
import type { MemoryWindow, Target } from '../../src/targets/target.ts'

export const MIB: number = 2 ** 20

/** All targets but the host. */
export const chips: readonly Target[] = targets.filter((target) => target.name !== 'host')

/** The driver's defaults, as far as a chip has something to say about them. */
export const usual: RuledConfig = {
  sramTransAlign: 0,
  psramTransAlign: 0,
  dmaBurstSize: 16,
  weight: 0,
  channels: 1,
}

/** PSRAM that every chip with a window for it can have. */
export function withPsram(target: Target, bytes: number = 2 * MIB): ChipOptions {
  return target.memory.some((window) => window.kind === 'psram') ? { psram: bytes } : {}
}

/** The rules of a driver that can be installed. PSRAM is fitted where there can be any. */
export function rulesOf(name: string, config: Partial<RuledConfig> = {}, options?: ChipOptions): DriverRules {
  const target = findTarget(name)
  const judged = judgeConfig(target, fit(target, options ?? withPsram(target)), { ...usual, ...config })
  if (!judged.accepted) throw new Error(judged.message)
  return judged
}

/** The refusal of a driver that cannot be installed. */
export function refusedConfig(name: string, config: Partial<RuledConfig>): Refusal {
  const target = findTarget(name)
  const judged = judgeConfig(target, fit(target, withPsram(target)), { ...usual, ...config })
  if (judged.accepted) throw new Error(`${name} takes ${JSON.stringify(config)}`)
  return judged
}

/** A window of a target's memory. */
export function windowOf({ target }: DriverRules, kind: MemoryWindow['kind']): MemoryWindow {
  const window = target.memory.find((candidate) => candidate.kind === kind)
  if (window === undefined) throw new Error(`${target.name} has no ${kind}`)
  return window
}

/** The plan of a copy that is accepted. */
export function planOf(rules: DriverRules, copy: CopyRequest): CopyPlan {
  const judged = admit(rules, copy)
  if (!judged.accepted) throw new Error(judged.message)
  return judged
}

/** The refusal of a copy that is not. */
export function refusalOf(rules: DriverRules, copy: CopyRequest): Refusal {
  const judged = admit(rules, copy)
  if (judged.accepted) throw new Error('the copy is accepted')
  return judged
}
