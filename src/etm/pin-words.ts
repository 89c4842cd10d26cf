/** The words of a pin. */
import { invalidArgument, show } from '../errors.ts'
import {
  PIN_DISABLED,
  PIN_EDGES,
  PIN_EXTERNAL,
  PIN_LATCH,
  PIN_OUTPUT,
  PIN_SIZE,
  PIN_STATE,
  PIN_TIME,
  PINS,
} from '../microcode/etm-layout.ts'
import { ETM_BLOCK } from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { readWord } from './object-words.ts'

/** A logic level. */
export type Level = 0 | 1

/** Which way a pin works. A disabled one reads 0 whatever happens to it. */
export type Direction = 'input' | 'output' | 'disabled'

/** Address of a pin's words. */
export const pinAddress = (number: number): number => ETM_BLOCK + PINS + number * PIN_SIZE

/**
 * Checks the number of a pin.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for a number that no pin has.
 */
export function checkPin({ target }: SocCore, number: number): void {
  const { value: pins } = target.peripherals.gpioPins
  if (Number.isInteger(number) && number >= 0 && number < pins) return
  throw invalidArgument(`pin ${show(number)}: ${target.name} has the pins 0 to ${pins - 1}`)
}

/** The level at the pad: an output's latch, an input's outside. The same is worked out in pin.ts of the microcode. */
export function padLevel(soc: SocCore, number: number): Level {
  const state = readWord(soc, pinAddress(number) + PIN_STATE)
  if ((state & PIN_DISABLED) !== 0) return 0
  return (state & ((state & PIN_OUTPUT) === 0 ? PIN_EXTERNAL : PIN_LATCH)) === 0 ? 0 : 1
}

/** The direction of a pin. */
export function pinDirection(soc: SocCore, number: number): Direction {
  const state = readWord(soc, pinAddress(number) + PIN_STATE)
  return (state & PIN_DISABLED) !== 0 ? 'disabled' : (state & PIN_OUTPUT) !== 0 ? 'output' : 'input'
}

/** Edges so far. */
export function pinEdges(soc: SocCore, number: number): number {
  return readSequence(soc.space.words, pinAddress(number) + PIN_EDGES)
}

/** When the last edge was, in the Soc's milliseconds. */
export function lastEdgeMs(soc: SocCore, number: number): number {
  return soc.space.doubles[(pinAddress(number) + PIN_TIME) >> 3] ?? 0
}
