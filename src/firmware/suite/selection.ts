/** Which test cases are to run. */
import { invalidArgument, show } from '../../errors.ts'

import type { ListedCase } from './unity-output.ts'

/** One part of several that run on several machines. */
export interface Shard {
  /** Which, from 1. */
  readonly index: number
  /** How many there are. */
  readonly count: number
}

/**
 * Reads a shard.
 *
 * @param text - Such as `2/3`.
 * @throws EspError `ESP_ERR_INVALID_ARG` for what is none.
 */
export function readShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text)
  const [index, count] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)]
  if (index < 1 || index > count) throw invalidArgument(`shard is ${show(text)}: it is such as 1/3, up to 3/3`)
  return { index, count }
}

/**
 * The cases of a filter: tags such as `[copy]`, all of which a case must have, tags with `!` before them, which it must not, and
 * otherwise a part of its name, in whichever case of letters.
 */
export function matches(filter: string, { name, tags }: Pick<ListedCase, 'name' | 'tags'>): boolean {
  if (!/^!?\[/.test(filter)) return name.toLowerCase().includes(filter.toLowerCase())
  return Array.from(filter.matchAll(/(!?)(\[[^\]]*\])/g)).every(
    ([, not, tag = '']) => tags.includes(tag) === (not === ''),
  )
}

/**
 * The tag for which a case runs only if that is asked for; undefined if it has none. Such cases crash on purpose or need a hand, and
 * pytest-embedded's `run_all_single_board_cases` leaves out these two.
 */
export function ignoringTag({ tags }: Pick<ListedCase, 'tags'>): string | undefined {
  return ['[ignore]', '[disable]'].find((tag) => tags.includes(tag))
}

/** Every n-th of a list: neighbours, which are alike, go to different shards. */
export function partOf<T>(list: readonly T[], { index, count }: Shard): readonly T[] {
  return list.filter((_, i) => i % count === index - 1)
}
