/** The views of the page: the address says which one is open, so that it can be linked to. */
import { find, setText } from './dom.ts'

/** The views by name. */
export type ViewName = 'frames' | 'timeline' | 'chip'

const TITLES: Readonly<Record<ViewName, string>> = { frames: 'Frames', timeline: 'Timeline', chip: 'Chip' }

let open: ViewName = 'frames'

/** Which view is open. */
export function openView(): ViewName {
  return open
}

/**
 * Opens views as links are followed.
 *
 * @param onOpen - Told of each view that is opened.
 */
export function startViews(onOpen: (view: ViewName) => void): void {
  const show = (): void => {
    const name = location.hash.slice(1)
    // Other addresses lead to places in the view that is open.
    if (name !== '' && !(name in TITLES)) return
    open = name === '' ? 'frames' : (name as ViewName)
    for (const view of Object.keys(TITLES) as ViewName[]) find(view, HTMLElement).hidden = view !== open
    for (const link of document.querySelectorAll('.views a')) {
      if (link.getAttribute('href') === `#${open}`) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    // Copies of a chip are another view's business.
    find('transport', HTMLElement).hidden = open === 'chip'
    setText(find('live', HTMLElement), `${TITLES[open]} is shown`)
    document.title = `${TITLES[open]} · async-memcpy`
    onOpen(open)
  }
  window.addEventListener('hashchange', show)
  show()
}
