/** All that firmware can import. */
import type { HostModule } from './host-module.ts'
import { peripherals } from './peripherals/peripherals.ts'
import { port } from './port-functions.ts'
import { wasi } from './wasi.ts'

/** The host modules. */
export const hostModules: readonly HostModule[] = [port, wasi, ...peripherals]
