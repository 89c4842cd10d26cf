/** Numbers on the command line. */
import { InvalidArgumentError } from 'commander'

import { completeConfig, type NumericField } from '../driver/config.ts'
import { EspError } from '../errors.ts'

/** Makes of text what an option means, or throws commander's `InvalidArgumentError`. */
export type ParseNumber = (text: string) => number

/** A whole number in a range. */
export function wholeNumber(low: number, high: number): ParseNumber {
  return (text) => {
    const value = decimal(text)
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
    }
    return value
  }
}

/** A number that the driver's configuration allows for a field. */
export function driverNumber(field: NumericField): ParseNumber {
  return (text) => {
    try {
      return completeConfig({ [field]: decimal(text) })[field]
    } catch (error) {
      if (!(error instanceof EspError)) throw error
      throw new InvalidArgumentError(`${error.message.replace(/^.*?: it/, 'It')}.`)
    }
  }
}

/** The value of digits; NaN for what only JavaScript takes for a number, such as nothing or 0x10. */
function decimal(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
}
