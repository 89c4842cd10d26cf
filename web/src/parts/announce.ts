/** What the page tells its user: errors, in the library's words, and news for those who do not see the screen. */
import { EspError } from 'async-memcpy'

import { find, setText } from './dom.ts'

/** Says something to those who hear the page. */
export function announce(text: string): void {
  setText(find('live', HTMLElement), text)
}

/** Shows an error until it is dismissed. */
export function showError(error: unknown): void {
  const isOurs = error instanceof EspError
  setText(find('error-name', HTMLElement), isOurs ? `${error.name} (${codeOf(error)})` : 'Error')
  setText(find('error-text', HTMLElement), error instanceof Error ? error.message : String(error))
  find('errors', HTMLElement).hidden = false
}

/** There is nothing wrong any more. */
export function clearError(): void {
  find('errors', HTMLElement).hidden = true
}

/** Shows the errors of something that takes a while, so that none is lost. */
export function attempt(work: () => Promise<void>): void {
  work().catch(showError)
}

/** Lets errors be dismissed. */
export function startErrors(): void {
  find('error-close', HTMLButtonElement).addEventListener('click', () => {
    clearError()
    find('main', HTMLElement).focus()
  })
}

/** An error's code as ESP-IDF writes it. */
export function codeOf({ code }: EspError): string {
  return code < 0 ? String(code) : `0x${code.toString(16)}`
}
