/** The rules of a driver: what its Soc's target says of its configuration, and then of its copies. */
import { EspError } from '../errors.ts'
import type { SocCore } from '../soc/soc-core.ts'
import { judgeConfig, type DriverRules, type Refusal } from '../targets/driver-rules.ts'

import { AsyncMemcpyFlags, type CompleteConfig } from './config.ts'

/**
 * The rules of a driver with a configuration.
 *
 * @throws EspError as the target refuses the configuration.
 */
export function rulesOf({ target, fitting }: SocCore, config: CompleteConfig): DriverRules {
  const unalignedPsram = (config.flags & AsyncMemcpyFlags.unalignedPsram) !== 0
  const burstsBySize = (config.flags & AsyncMemcpyFlags.burstsBySize) !== 0
  const judged = judgeConfig(target, fitting, { ...config, unalignedPsram, burstsBySize })
  if (!judged.accepted) throw refusalError(judged)
  return judged
}

/** The error for what a target refuses. */
export function refusalError({ error, message }: Refusal): EspError {
  return new EspError(error, message)
}
