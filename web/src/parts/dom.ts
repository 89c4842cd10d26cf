/** The page's elements, found and made. */

/** The element of an id, which the page's HTML has. */
export function find<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`)
  return found
}

/** What a new element has beside its content: properties, and attributes where the name has a dash or is `role`. */
export type Features = Readonly<Record<string, string | number | boolean | EventListener>>

/** A new element. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  features: Features = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(features)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, String(value))
    else Object.assign(element, { [name]: value })
  }
  element.append(...content)
  return element
}

/** Options of a list, the chosen one kept if it is still there. */
export function setOptions(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, says: string])[],
): void {
  const chosen = select.value
  select.replaceChildren(...options.map(([value, text]) => make('option', { value }, text)))
  if (options.some(([value]) => value === chosen)) select.value = chosen
}

/** A text, changed only where it differs: nothing is laid out anew for the same. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A canvas with the screen's own pixels, and what draws on it in CSS pixels. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser draws on no canvas')
  return context
}

/** Gives a canvas as many pixels as it covers on the screen. @returns Its size in CSS pixels. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
): { width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = window.devicePixelRatio
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns
    canvas.height = rows
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { width, height }
}
