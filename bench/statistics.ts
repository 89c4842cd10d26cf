/** Medians and spreads, and the one way in which things are compared here: round by round, in changing order. */

/** What a number of figures look like together. */
export interface Summary {
  /** How many figures. */
  readonly count: number
  /** Half of them are below. */
  readonly median: number
  /** A quarter of them is below. */
  readonly p25: number
  /** A quarter of them is above. */
  readonly p75: number
  /** The smallest. */
  readonly min: number
  /** The largest. */
  readonly max: number
}

/**
 * The value below which a share of the figures lies, interpolated between neighbours.
 *
 * @param figures - At least one, in any order.
 * @param share - From 0 to 1.
 */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = Float64Array.from(figures).sort()
  if (sorted.length === 0) throw new RangeError('no figures: nothing was measured')
  const at = (sorted.length - 1) * share
  const below = Math.floor(at)
  const low = sorted[below] ?? NaN
  const high = sorted[Math.ceil(at)] ?? NaN
  return low + (high - low) * (at - below)
}

/** The figure in the middle. */
export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5)
}

/** Median, quartiles and extremes. */
export function summarise(figures: readonly number[]): Summary {
  return {
    count: figures.length,
    median: median(figures),
    p25: quantile(figures, 0.25),
    p75: quantile(figures, 0.75),
    min: quantile(figures, 0),
    max: quantile(figures, 1),
  }
}

/** Two columns of the same rounds, divided round by round. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  if (numerators.length !== denominators.length) throw new RangeError('the columns are not of the same rounds')
  return numerators.map((numerator, round) => numerator / (denominators[round] ?? NaN))
}

/** One side of a comparison: measures once, and gives the figure. */
export type Side = () => number | Promise<number>

/**
 * Measures all sides in every round, each round in another order: forwards, backwards, and starting with another side
 * every time. What changes on the machine meanwhile meets all sides alike.
 *
 * @param sides - What is compared.
 * @param rounds - How often.
 * @param onRound - Told how many rounds are done.
 * @returns For each side its figures, in the order of the rounds.
 */
export async function interleave<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  rounds: number,
  onRound?: (done: number) => void,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of orderOf(names, round)) figures[name].push(await sides[name]())
    onRound?.(round + 1)
  }
  return figures
}

/** The order of one round. */
export function orderOf<Name>(names: readonly Name[], round: number): Name[] {
  const first = Math.floor(round / 2) % Math.max(names.length, 1)
  const order = [...names.slice(first), ...names.slice(0, first)]
  return round % 2 === 0 ? order : order.reverse()
}
