/** The host modules of the chip's peripherals. */
import type { HostModule } from '../host-module.ts'

import { idf } from './idf.ts'

/** All of them. */
export const peripherals: readonly HostModule[] = [idf]
