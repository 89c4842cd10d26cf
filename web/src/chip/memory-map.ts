/** What lies where on a chip: a bar for each stretch of addresses, with the heap's blocks and the ends of the copy. */
import { placesOf, type CopyRequest, type Place, type Target } from 'async-memcpy'

import { make } from '../parts/dom.ts'
import { hex, memory } from '../parts/quantities.ts'

import type { Block, ChipSession } from './chip-session.ts'

const NAMES: Readonly<Record<Place['kind'], string>> = {
  dram: 'memory',
  sram: 'SRAM',
  psram: 'PSRAM',
  flash: 'flash',
  rtc: 'low-power memory',
  cache: 'cache',
  tcm: 'tightly coupled memory',
  alias: 'second addresses',
}

/** Beyond this part of a bar its end is near. */
const LATE = 0.85

const HEAPS: readonly Place['kind'][] = ['dram', 'sram', 'psram']

/** Shows the map of a chip. */
export function showMap(host: HTMLElement, session: ChipSession, copy: CopyRequest | undefined): void {
  const { target, fitting } = session.soc
  const places = [...placesOf(target, fitting)].sort((a, b) => a.start - b.start)
  host.replaceChildren(...places.map((place) => rowOf(place, session, copy)))
}

function rowOf(place: Place, { soc, blocks }: ChipSession, copy: CopyRequest | undefined): HTMLElement {
  const { kind, start, end } = place
  const isHeap = HEAPS.includes(kind)
  const inside = blocks.filter(({ address }) => address >= start && address < end)
  const bar = make('div', { className: `bar ${isHeap ? 'heap' : 'other'}`, 'aria-hidden': true })
  bar.append(...inside.map((block) => blockOf(block, place)))
  if (copy !== undefined) bar.append(...endsOf(copy, place))
  const says = isHeap ? usage(inside) : remark(place, soc.target)
  return make(
    'div',
    { className: 'place', role: 'listitem' },
    make(
      'p',
      { className: 'place-name' },
      make('strong', {}, NAMES[kind]),
      ` ${memory(end - start)}`,
      make('span', { className: 'muted' }, says),
    ),
    make(
      'div',
      { className: 'place-bar' },
      bar,
      make(
        'p',
        { className: 'range' },
        make('span', {}, hex(start)),
        make('span', { className: 'unseen' }, ' to '),
        make('span', {}, hex(end - 1)),
      ),
    ),
  )
}

function usage(blocks: readonly Block[]): string {
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0)
  if (blocks.length === 0) return 'nothing allocated'
  return `${blocks.length === 1 ? '1 block' : `${blocks.length} blocks`}, ${memory(bytes)}`
}

/** Why nobody allocates there. */
function remark(place: Place, target: Target): string {
  switch (place.kind) {
    case 'alias':
      return `of ${hex(place.of)}, ${place.purpose}`
    case 'flash': {
      const readers = target.backends.filter(({ readsFlash }) => readsFlash.value).map(({ name }) => name)
      return readers.length === 0 ? 'out of reach of DMA' : `read by ${readers.join(', ')}`
    }
    case 'cache':
      return 'taken by the cache'
    case 'tcm':
      return 'the processor only'
    case 'rtc':
      return 'not DMA-capable'
    case 'dram':
    case 'sram':
    case 'psram':
      return ''
  }
}

/** Where something lies in its bar. */
function placeIn({ start, end }: Place, address: number, length: number): Partial<Record<'left' | 'width', string>> {
  const percent = (bytes: number): string => `${(bytes / (end - start)) * 100}%`
  return { left: percent(address - start), width: percent(Math.min(length, end - address)) }
}

function blockOf({ address, length }: Block, place: Place): HTMLElement {
  const block = make('span', { className: 'block', title: `${hex(address)}, ${length} bytes` })
  Object.assign(block.style, placeIn(place, address, length))
  return block
}

function endsOf({ dst, src, length }: CopyRequest, place: Place): HTMLElement[] {
  return ([['dst', dst] as const, ['src', src] as const] as const)
    .filter(([, address]) => address >= place.start && address < place.end)
    .map(([role, address]) => {
      const isLate = address - place.start > (place.end - place.start) * LATE
      const end = make('span', { className: `end ${role}${isLate ? ' late' : ''}` }, make('i', {}, role))
      Object.assign(end.style, placeIn(place, address, length))
      return end
    })
}
