/** A driver with two buffers, and what its finished copies set off. */
import { AsyncMemcpy, type EtmChannel, type EtmTask, type ResidentCallback, type Soc } from 'async-memcpy'

import type { Settings } from './settings.ts'

/** What copies are made with. */
export interface Bench {
  /** The driver. */
  readonly driver: AsyncMemcpy
  /** Where copies are from. */
  readonly source: Uint8Array<SharedArrayBuffer>
  /** Where they go. */
  readonly destination: Uint8Array<SharedArrayBuffer>
  /** Called in the channel's thread after each copy. */
  readonly isr: ResidentCallback | undefined
  /** Takes all of it down again, after the copies in flight. */
  readonly dismantle: () => Promise<void>
}

/** The pin that finished copies toggle. */
const PIN = 2
/** Buffers begin on a multiple of this; the destination is then moved by its offset. */
const ALIGN = 64
/** What the source holds, so that there is memory behind it. */
const PATTERN = 0xa5

/** A channel of the event-task matrix that toggles a pin: one for each Soc. */
interface Wiring {
  readonly channel: EtmChannel
  readonly toggle: EtmTask
}

const wirings = new WeakMap<Soc, Wiring>()

/**
 * Installs a driver and allocates its buffers.
 *
 * @throws EspError as the library refuses the settings. Nothing is left of it then.
 */
export async function buildBench(soc: Soc, settings: Settings): Promise<Bench> {
  const { channels, backlog, bytes, offset, withEtm, withInterrupt, engine } = settings
  const driver = await AsyncMemcpy.install({ backlog, channels: engine === 'threads' ? channels : 1 }, soc)
  const undo: (() => void)[] = []
  const dismantle = async (): Promise<void> => {
    await driver.uninstall({ drain: true })
    for (const step of undo.reverse()) step()
  }
  const buffer = (): Uint8Array<SharedArrayBuffer> => {
    const block = soc.heap.alloc(bytes + ALIGN, { align: ALIGN })
    undo.push(() => {
      soc.heap.free(block)
    })
    return block
  }
  try {
    const source = buffer().subarray(0, bytes).fill(PATTERN)
    const destination = buffer().subarray(offset, offset + bytes)
    const isr = withInterrupt ? await loadInterrupt(driver) : undefined
    if (withEtm) undo.push(connectPin(soc, driver))
    return { driver, source, destination, isr, dismantle }
  } catch (error) {
    await dismantle()
    throw error
  }
}

async function loadInterrupt(driver: AsyncMemcpy): Promise<ResidentCallback> {
  const { copyDone } = await driver.loadIsr<Record<'copyDone', () => boolean>>(
    new URL('copy-done.isr.js', document.baseURI),
  )
  return copyDone
}

/** @returns What disconnects it again. */
function connectPin(soc: Soc, driver: AsyncMemcpy): () => void {
  const { channel, toggle } = wirings.get(soc) ?? newWiring(soc)
  const event = driver.newEtmEvent('copy-done')
  channel.connect(event, toggle)
  channel.enable()
  return () => {
    channel.disable()
    channel.connect(null, null)
    event.delete()
  }
}

function newWiring(soc: Soc): Wiring {
  const pin = soc.gpio(PIN)
  pin.direction = 'output'
  const wiring = { channel: soc.etm.newChannel(), toggle: pin.newEtmTask('toggle') }
  wirings.set(soc, wiring)
  return wiring
}
