/** The engine of a Soc: one for each, made when the first driver is installed. */
import { EspError } from '../errors.ts'
import type { EngineKind, SocCore } from '../soc/soc-core.ts'

import type { Engine, EngineFactory } from './engine.ts'
import { SimulatedEngine } from './simulated/simulated-engine.ts'
import { ThreadsEngine } from './threads/threads-engine.ts'

const factories: Readonly<Record<EngineKind, EngineFactory>> = {
  threads: (soc) => new ThreadsEngine(soc),
  simulated: (soc) => new SimulatedEngine(soc),
}

const engines = new WeakMap<SocCore, Engine>()

/**
 * The engine that carries out a Soc's copies.
 *
 * @throws EspError `ESP_ERR_INVALID_STATE` if the Soc is closed.
 */
export function engineOf(soc: SocCore): Engine {
  if (soc.closed) throw new EspError('ESP_ERR_INVALID_STATE', 'this Soc is closed: open another')
  let engine = engines.get(soc)
  if (engine === undefined) {
    engine = factories[soc.engine](soc)
    engines.set(soc, engine)
  }
  return engine
}

/**
 * Recovers channels that have died, if this thread has started any: see {@link Engine.lookAfter}.
 *
 * @param soc - Whose channels.
 */
export function lookAfterChannels(soc: SocCore): void {
  engines.get(soc)?.lookAfter()
}

/**
 * Starts channels that were woken, if they run on this thread: see {@link Engine.startWoken}.
 *
 * @param soc - Whose channels.
 */
export function startWokenChannels(soc: SocCore): void {
  engines.get(soc)?.startWoken()
}
