/** Light and dark: as the system has it, or as chosen here. What draws on a canvas asks for the colours by name. */
import { find } from './dom.ts'

/** The colours of the page, as styles/page.css names them. */
export type ColourName = 'paper' | 'panel' | 'ink' | 'muted' | 'line' | 'accent' | 'accent-soft' | 'alert' | 'quiet'

/** The colours that hold now, as a canvas takes them. */
export type Colours = Readonly<Record<ColourName, string>>

const NAMES: readonly ColourName[] = [
  'paper',
  'panel',
  'ink',
  'muted',
  'line',
  'accent',
  'accent-soft',
  'alert',
  'quiet',
]
const STORED_AS = 'async-memcpy theme'

const listeners = new Set<() => void>()
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)')
let known: Colours | undefined

/** Lets the user choose. */
export function startTheme(): void {
  const select = find('theme', HTMLSelectElement)
  const apply = (): void => {
    if (select.value === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = select.value
    known = undefined
    for (const listen of listeners) listen()
  }
  select.value = stored() ?? 'system'
  select.addEventListener('change', () => {
    store(select.value)
    apply()
  })
  systemIsDark.addEventListener('change', apply)
  apply()
}

/** Calls back whenever the colours have changed. */
export function onThemeChange(listen: () => void): void {
  listeners.add(listen)
}

/** The colours that hold now. */
export function colours(): Colours {
  known ??= readColours()
  return known
}

/** Whether the user wants things to stand still. */
export const prefersStillness: MediaQueryList = window.matchMedia('(prefers-reduced-motion: reduce)')

/** A variable may be made of others: only an element that uses it tells its value. */
function readColours(): Colours {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colourOf = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const found = Object.fromEntries(NAMES.map((name) => [name, colourOf(name)])) as Record<ColourName, string>
  probe.remove()
  return found
}

/** A page may be denied its storage; it then forgets. */
function stored(): string | null {
  try {
    return localStorage.getItem(STORED_AS)
  } catch {
    return null
  }
}

function store(value: string): void {
  try {
    localStorage.setItem(STORED_AS, value)
  } catch {
    // It holds until the page is left.
  }
}
