/** How channels share the buses: by weight where the engine arbitrates so, in turns elsewhere, which is equal weights. */

/** How long a transfer occupies each bus it uses, in nanoseconds, when nobody else does. */
export type BusDemand = ReadonlyMap<string, number>

/** A transfer that goes on. */
export interface Contender {
  /** The buses it uses. */
  readonly demand: BusDemand
  /** Its share: 1 or more. */
  readonly weight: number
}

/** How long a transfer takes alone: the buses work at the same time, and the slowest decides. */
export function aloneNs(demand: BusDemand): number {
  return Math.max(0, ...demand.values())
}

/**
 * How long a transfer takes while others go on.
 *
 * @param one - The transfer.
 * @param others - The others.
 * @returns Nanoseconds for the whole of it, if the others went on as long.
 */
export function sharedNs(one: Contender, others: readonly Contender[]): number {
  let slowest = 0
  for (const [bus, ns] of one.demand) {
    let weights = one.weight
    for (const other of others) if ((other.demand.get(bus) ?? 0) > 0) weights += other.weight
    slowest = Math.max(slowest, ns * (weights / one.weight))
  }
  return slowest
}
