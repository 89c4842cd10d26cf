/** A strict reader of value change dumps (IEEE 1364-2005, section 18): throws at whatever the format does not allow. */

/** A signal, and what it does. */
export interface Signal {
  /** Names of its scopes and its own, with dots. */
  readonly path: string
  readonly width: number
  /** Its values by time, the initial one first, at 0. */
  readonly changes: { readonly at: number; readonly value: string }[]
}

/** What a file says. */
export interface VcdFile {
  readonly timescale: string
  readonly comment: string
  readonly signals: ReadonlyMap<string, Signal>
  /** The last time in it. */
  readonly end: number
}

/** Reads a file. */
export function parseVcd(text: string): VcdFile {
  const [header, body, ...rest] = text.split('$enddefinitions $end\n')
  if (header === undefined || body === undefined || rest.length > 0) throw new Error('one $enddefinitions is expected')
  const { byCode, ...declared } = parseHeader(header)
  return { ...declared, end: parseBody(body, byCode), signals: bySignalPath(byCode) }
}

function bySignalPath(byCode: ReadonlyMap<string, Signal>): Map<string, Signal> {
  const signals = [...byCode.values()]
  const byPath = new Map(signals.map((signal) => [signal.path, signal]))
  if (byPath.size !== signals.length) throw new Error('two signals have one name')
  return byPath
}

function parseHeader(header: string): { timescale: string; comment: string; byCode: Map<string, Signal> } {
  const byCode = new Map<string, Signal>()
  const scopes: string[] = []
  let timescale = ''
  let comment = ''
  for (const [keyword = '', ...words] of commandsOf(header)) {
    const whole = [keyword, ...words].join(' ')
    switch (keyword.slice(1)) {
      case 'version':
      case 'date':
        break
      case 'comment':
        comment = words.join(' ')
        break
      case 'timescale':
        if (!/^(1|10|100) ?(s|ms|us|ns|ps|fs)$/.test(words.join(' '))) throw new Error(`timescale ${words.join(' ')}`)
        timescale = words.join(' ')
        break
      case 'scope':
        if (words.length !== 2 || words[0] !== 'module') throw new Error(`bad scope: ${whole}`)
        scopes.push(identifier(words[1]))
        break
      case 'upscope':
        if (scopes.pop() === undefined) throw new Error('more scopes end than began')
        break
      case 'var':
        declare(words, scopes, byCode)
        break
      default:
        throw new Error(`unexpected in the header: ${whole}`)
    }
  }
  if (scopes.length > 0) throw new Error(`scope ${scopes.join('.')} does not end`)
  if (timescale === '') throw new Error('no timescale')
  return { timescale, comment, byCode }
}

/** What stands before each `$end`. Identifier codes may have a `$` in them, or be one. */
function commandsOf(header: string): string[][] {
  const commands: string[][] = [[]]
  for (const word of header.trim().split(/\s+/)) {
    if (word === '$end') commands.push([])
    else commands.at(-1)?.push(word)
  }
  if (commands.pop()?.length !== 0) throw new Error('a command of the header does not end')
  return commands
}

function declare(words: readonly string[], scopes: readonly string[], byCode: Map<string, Signal>): void {
  const [type, bits, code = '', name, range, ...more] = words
  const width = Number(bits)
  if (type !== 'wire' || !Number.isInteger(width) || width < 1) throw new Error(`bad variable: ${words.join(' ')}`)
  if (!/^[!-~]+$/.test(code)) throw new Error(`bad identifier code: ${code}`)
  if (byCode.has(code)) throw new Error(`identifier code ${code} stands for two signals`)
  if (range !== (width === 1 ? undefined : `[${width - 1}:0]`) || more.length > 0)
    throw new Error(`range ${range ?? ''}`)
  if (scopes.length === 0) throw new Error(`${name ?? ''} is in no scope`)
  byCode.set(code, { path: [...scopes, identifier(name)].join('.'), width, changes: [] })
}

function identifier(word = ''): string {
  if (!/^[A-Za-z_][A-Za-z0-9_$]*$/.test(word)) throw new Error(`not an identifier: ${word}`)
  return word
}

function parseBody(body: string, byCode: ReadonlyMap<string, Signal>): number {
  let time = -1
  let dumping: 'before' | 'in' | 'after' = 'before'
  for (const line of body.split('\n').slice(0, -1)) {
    if (line.startsWith('#')) {
      const next = Number(line.slice(1))
      if (!/^#(0|[1-9]\d*)$/.test(line) || !(next > time)) throw new Error(`time ${line} after ${time}`)
      time = next
    } else if (line === '$dumpvars' && dumping === 'before' && time === 0) {
      dumping = 'in'
    } else if (line === '$end' && dumping === 'in') {
      dumping = 'after'
      for (const { path, changes } of byCode.values()) if (changes.length !== 1) throw new Error(`${path} has no start`)
    } else {
      if (dumping === 'before') throw new Error(`before $dumpvars: ${line}`)
      change(line, time, byCode)
    }
  }
  if (dumping !== 'after' || !body.endsWith('\n')) throw new Error('the file ends too early')
  return time
}

function change(line: string, at: number, byCode: ReadonlyMap<string, Signal>): void {
  const match = /^(?:([01xz])([!-~]+)|b([01xz]+) ([!-~]+))$/.exec(line)
  if (match === null) throw new Error(`not a change: ${line}`)
  const signal = byCode.get(match[2] ?? match[4] ?? '')
  if (signal === undefined) throw new Error(`a change of nothing: ${line}`)
  const isScalar = match[1] !== undefined
  const value = match[1] ?? match[3] ?? ''
  if (isScalar !== (signal.width === 1) || value.length > signal.width) throw new Error(`${signal.path}: ${line}`)
  if (signal.changes.at(-1)?.value === value) throw new Error(`${signal.path} changes to what it is: ${line}`)
  signal.changes.push({ at, value })
}

/** A signal's values as numbers: `[time, value]`, the initial one first. */
export function valuesOf(file: VcdFile, path: string): [at: number, value: number][] {
  const signal = file.signals.get(path)
  if (signal === undefined) throw new Error(`no signal ${path}: there are ${[...file.signals.keys()].join(', ')}`)
  return signal.changes.map(({ at, value }) => [at, Number.parseInt(value, 2)])
}
