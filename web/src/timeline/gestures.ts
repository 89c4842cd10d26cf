/** Moving about in a timeline: by wheel, by keys, by one finger or two. */

/** What the gestures do. Places are in CSS pixels of the element. */
export interface Moves {
  /** Shows less (a factor below 1) or more around a place; without one, around the middle. */
  zoom(factor: number, x?: number): void
  /** Moves by so many pixels: what is drawn goes along. */
  drag(pixels: number): void
  /** Moves by a part of what is in sight. */
  pan(share: number): void
  /** Shows everything. */
  fit(): void
  /** Shows the beginning, or the end. */
  jump(to: 'first' | 'last'): void
  /** Chooses what is at a place. */
  choose(x: number, y: number): void
  /** Chooses the next, the previous, or nothing. */
  step(by: 1 | -1 | 0): void
  /** Pauses or goes on. */
  pause(): void
}

const ZOOM_STEP = 1.6
const PAN_STEP = 0.15
/** A finger that has moved less has chosen. */
const STILL_PX = 4

/** Listens to an element's wheel, keys and pointers. */
export function listenToGestures(element: HTMLElement, moves: Moves): void {
  element.addEventListener('keydown', (event) => {
    const act = keyOf(event, moves)
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  })
  element.addEventListener(
    'wheel',
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey
      // The page's own scrolling goes on over a timeline that nobody works with.
      if (!isSideways && !event.ctrlKey && !event.metaKey && document.activeElement !== element) return
      event.preventDefault()
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1
      if (isSideways) moves.drag(-(event.deltaX || event.deltaY) * unit)
      else moves.zoom(Math.exp((event.deltaY * unit) / 300), event.clientX - element.getBoundingClientRect().left)
    },
    { passive: false },
  )
  listenToPointers(element, moves)
}

function keyOf({ key, shiftKey }: KeyboardEvent, moves: Moves): (() => void) | undefined {
  const far = shiftKey ? 4 : 1
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => {
      moves.zoom(1 / ZOOM_STEP)
    },
    '=': () => {
      moves.zoom(1 / ZOOM_STEP)
    },
    '-': () => {
      moves.zoom(ZOOM_STEP)
    },
    '0': () => {
      moves.fit()
    },
    ArrowLeft: () => {
      moves.pan(-PAN_STEP * far)
    },
    ArrowRight: () => {
      moves.pan(PAN_STEP * far)
    },
    ArrowUp: () => {
      moves.zoom(1 / ZOOM_STEP)
    },
    ArrowDown: () => {
      moves.zoom(ZOOM_STEP)
    },
    Home: () => {
      moves.jump('first')
    },
    End: () => {
      moves.jump('last')
    },
    n: () => {
      moves.step(1)
    },
    p: () => {
      moves.step(-1)
    },
    Escape: () => {
      moves.step(0)
    },
    ' ': () => {
      moves.pause()
    },
  }
  return keys[key]
}

/** One finger drags, two drag and zoom. */
function listenToPointers(element: HTMLElement, moves: Moves): void {
  const down = new Map<number, { x: number; y: number }>()
  let travelled = 0
  const place = ({ clientX, clientY }: PointerEvent): { x: number; y: number } => {
    const { left, top } = element.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const spread = (): { middle: number; distance: number } => {
    const [one, other] = [...down.values()]
    if (one === undefined || other === undefined) return { middle: one?.x ?? 0, distance: 1 }
    return { middle: (one.x + other.x) / 2, distance: Math.max(8, Math.hypot(one.x - other.x, one.y - other.y)) }
  }
  element.addEventListener('pointerdown', (event) => {
    if (down.size === 0) travelled = 0
    down.set(event.pointerId, place(event))
    element.setPointerCapture(event.pointerId)
  })
  element.addEventListener('pointermove', (event) => {
    if (!down.has(event.pointerId)) return
    const before = spread()
    down.set(event.pointerId, place(event))
    const after = spread()
    travelled += Math.abs(after.middle - before.middle) + Math.abs(after.distance - before.distance)
    if (travelled < STILL_PX) return
    moves.drag(after.middle - before.middle)
    if (down.size > 1) moves.zoom(before.distance / after.distance, after.middle)
  })
  const up = (event: PointerEvent): void => {
    if (!down.delete(event.pointerId) || down.size > 0) return
    const { x, y } = place(event)
    if (event.type === 'pointerup' && travelled < STILL_PX) moves.choose(x, y)
  }
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
}
