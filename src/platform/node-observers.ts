/** What Node.js, Deno and Bun have for those who look on: asynchronous contexts and diagnostics channels. */
import type * as AsyncHooks from 'node:async_hooks'
import type * as Diagnostics from 'node:diagnostics_channel'

import { handsOutBuiltins } from './node-thread.ts'
import type { DiagnosticsChannel, Platform } from './platform.ts'

/** Bundlers for browsers must not go looking for them, so they do not see what is imported. */
const ASYNC_HOOKS: string = 'node:async_hooks'
const DIAGNOSTICS: string = 'node:diagnostics_channel'

/** As `async_hooks` shows it. */
const RESOURCE = 'AsyncMemcpyCopy'

let asyncHooks: typeof AsyncHooks | undefined
let diagnostics: typeof Diagnostics | undefined

/** Fetches them where they can only be imported. Until then nobody looks on. */
export async function importObservers(): Promise<void> {
  if (handsOutBuiltins()) {
    asyncHooks ??= process.getBuiltinModule('node:async_hooks')
    diagnostics ??= process.getBuiltinModule('node:diagnostics_channel')
    return
  }
  asyncHooks ??= (await import(/* @vite-ignore */ /* webpackIgnore: true */ ASYNC_HOOKS)) as typeof AsyncHooks
  diagnostics ??= (await import(/* @vite-ignore */ /* webpackIgnore: true */ DIAGNOSTICS)) as typeof Diagnostics
}

const bindOnce: Platform['bindOnce'] = (callback) => {
  if (asyncHooks === undefined) return callback
  const resource = new asyncHooks.AsyncResource(RESOURCE)
  return (argument) => resource.runInAsyncScope(callback, undefined, argument)
}

/** Subscribers may come before the module does. */
class LateChannel implements DiagnosticsChannel {
  readonly #name: string
  #channel: DiagnosticsChannel | undefined

  constructor(name: string) {
    this.#name = name
  }

  get hasSubscribers(): boolean {
    this.#channel ??= diagnostics?.channel(this.#name)
    return this.#channel?.hasSubscribers ?? false
  }

  publish(message: object): void {
    this.#channel?.publish(message)
  }
}

/** The part of the platform for those who look on. */
export function nodeObservers(): Pick<Platform, 'bindOnce' | 'diagnosticsChannel'> {
  void importObservers()
  return { bindOnce, diagnosticsChannel: (name) => new LateChannel(name) }
}
