/** Whether a chip would carry out a copy, without a chip: what the command `check` tells, for programs. */
import { checkOptions } from '../errors.ts'
import { admit, type CopyPlan, type CopyRequest } from '../targets/admit.ts'
import { findTarget } from '../targets/catalog.ts'
import { judgeConfig, type Refusal } from '../targets/driver-rules.ts'
import { estimate, type CopyTime } from '../targets/estimate.ts'
import { fit, type ChipOptions } from '../targets/fitting.ts'

import { completeConfig, type AsyncMemcpyConfig } from './config.ts'

/** Options of {@link checkCopy}: how the chip is fitted out, and how its driver is configured. */
export interface CheckCopyOptions extends ChipOptions {
  /** What differs from `AsyncMemcpy.defaultConfig`. */
  readonly config?: AsyncMemcpyConfig
}

/** A copy that would be carried out, and how. */
export interface AcceptedCopy extends CopyPlan {
  /** How long it would take; undefined on the host, where copies take what they take. */
  readonly time: CopyTime | undefined
}

/**
 * Tells whether a driver would accept a copy: how it would be carried out and how long that would take, or by which rule it
 * would be refused and what would pass. Nothing is opened or installed for it.
 *
 * @param target - The target's name.
 * @param copy - Addresses and length.
 * @param options - PSRAM and the like, and the driver's configuration.
 * @returns The plan or the refusal, told apart by `accepted`.
 * @throws EspError as `Soc.open` and `AsyncMemcpy.install` for options that are none.
 *
 * @example
 * ```ts
 * const answer = checkCopy('esp32s3', { dst: 0x3c000000, src: 0x3fc90000, length: 1000 }, { psram: 8 * 2 ** 20 })
 * console.log(answer.accepted ? answer.time?.ns : answer.message)
 * ```
 */
export function checkCopy(target: string, copy: CopyRequest, options: CheckCopyOptions = {}): AcceptedCopy | Refusal {
  checkOptions('checkCopy', options)
  const found = findTarget(target)
  const rules = judgeConfig(found, fit(found, options), completeConfig(options.config ?? {}))
  if (!rules.accepted) return rules
  const answer = admit(rules, copy)
  if (!answer.accepted) return answer
  return { ...answer, time: found.timing === undefined ? undefined : estimate(answer) }
}
