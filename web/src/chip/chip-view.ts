/** The view Chip: a virtual chip, its memory, and a copy on it that is judged as it is typed. */
import { checkCopy, EspError, type CopyRequest } from 'async-memcpy'

import { announce, attempt, clearError, codeOf, showError } from '../parts/announce.ts'
import { find, make } from '../parts/dom.ts'
import { duration, hex } from '../parts/quantities.ts'
import { Timeline } from '../timeline/timeline.ts'

import { ChipForm } from './chip-form.ts'
import { ChipSession, type Block, type RunResult } from './chip-session.ts'
import { HeapPanel } from './heap-panel.ts'
import { showMap } from './memory-map.ts'
import { nothingToJudge, verdictOf, type Subject } from './verdict.ts'

/** Blocks that a chip is opened with, so that there is something to copy. */
const FIRST_BYTES = 16 * 2 ** 10

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20 }

/** The view. */
export class ChipView {
  readonly #form = new ChipForm()
  readonly #heap: HeapPanel
  readonly #map = find('map', HTMLElement)
  readonly #verdict = find('verdict', HTMLElement)
  readonly #run = find('copy-run', HTMLButtonElement)
  readonly #inputs = {
    dst: find('copy-dst', HTMLInputElement),
    src: find('copy-src', HTMLInputElement),
    length: find('copy-length', HTMLInputElement),
  }
  readonly #timeline = new Timeline({ name: 'Timeline of the chip', empty: 'Nothing recorded' })
  #session: ChipSession | undefined
  #opening: Promise<void> = Promise.resolve()

  constructor() {
    this.#heap = new HeapPanel({
      use: (role, block) => {
        this.#use(role, block)
      },
      changed: () => {
        this.#showMap()
      },
    })
    this.#form.onChange((what) => {
      if (what === 'chip') this.#open()
      else this.#judge()
    })
    const compose = find('compose', HTMLFormElement)
    compose.addEventListener('input', () => {
      this.#judge()
    })
    compose.addEventListener('submit', (event) => {
      event.preventDefault()
      attempt(() => this.#runCopy())
    })
    find('chip-timeline', HTMLElement).append(this.#timeline.element)
  }

  /** The view was opened. */
  opened(): void {
    if (this.#session === undefined) this.#open()
  }

  /** Opens the chip as it is chosen now. */
  #open(): void {
    const view = find('chip', HTMLElement)
    view.setAttribute('aria-busy', 'true')
    const opening = this.#opening.then(() => this.#replace()).catch(showError)
    this.#opening = opening
    void opening.then(() => {
      // Something else may have been chosen meanwhile.
      if (this.#opening === opening) view.setAttribute('aria-busy', 'false')
    })
  }

  async #replace(): Promise<void> {
    const before = this.#session
    this.#session = undefined
    find('chip-timeline', HTMLElement).hidden = true
    await before?.close()
    const session = await ChipSession.open(this.#form.choice)
    this.#session = session
    clearError()
    const { fitting, target } = session.soc
    const usesPsram = fitting.psram > 0 && target.backends[0].reachesPsram.value
    const first = session.allocate(FIRST_BYTES, {})
    const second = session.allocate(FIRST_BYTES, usesPsram ? { memory: 'psram' } : {})
    this.#inputs.dst.value = hex(first.address)
    this.#inputs.src.value = hex(second.address)
    this.#heap.open(session)
    this.#judge()
  }

  #use(role: 'dst' | 'src', block: Block): void {
    this.#inputs[role].value = hex(block.address)
    announce(`${role === 'dst' ? 'Destination' : 'Source'} is ${hex(block.address)}`)
    this.#judge()
  }

  /** The copy that was typed; undefined if that is none. */
  get #copy(): CopyRequest | undefined {
    const { dst, src, length } = this.#inputs
    const copy = { dst: numberOf(dst.value), src: numberOf(src.value), length: numberOf(length.value) }
    for (const [name, input] of Object.entries(this.#inputs)) {
      input.setAttribute('aria-invalid', String(Number.isNaN(copy[name as keyof CopyRequest])))
    }
    return Object.values(copy).some(Number.isNaN) ? undefined : copy
  }

  #judge(): void {
    const { target, fitting, config } = this.#form.choice
    const copy = this.#copy
    this.#showMap()
    if (copy === undefined) {
      this.#verdict.replaceChildren(
        ...nothingToJudge('Addresses have 32 bits, such as 0x3fc88000; a length is a number of bytes.'),
      )
      return
    }
    try {
      const answer = checkCopy(target.name, copy, { ...fitting, config })
      this.#verdict.replaceChildren(
        ...verdictOf(answer, (subject, value) => {
          this.#set(subject, value)
        }),
      )
    } catch (error) {
      showError(error)
    }
  }

  /** Takes a value over that would pass. */
  #set(subject: Subject, value: number): void {
    if (subject === 'burst') this.#form.setBurst(value)
    else this.#inputs[subject].value = subject === 'length' ? String(value) : hex(value)
    this.#judge()
    if (subject !== 'burst') this.#inputs[subject].focus()
  }

  #showMap(): void {
    if (this.#session !== undefined) showMap(this.#map, this.#session, this.#copy)
  }

  async #runCopy(): Promise<void> {
    const session = this.#session
    const copy = this.#copy
    if (session === undefined || copy === undefined) return
    this.#run.disabled = true
    try {
      const result = await session.run(copy, this.#form.choice.config)
      this.#showRun(result)
    } catch (error) {
      if (error instanceof EspError) announce(`${error.name} (${codeOf(error)}): ${error.message}`)
      throw error
    } finally {
      this.#run.disabled = false
      this.#run.focus()
    }
  }

  #showRun({ event, isRight, recorded }: RunResult): void {
    clearError()
    const took = duration(event.endTime - event.startTime)
    const outcome = isRight ? 'the destination holds what the source held' : 'the destination differs from the source'
    this.#verdict.querySelector('.ran')?.remove()
    this.#verdict.append(
      make(
        'p',
        { className: 'ran' },
        make('strong', { className: 'accepted' }, 'Done'),
        ` in ${took} of virtual time; ${outcome}.`,
      ),
    )
    find('chip-timeline', HTMLElement).hidden = false
    this.#timeline.showAll(recorded)
  }
}

/** An address or a length as it is typed: digits, or hexadecimal ones after 0x; with K or M for binary thousands. */
function numberOf(text: string): number {
  const match = /^\s*(0x[\da-f]+|\d+)\s*([km]?)\s*$/i.exec(text)
  const value = Number(match?.[1] ?? NaN) * (FACTORS[match?.[2]?.toLowerCase() ?? ''] ?? NaN)
  return value <= 0xffff_ffff ? value : NaN
}
