/** The platform of the runtime this is. */
import { nodePlatform } from './node.ts'
import type { Platform } from './platform.ts'
import { hasNodeThreads } from './runtime.ts'
import { webPlatform } from './web.ts'

/** The platform of the runtime this is. */
export const platform: Platform = hasNodeThreads() ? nodePlatform() : webPlatform()
