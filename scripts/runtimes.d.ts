/** For tests, which are TypeScript; the script itself must run as it is. */
export interface Runtime {
  readonly name: string
  readonly kind: 'node' | 'deno' | 'bun'
  readonly package: string
  readonly command: string
}

export interface Browser {
  readonly name: string
  readonly kind: 'chromium' | 'firefox'
  readonly commands: readonly string[]
  readonly debianPackage: string
}

export const CACHE: string
export const ALL_REQUIRED: boolean
export const RUNTIMES: readonly Runtime[]
export const BROWSERS: readonly Browser[]
export function folderOf(runtime: Runtime): string
export function findRuntime(runtime: Runtime): string | undefined
export function findBrowser(browser: Browser): string | undefined
