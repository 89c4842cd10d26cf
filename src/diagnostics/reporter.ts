/** Tells of what the inspector has found: keeps it, marks it in the trace, and prints it or hands it to the program. */
import { hex } from '../errors.ts'
import { TRACE_DIAGNOSIS } from '../microcode/trace-layout.ts'
import { platform } from '../platform/current.ts'
import type { Origin } from '../soc/copy-watch.ts'
import { note } from '../soc/note.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { describe, type Diagnoses } from './diagnoses.ts'
import {
  DIAGNOSIS_CODES,
  type DiagnosedCallback,
  type DiagnosedCopy,
  type Diagnosis,
  type DiagnosticsOptions,
} from './diagnosis.ts'
import type { Range } from './stretch.ts'
import { ADVICE, where } from './wording.ts'

/** Warnings that are printed: the rest is in `soc.diagnoses`. */
const MOST_PRINTED = 20

/** What a diagnosis says beside what all say. */
export interface Found extends Pick<Diagnosis, 'code' | 'driver'> {
  /** What was done. */
  readonly what: string
  /** Of which copy. */
  readonly copy?: DiagnosedCopy | undefined
  /** Which other one has to do with it. */
  readonly other?: DiagnosedCopy | undefined
  /** Where in memory. */
  readonly range?: Range
  /** Where in the program. */
  readonly at?: Origin
  /** Whether this machine's clock says so. */
  readonly measured?: boolean
}

/** Tells of the diagnoses of one Soc. */
export class Reporter {
  readonly #soc: SocCore
  readonly #diagnoses: Diagnoses
  readonly #onDiagnosis: DiagnosticsOptions['onDiagnosis']
  /** What was printed already. */
  readonly #printed = new Set<string>()

  /**
   * @param soc - Of which.
   * @param diagnoses - Where they are kept.
   * @param onDiagnosis - Who is told; if nobody, they are printed.
   */
  constructor(soc: SocCore, diagnoses: Diagnoses, onDiagnosis: DiagnosticsOptions['onDiagnosis']) {
    this.#soc = soc
    this.#diagnoses = diagnoses
    this.#onDiagnosis = onDiagnosis
  }

  /**
   * Tells of one.
   *
   * @param found - What was found.
   * @param during - The callback in which it was.
   */
  report(found: Found, during: DiagnosedCallback | undefined): void {
    const { code, what, driver, copy, other, range, at, measured = false } = found
    const advice = ADVICE[code]
    const diagnosis: Diagnosis = {
      code,
      message: `${what}${code === 'callback-too-long' ? '' : where(during)}. ${advice}`,
      advice,
      time: this.#soc.now(),
      copy,
      other,
      driver,
      address: range?.address ?? 0,
      length: range?.length ?? 0,
      during: during && { driver: during.driver, sequence: during.sequence, resident: during.resident },
      at,
      measured,
    }
    this.#diagnoses.add(diagnosis)
    const number = DIAGNOSIS_CODES.indexOf(code) + 1
    note(this.#soc, TRACE_DIAGNOSIS, driver, number, diagnosis.address, copy?.sequence ?? during?.sequence ?? 0)
    this.#tell(diagnosis)
  }

  #tell(diagnosis: Diagnosis): void {
    if (this.#onDiagnosis === undefined) {
      this.#print(diagnosis)
      return
    }
    try {
      this.#onDiagnosis(diagnosis)
    } catch (error) {
      // The copy was accepted: whoever submits it must not be told otherwise.
      platform.reportError(error)
    }
  }

  #print(diagnosis: Diagnosis): void {
    const { code, driver, at, copy } = diagnosis
    const place = `${code} ${hex(driver)} ${at ?? copy?.submittedAt ?? ''}`
    if (this.#printed.has(place) || this.#printed.size >= MOST_PRINTED) return
    this.#printed.add(place)
    platform.warn('AsyncMemcpyDiagnosis', describe(diagnosis))
    if (this.#printed.size === MOST_PRINTED) {
      platform.warn('AsyncMemcpyDiagnosis', 'further diagnoses are not printed: see soc.diagnoses')
    }
  }
}
