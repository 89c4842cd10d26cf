/** Words that options are chosen by. */
import { invalidArgument, show } from '../errors.ts'

/**
 * What a word stands for.
 *
 * @param what - What is chosen, for the message.
 * @param choices - Each word with its number in the layout.
 * @param word - The one that was given.
 * @throws EspError `ESP_ERR_INVALID_ARG` for another word.
 */
export function chosen<Word extends string>(what: string, choices: Readonly<Record<Word, number>>, word: Word): number {
  if (typeof word === 'string' && Object.hasOwn(choices, word)) return choices[word]
  throw invalidArgument(`${what} is ${show(word)}: it is one of ${Object.keys(choices).join(', ')}`)
}
