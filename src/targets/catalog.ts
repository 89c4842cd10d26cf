/** All targets by name. */
import { EspError } from '../errors.ts'

import { host } from './host.ts'
import type { Target } from './target.ts'

const targets: readonly Target[] = [host]

/** The names of all targets. */
export const targetNames: readonly string[] = targets.map((target) => target.name)

/**
 * The target of a name.
 *
 * @throws EspError `ESP_ERR_NOT_SUPPORTED` for a name that is in no table.
 */
export function findTarget(name: string): Target {
  const target = targets.find((candidate) => candidate.name === name)
  if (target === undefined) {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `there is no target "${name}"; there are: ${targetNames.join(', ')}`)
  }
  return target
}
