/** The heap: blocks are allocated, listed, used as ends of the copy, and given back. */
import type { MemoryKind } from 'async-memcpy'

import { announce, showError } from '../parts/announce.ts'
import { find, make, setOptions, setText } from '../parts/dom.ts'
import { count, hex, memory } from '../parts/quantities.ts'

import type { Block, ChipSession } from './chip-session.ts'

/** What is done with blocks elsewhere. */
export interface BlockUses {
  /** It is to be an end of the copy. */
  readonly use: (role: 'dst' | 'src', block: Block) => void
  /** The heap has changed. */
  readonly changed: () => void
}

const ALIGNS = [64, 128, 256, 1024, 4096, 65_536]

/** The panel. */
export class HeapPanel {
  readonly #uses: BlockUses
  readonly #length = find('alloc-length', HTMLInputElement)
  readonly #memory = find('alloc-memory', HTMLSelectElement)
  readonly #align = find('alloc-align', HTMLSelectElement)
  readonly #rows: HTMLElement
  #session: ChipSession | undefined

  /** @param uses - What is done with blocks elsewhere. */
  constructor(uses: BlockUses) {
    this.#uses = uses
    const rows = find('blocks', HTMLTableElement).tBodies[0]
    if (rows === undefined) throw new Error('the table of blocks has a body')
    this.#rows = rows
    setOptions(
      this.#align,
      ALIGNS.map((align) => [String(align), `${count(align)}\u00a0B`]),
    )
    find('allocate', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      this.#allocate()
    })
  }

  /** Shows the heap of another chip. */
  open(session: ChipSession): void {
    this.#session = session
    const { target, fitting } = session.soc
    const kinds = target.memory.map(({ kind }) => kind).filter((kind) => kind !== 'psram' || fitting.psram > 0)
    setOptions(this.#memory, [['any', 'any, in order'], ...kinds.map((kind) => [kind, kind.toUpperCase()] as const)])
    this.#show()
  }

  #allocate(): void {
    const session = this.#session
    if (session === undefined) return
    const kind = this.#memory.value
    try {
      const block = session.allocate(this.#length.valueAsNumber, {
        align: Number(this.#align.value),
        ...(kind === 'any' ? {} : { memory: kind as MemoryKind }),
      })
      announce(`${count(block.length)} bytes allocated at ${hex(block.address)}`)
    } catch (error) {
      showError(error)
    }
    this.#changed()
  }

  #free(block: Block): void {
    try {
      this.#session?.free(block)
      announce(`${hex(block.address)} freed`)
    } catch (error) {
      showError(error)
    }
    this.#changed()
    // The button that was pressed is gone.
    find('blocks-scroll', HTMLElement).focus()
  }

  #changed(): void {
    this.#show()
    this.#uses.changed()
  }

  #show(): void {
    const session = this.#session
    if (session === undefined) return
    const { used, capacity, peak } = session.soc.heap.stats()
    setText(
      find('heap-state', HTMLElement),
      `${memory(used)} of ${memory(capacity)} in use with headers and padding, ${memory(peak)} at most so far`,
    )
    this.#rows.replaceChildren(...session.blocks.map((block) => this.#rowOf(block)))
  }

  #rowOf(block: Block): HTMLElement {
    const at = hex(block.address)
    const button = (text: string, label: string, act: () => void): HTMLElement =>
      make('button', { type: 'button', 'aria-label': `${label} ${at}`, click: act }, text)
    return make(
      'tr',
      {},
      make('th', { scope: 'row', className: 'address' }, at),
      make('td', { className: 'number' }, count(block.length)),
      make('td', {}, block.kind.toUpperCase()),
      make(
        'td',
        { className: 'uses' },
        button('as destination', 'as destination:', () => {
          this.#uses.use('dst', block)
        }),
        button('as source', 'as source:', () => {
          this.#uses.use('src', block)
        }),
        button('free', 'free', () => {
          this.#free(block)
        }),
      ),
    )
  }
}
