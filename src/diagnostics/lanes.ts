/** The copies in flight of all drivers. */
import type { Flight, Lane } from './flight.ts'
import type { Range } from './stretch.ts'

/** The lanes of one Soc, by their drivers' handles. */
export class Lanes extends Map<number, Lane> {
  /** All copies in flight; with a lane, but for those in it. */
  flights(except?: Lane): Flight[] {
    const found: Flight[] = []
    for (const lane of this.values()) if (lane !== except) found.push(...lane.flights.values())
    return found
  }

  /** Somebody has written who may: all take what stands there as it is. */
  wrote(range: Range, except?: Flight): void {
    if (range.length === 0) return
    for (const flight of this.flights()) if (flight !== except) flight.refresh(range)
  }
}
