/** What the linker says, for those who know their sources and not its objects. */
import { stripVTControlCharacters } from 'node:util'

const NO_APP_MAIN =
  'error: there is no app_main: firmware begins in a function void app_main(void), which in C++ is extern "C"\n'
const NOT_DEFINED = 'note: what is undefined is in none of the sources that were named, and not modelled\n'

/**
 * Objects by the names of their sources, and what to do.
 *
 * @param text - What wasm-ld says.
 * @param units - Names of the sources, in the order of the objects.
 * @param library - The same of the library.
 */
export function linkMessages(text: string, units: readonly string[], library: readonly string[]): string {
  const named = text.replaceAll(
    /(?:\/[^\s:/]+)*\/(objects|library)\/(\d+)\/[^/\n]*?\.o(?=[:\s]|$)/g,
    (object, kind: string, index: string) => (kind === 'objects' ? units : library)[Number(index)] ?? object,
  )
  const lines = named.split(/(?<=\n)/)
  // It is told twice, in words about exports and about a file of this package.
  const others = lines.filter(
    (line) => !/(?:undefined symbol|--export not found): app_main\s*$/.test(stripVTControlCharacters(line)),
  )
  const isUndefined = others.some((line) => line.includes('undefined symbol: '))
  return [...others, others.length < lines.length ? NO_APP_MAIN : '', isUndefined ? NOT_DEFINED : ''].join('')
}
