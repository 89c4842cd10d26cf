/** Text in lines. */
import { Help } from 'commander'

/** Stands for the space between a number and its unit while lines are broken. */
const GLUE = '\uE000'

const help = new Help()
// However narrow a column is, text is broken at its end.
help.minWidthToWrap = 1

/** Breaks text into lines at spaces, but not between a number and the word after it. Line breaks in it stay. */
export function wrap(text: string, width: number): string {
  return help.boxWrap(text.replace(/(?<=(?:^|[\s(−])[\d.,]+) (?=[\w%µ])/g, GLUE), width).replaceAll(GLUE, ' ')
}
