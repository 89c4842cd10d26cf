/** The platform of the runtime this is. */
import { nodePlatform } from './node.ts'
import type { Platform } from './platform.ts'

/** Node.js is the one platform so far; others join here. */
export const platform: Platform = nodePlatform
