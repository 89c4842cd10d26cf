/** On what the figures were measured. */
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem, type } from 'node:os'

import manifest from '../package.json' with { type: 'json' }

/** The machine, the runtime and the time. */
export interface Environment {
  /** Version of this library. */
  readonly library: string
  /** When the run started, ISO 8601. */
  readonly date: string
  /** Model of the processor. */
  readonly cpu: string
  /** Cores this process may use. */
  readonly cores: number
  /** Main memory in GiB. */
  readonly memoryGiB: number
  /** Operating system and its version. */
  readonly os: string
  /** Processor architecture. */
  readonly arch: string
  /** Version of Node.js. */
  readonly node: string
  /** Version of V8. */
  readonly v8: string
  /** Whether the run was short. */
  readonly quick: boolean
  /** Load average over one minute at the start and at the end: others used the machine too if it is high. */
  readonly loadAverage: { readonly start: number; readonly end: number }
  /** How long the run took, in seconds. */
  readonly seconds: number
}

/** Looks at the machine now, and again when the function that it returns is called. */
export function lookAtEnvironment(quick: boolean): () => Environment {
  const date = new Date().toISOString()
  const started = performance.now()
  const start = oneMinuteLoad()
  return () => ({
    library: manifest.version,
    date,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    os: platform() === 'linux' ? `Linux ${release()}` : `${type()} ${release()}`,
    arch: arch(),
    node: process.version,
    v8: process.versions.v8,
    quick,
    loadAverage: { start, end: oneMinuteLoad() },
    seconds: Math.round((performance.now() - started) / 100) / 10,
  })
}

function oneMinuteLoad(): number {
  return Math.round((loadavg()[0] ?? NaN) * 100) / 100
}
