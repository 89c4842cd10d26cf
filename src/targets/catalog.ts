/** All targets by name. */
import { EspError } from '../errors.ts'

import { esp32c2 } from './esp32c2.ts'
import { esp32c3 } from './esp32c3.ts'
import { esp32c5 } from './esp32c5.ts'
import { esp32c6 } from './esp32c6.ts'
import { esp32c61 } from './esp32c61.ts'
import { esp32h2 } from './esp32h2.ts'
import { esp32h21 } from './esp32h21.ts'
import { esp32h4 } from './esp32h4.ts'
import { esp32p4 } from './esp32p4.ts'
import { esp32s2 } from './esp32s2.ts'
import { esp32s3 } from './esp32s3.ts'
import { esp32s31 } from './esp32s31.ts'
import { host } from './host.ts'
import type { Target } from './target.ts'

/** All targets: the host, then the chips. */
export const targets: readonly Target[] = [
  host,
  esp32s2,
  esp32s3,
  esp32s31,
  esp32c2,
  esp32c3,
  esp32c5,
  esp32c6,
  esp32c61,
  esp32h2,
  esp32h21,
  esp32h4,
  esp32p4,
]

/** Chips that exist and can be no target, and why. */
const UNSUITABLE: ReadonlyMap<string, string> = new Map([
  [
    'esp32',
    'the ESP32 has no DMA that copies from memory to memory, so ESP-IDF has no async memcpy for it; its successors do',
  ],
])

/** The names of all targets. */
export const targetNames: readonly string[] = targets.map((target) => target.name)

/**
 * The target of a name.
 *
 * @throws EspError `ESP_ERR_NOT_SUPPORTED` for a name that is in no table.
 */
export function findTarget(name: string): Target {
  const target = targets.find((candidate) => candidate.name === name)
  if (target !== undefined) return target
  const reason = UNSUITABLE.get(name) ?? `there is no target "${name}"`
  throw new EspError('ESP_ERR_NOT_SUPPORTED', `${reason}; there are: ${targetNames.join(', ')}`)
}
