/** The option `diagnostics` of `Soc.open`. */
import { EspError, invalidArgument, show, showWithType } from '../errors.ts'
import type { EngineKind } from '../soc/soc-core.ts'
import type { Target } from '../targets/target.ts'

import type { CompleteDiagnostics, DiagnosticsOptions } from './diagnosis.ts'

const DEFAULT_MOST = 1000
const LARGEST_MOST = 1_000_000

/** What it is asked for on. */
interface Place {
  readonly engine: EngineKind
  readonly target: Target
}

/**
 * Checks the option.
 *
 * @param given - What was passed.
 * @returns Undefined: no diagnostics.
 * @throws EspError `ESP_ERR_INVALID_ARG` for what is no such option, `ESP_ERR_NOT_SUPPORTED` where there is nothing that
 * could be diagnosed.
 */
export function completeDiagnostics(
  given: boolean | DiagnosticsOptions | undefined,
  { engine, target }: Place,
): CompleteDiagnostics | undefined {
  const value: unknown = given
  if (value === undefined || value === false) return undefined
  if (value !== true && (typeof value !== 'object' || value === null)) {
    throw invalidArgument(`diagnostics is ${showWithType(value)}: pass true, false or an object of options`)
  }
  if (engine !== 'simulated') {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `diagnostics on the engine "${engine}": only the simulated one sees when a copy begins and ends; ` +
        "open the Soc with { engine: 'simulated', diagnostics: true }",
    )
  }
  const options: DiagnosticsOptions = value === true ? {} : value
  const {
    onDiagnosis,
    most = DEFAULT_MOST,
    poison = true,
    callbacks = 'measured',
    hostSpeed = 1,
    pace = 'completions',
  } = options
  if (onDiagnosis !== undefined && typeof onDiagnosis !== 'function') {
    throw invalidArgument(`diagnostics.onDiagnosis is ${showWithType(onDiagnosis)}: pass a function, or nothing`)
  }
  if (!Number.isInteger(most) || most < 1 || most > LARGEST_MOST) {
    throw invalidArgument(`diagnostics.most is ${show(most)}: a whole number from 1 to ${LARGEST_MOST}`)
  }
  if (typeof poison !== 'boolean') throw invalidArgument(`diagnostics.poison is ${show(poison)}: true or false`)
  checkOneOf('callbacks', callbacks, ['measured', 'declared'])
  checkOneOf('pace', pace, ['completions', 'host'])
  if (typeof hostSpeed !== 'number' || !(hostSpeed > 0 && hostSpeed < Infinity)) {
    throw invalidArgument(`diagnostics.hostSpeed is ${show(hostSpeed)}: a number above 0`)
  }
  const timed = (['callbacks', 'hostSpeed', 'pace'] as const).find((name) => options[name] !== undefined)
  if (timed !== undefined && target.timing === undefined) {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `diagnostics.${timed} on ${target.name}, whose copies take no virtual time: open a chip, or leave it out`,
    )
  }
  return { onDiagnosis, most, poison, callbacks, hostSpeed, pace }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw invalidArgument(`diagnostics.${name} is ${show(value)}: one of ${allowed.join(', ')}`)
  }
}
