/** What lies at an address of a target. */
import { memoryOf, type Fitting } from './fitting.ts'
import type { Alias, MemoryKind, OtherWindow, Target } from './target.ts'

/** A stretch of addresses and what lies there. */
export type Place =
  | { readonly kind: MemoryKind; readonly start: number; readonly end: number }
  | { readonly kind: OtherWindow['kind']; readonly start: number; readonly end: number }
  | {
      readonly kind: 'alias'
      readonly start: number
      readonly end: number
      /** Why there are second addresses. */
      readonly purpose: Alias['purpose']
      /** The first address of the same memory. */
      readonly of: number
    }

/**
 * The places of a target. Heaps come first: where PSRAM and flash share a window, what is fitted of PSRAM takes its start,
 * and the rest shows flash.
 */
export function placesOf(target: Target, fitting: Fitting): readonly Place[] {
  const memory = memoryOf(target, fitting)
  return [
    ...memory,
    ...target.elsewhere.flatMap((window) => {
      const psram = memory.find(({ kind, start, end }) => kind === 'psram' && start < window.end && window.start < end)
      if (psram === undefined) return [window]
      const before = { ...window, end: psram.start }
      const behind = { ...window, start: psram.end }
      return [before, behind].filter(({ start, end }) => start < end)
    }),
    ...target.aliases.map((alias) => ({ ...alias, kind: 'alias' as const })),
  ]
}

/** The place that holds an address. */
export function placeAt(places: readonly Place[], address: number): Place | undefined {
  for (const place of places) if (address >= place.start && address < place.end) return place
  return undefined
}
