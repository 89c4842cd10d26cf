/** A driver's configuration in its block, where threads that attach find it. */
import {
  DRIVER_BACKEND,
  DRIVER_BACKLOG,
  DRIVER_BURST,
  DRIVER_FLAGS,
  DRIVER_HELPER_COUNT,
  DRIVER_PSRAM_ALIGN,
  DRIVER_SPIN_US,
  DRIVER_SRAM_ALIGN,
  DRIVER_WEIGHT,
} from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import type { CompleteConfig } from './config.ts'

/** What is a whole number, and where it stands. */
const WORDS = {
  backlog: DRIVER_BACKLOG,
  sramTransAlign: DRIVER_SRAM_ALIGN,
  psramTransAlign: DRIVER_PSRAM_ALIGN,
  dmaBurstSize: DRIVER_BURST,
  weight: DRIVER_WEIGHT,
  flags: DRIVER_FLAGS,
} as const

/** Writes what a new driver was configured with. Its helpers are counted by who makes their table. */
export function writeConfig({ space, target }: SocCore, driver: number, config: CompleteConfig): void {
  const { words, doubles } = space
  for (const field of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
    Atomics.store(words, (driver + WORDS[field]) >> 2, config[field])
  }
  const backend = target.backends.findIndex(({ name }) => name === config.backend)
  Atomics.store(words, (driver + DRIVER_BACKEND) >> 2, Math.max(0, backend))
  doubles[(driver + DRIVER_SPIN_US) >> 3] = config.spinUs
}

/** Reads what a driver was configured with. */
export function readConfig({ space, target }: SocCore, driver: number): CompleteConfig {
  const { words, doubles } = space
  const word = (offset: number): number => Atomics.load(words, (driver + offset) >> 2) >>> 0
  return {
    backlog: word(WORDS.backlog),
    sramTransAlign: word(WORDS.sramTransAlign),
    psramTransAlign: word(WORDS.psramTransAlign),
    dmaBurstSize: word(WORDS.dmaBurstSize),
    weight: word(WORDS.weight),
    flags: word(WORDS.flags),
    channels: word(DRIVER_HELPER_COUNT) + 1,
    spinUs: doubles[(driver + DRIVER_SPIN_US) >> 3] ?? 0,
    backend: target.backends[word(DRIVER_BACKEND)]?.name,
  }
}
