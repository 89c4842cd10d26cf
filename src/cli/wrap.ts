/** Text in lines. */
import { Help } from 'commander'

/** Stands for the space between a number and its unit while lines are broken. */
const GLUE = '\uE000'

/** Breaks text into lines at spaces, but not between a number and the word after it. Line breaks in it stay. */
export function wrap(text: string, width: number): string {
  return new Help().boxWrap(text.replace(/(?<=\d) (?=[\w%µ])/g, GLUE), width).replaceAll(GLUE, ' ')
}
