/**
 * The control flow of a WebAssembly function, from its disassembly: which instructions can run between two others. That is
 * what it takes to show that a thread cannot be ended at a bad moment, as threads are ended at loops and calls only.
 */
import binaryen from 'binaryen'

/** A list of the text format: its head, immediates and operands. */
type Expression = readonly (string | Expression)[]

/** An instruction that touches memory, a loop's head, a call, or the end of the function. */
export interface Instruction {
  /** `i32.atomic.store`, `loop`, `call`, `end` … */
  readonly name: string
  /** The offset immediate of a memory access; where the address is a constant, the sum: compilers write that either way. */
  readonly offset: number
  /** The last operand, if it is a constant: the value of a store. */
  readonly constant: string | undefined
  /** Heads of the loops it is in. */
  readonly loops: readonly Instruction[]
  /** What can run next. */
  readonly next: Instruction[]
}

/** A function's instructions, in the order of the text. */
export type Flow = readonly Instruction[]

/** A module's functions by the names they are exported under, or `$n` for the others. */
export function disassemble(bytes: Uint8Array): Map<string, Flow> {
  const module = binaryen.readBinary(bytes)
  const text = module.emitText()
  module.dispose()
  return functionsOf(text)
}

/** The same for a module in the text format. */
export function functionsOf(text: string): Map<string, Flow> {
  const [module] = parse(text)
  const lists = (Array.isArray(module) ? module : []).filter((item): item is Expression => typeof item !== 'string')
  const exported = new Map<string, string>()
  for (const [head, name, what] of lists) {
    if (head === 'export' && Array.isArray(what) && what[0] === 'func') {
      exported.set(String(what[1]), String(name).replaceAll('"', ''))
    }
  }
  const functions = lists.filter(([head]) => head === 'func')
  return new Map(
    functions.map((list) => [exported.get(String(list[1])) ?? String(list[1]), new FlowBuilder(list).flow]),
  )
}

/** Instructions that can run after one and before another, without passing either again or any of `avoiding`. */
export function between(from: Instruction, to: Instruction, avoiding: readonly Instruction[] = []): Instruction[] {
  const bounds = new Set([from, to, ...avoiding])
  const forwards = new Set<Instruction>()
  const visit = (instruction: Instruction): void => {
    if (bounds.has(instruction) || forwards.has(instruction)) return
    forwards.add(instruction)
    instruction.next.forEach(visit)
  }
  from.next.forEach(visit)
  const reaches = new Set<Instruction>()
  for (let before = -1; reaches.size !== before;) {
    before = reaches.size
    for (const instruction of forwards) {
      if (instruction.next.some((next) => next === to || reaches.has(next))) reaches.add(instruction)
    }
  }
  return [...reaches]
}

/** Whether a thread can be ended there. */
const canEnd = ({ name }: Instruction): boolean => name === 'loop' || name.startsWith('call')

/**
 * Where a thread can be ended after one instruction and before another. Going back to a loop that the first one is in means
 * that it is tried again, so that is not after it.
 */
export function endsBetween(from: Instruction, to: Instruction): string[] {
  return between(from, to)
    .filter((instruction) => canEnd(instruction) && !from.loops.includes(instruction))
    .map(({ name }) => name)
}

/** Whether it writes to memory. */
export const writes = ({ name }: Instruction): boolean => /store|rmw|memory\.(copy|fill)/.test(name)

interface Label {
  readonly name: string
  /** A loop's head; undefined for a block, whose label is its end. */
  readonly head: Instruction | undefined
  readonly ends: Instruction[]
}

const IMMEDIATE = new Set(['result', 'param', 'local', 'type', 'export'])

/** Walks a function's folded text in the order in which it is carried out. */
class FlowBuilder {
  readonly flow: Instruction[] = []
  readonly #labels: Label[] = []
  /** What runs just before the next instruction. */
  #open: Instruction[] = []

  constructor(list: Expression) {
    this.#emit('start')
    this.#all(list.slice(2))
    this.#emit('end')
  }

  #emit(name: string, offset = 0, constant?: string): Instruction {
    const loops = this.#labels.map(({ head }) => head).filter((head) => head !== undefined)
    const instruction: Instruction = { name, offset, constant, loops, next: [] }
    for (const before of this.#open) before.next.push(instruction)
    this.#open = [instruction]
    this.flow.push(instruction)
    return instruction
  }

  #all(items: Expression): void {
    for (const item of items) if (typeof item !== 'string') this.#walk(item)
  }

  #walk(list: Expression): void {
    const [head, ...rest] = list
    if (typeof head !== 'string' || IMMEDIATE.has(head)) return
    const label = typeof rest[0] === 'string' ? rest[0] : ''
    switch (head) {
      case 'block':
        this.#labels.push({ name: label, head: undefined, ends: [] })
        this.#all(rest)
        this.#open = [...new Set([...this.#open, ...(this.#labels.pop()?.ends ?? [])])]
        break
      case 'loop':
        this.#labels.push({ name: label, head: this.#emit('loop'), ends: [] })
        this.#all(rest)
        this.#labels.pop()
        break
      case 'if':
        this.#walkIf(rest)
        break
      case 'br':
      case 'br_if':
      case 'br_table':
        this.#all(rest)
        for (const target of rest) if (typeof target === 'string') this.#jump(target)
        if (head !== 'br_if') this.#open = []
        break
      case 'return':
      case 'unreachable':
        this.#all(rest)
        this.#emit('end')
        this.#open = []
        break
      default:
        this.#all(rest)
        if (/load|store|atomic|memory|call/.test(head)) this.#emit(head, offsetOf(rest), constantOf(rest.at(-1)))
    }
  }

  #walkIf(rest: Expression): void {
    const isBranch = (item: string | Expression): boolean =>
      typeof item !== 'string' && /then|else/.test(String(item[0]))
    this.#all(rest.filter((item) => !isBranch(item)))
    const before = this.#open
    const after: Instruction[] = []
    const branches = rest.filter(isBranch) as Expression[]
    for (const branch of branches) {
      this.#open = before
      this.#all(branch.slice(1))
      after.push(...this.#open)
    }
    this.#open = [...new Set(branches.length === 2 ? after : [...after, ...before])]
  }

  #jump(target: string): void {
    const label = [...this.#labels].reverse().find(({ name }) => name === target)
    if (label === undefined) throw new Error(`a branch to ${target}, which is nowhere`)
    if (label.head === undefined) label.ends.push(...this.#open)
    else for (const before of this.#open) before.next.push(label.head)
  }
}

function offsetOf(rest: Expression): number {
  const immediate = rest.find((item) => typeof item === 'string' && item.startsWith('offset='))
  const offset = immediate === undefined ? 0 : Number(String(immediate).slice('offset='.length))
  return offset + Number(constantOf(rest.find((item) => typeof item !== 'string')) ?? 0)
}

function constantOf(operand: string | Expression | undefined): string | undefined {
  return Array.isArray(operand) && String(operand[0]).endsWith('.const') ? String(operand[1]) : undefined
}

/** Lists in parentheses, words and strings. */
function parse(text: string): Expression {
  const stack: (string | Expression)[][] = [[]]
  for (const [token] of text.matchAll(/\(|\)|"[^"]*"|;;[^\n]*|[^\s()"]+/g)) {
    if (token.startsWith(';;')) continue
    if (token === '(') {
      const list: (string | Expression)[] = []
      stack.at(-1)?.push(list)
      stack.push(list)
    } else if (token === ')') {
      stack.pop()
    } else {
      stack.at(-1)?.push(token)
    }
  }
  return stack[0] ?? []
}
