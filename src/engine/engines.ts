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
