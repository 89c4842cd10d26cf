/** Diagnoses of test cases: a case in which something is diagnosed has failed, whatever it says itself. */
import { describeDiagnosis, userFrame, type FirmwareDiagnosis } from '../host/firmware-diagnosis.ts'
import type { RunResult } from '../host/run-result.ts'

import { beginnings, type CaseResult } from './unity-output.ts'

/** What was diagnosed, by the case in which it was: what came before the first one counts to that. */
export function diagnosesByCase({
  output,
  diagnoses,
}: Pick<RunResult, 'output' | 'diagnoses'>): ReadonlyMap<number, readonly FirmwareDiagnosis[]> {
  const bytes = Buffer.from(output)
  const byCase = new Map<number, FirmwareDiagnosis[]>()
  for (const diagnosis of diagnoses) {
    const before = bytes.subarray(0, diagnosis.printedBytes).toString()
    const number = Math.max(0, beginnings(before) - 1)
    byCase.set(number, [...(byCase.get(number) ?? []), diagnosis])
  }
  return byCase
}

/** A case with what was diagnosed in it. */
export function withDiagnoses(result: CaseResult, diagnoses: readonly FirmwareDiagnosis[]): CaseResult {
  const [first] = diagnoses
  if (first === undefined) return result
  const output = [result.output.trimEnd(), ...diagnoses.map(describeDiagnosis)].join('\n').trimStart()
  if (result.status === 'failed') return { ...result, output }
  const frame = userFrame(first.at) ?? userFrame(first.copy?.submittedAt)
  const message = `${first.code}: ${first.message}`
  return { ...result, status: 'failed', message, file: frame?.file, line: frame?.line, output }
}
