/** A simulated chip that is diagnosed, for one test: silent, and with nothing measured unless a test wants that. */
import { afterEach, expect } from 'vitest'

import {
  AsyncMemcpy,
  Soc,
  type AsyncMemcpyConfig,
  type Diagnosis,
  type DiagnosisCode,
  type DiagnosticsOptions,
  type SocOptions,
} from '../../src/index.ts'

/** What a test works on. */
export interface Diagnosed {
  readonly soc: Soc
  readonly driver: AsyncMemcpy
  readonly src: Uint8Array<SharedArrayBuffer>
  readonly dst: Uint8Array<SharedArrayBuffer>
  /** What was diagnosed until now: codes. */
  readonly codes: () => DiagnosisCode[]
  /** The only diagnosis there is. */
  readonly only: () => Diagnosis
}

/** Bytes of both blocks: a copy takes some tens of microseconds. */
export const LENGTH = 4096

const opened: Soc[] = []
const installed: AsyncMemcpy[] = []

/** What a test asks for beside the configuration of the driver. */
export interface Asked extends Omit<SocOptions, 'diagnostics'> {
  readonly target?: string
  readonly diagnostics?: DiagnosticsOptions
}

/** Opens a chip with a driver and two blocks. The source counts up, the destination is zero. */
export async function diagnosed(config: AsyncMemcpyConfig = {}, asked: Asked = {}): Promise<Diagnosed> {
  const { target = 'esp32s3', diagnostics = {}, ...options } = asked
  const soc = await Soc.open(target, {
    engine: 'simulated',
    clock: 'manual',
    ...options,
    diagnostics: { onDiagnosis: () => undefined, callbacks: 'declared', ...diagnostics },
  })
  opened.push(soc)
  const driver = await another(soc, config)
  const src = soc.heap.alloc(LENGTH)
  for (let i = 0; i < LENGTH; i++) src[i] = i
  const dst = soc.heap.alloc(LENGTH).fill(0)
  const codes = (): DiagnosisCode[] => Array.from(soc.diagnoses, ({ code }) => code)
  const only = (): Diagnosis => {
    expect(codes()).toHaveLength(1)
    const [diagnosis] = soc.diagnoses
    return diagnosis ?? expect.unreachable()
  }
  return { soc, driver, src, dst, codes, only }
}

/** One more driver of the same Soc. */
export async function another(soc: Soc, config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
  const driver = await AsyncMemcpy.install(config, soc)
  installed.push(driver)
  return driver
}

afterEach(async () => {
  for (const driver of installed.splice(0)) {
    const drained = driver.uninstall({ drain: true })
    driver.soc.runUntilIdle()
    await drained
  }
  for (const soc of opened.splice(0)) await soc.close()
})
