/** What headers declare, and what programs call: as text, as far as these headers and programs are written. */

/** A function or a macro with arguments. */
export interface Declared {
  /** Its name. */
  readonly name: string
  /** Path of the header. */
  readonly header: string
  /** What a macro stands for, or what an inline function does; empty for others. */
  readonly body: string
}

/** The same text without comments and without what is in quotes. */
export function withoutText(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\//g, ' ')
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/"(\\.|[^"\n])*"/g, '""')
}

const MACRO = /^[ \t]*#[ \t]*define[ \t]+([A-Za-z]\w*)\(([^)]*)\)([^\n]*)/gm
const ATTRIBUTE = /__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)/g
/** Declared so that whoever calls it is told at once. */
const UNAVAILABLE = /\bGDMA_IS_NOT_MODELLED\b/
/** A type, and behind it a name with arguments. */
const FUNCTION = /^[^=(]*?\w[\s*]+([A-Za-z_]\w*)\s*\(/

/** What a header declares. */
export function declaredIn(header: string, text: string): readonly Declared[] {
  const code = withoutText(text).replace(/\\\n/g, ' ')
  const macros = [...code.matchAll(MACRO)].map(([, name = '', , body = '']) => ({ name, header, body }))
  const plain = code.replace(/^[ \t]*#[^\n]*/gm, ' ').replace(/extern\s+""\s*\{/g, ' ')
  return [...macros, ...outermost(plain).flatMap((part) => functionIn(header, part))]
}

/** One declaration, and what stands in its braces. */
interface Part {
  readonly head: string
  readonly body: string
}

function outermost(code: string): readonly Part[] {
  const parts: Part[] = []
  let [head, body, depth] = ['', '', 0]
  for (const c of code) {
    if (c === '}') depth = Math.max(0, depth - 1)
    if (depth > 0) body += c
    else if (c !== ';' && c !== '}' && c !== '{') head += c
    if (c === '{') depth++
    // An initialiser, or the name of a type, may follow the brace: it is no function.
    if (depth > 0 || (c !== ';' && c !== '}')) continue
    parts.push({ head, body })
    head = body = ''
  }
  return parts
}

function functionIn(header: string, { head, body }: Part): readonly Declared[] {
  if (UNAVAILABLE.test(head)) return []
  const plain = head.replace(ATTRIBUTE, ' ').trim()
  if (/^(typedef|struct\s+\w*$|union|enum|_Static_assert)/.test(plain)) return []
  const name = FUNCTION.exec(plain)?.[1]
  return name === undefined ? [] : [{ name, header, body }]
}

/** All that is called in a text, and by the macros and inline functions that it calls. */
export function callsIn(text: string, declared: readonly Declared[]): ReadonlySet<string> {
  const bodies = new Map<string, string[]>()
  for (const { name, body } of declared) bodies.set(name, [...(bodies.get(name) ?? []), body])
  const called = new Set<string>()
  const todo = [...names(text)]
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (called.has(name)) continue
    called.add(name)
    for (const body of bodies.get(name) ?? []) todo.push(...names(body))
  }
  return called
}

function names(text: string): readonly string[] {
  return [...text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].map(([, name = '']) => name)
}
