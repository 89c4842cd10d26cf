/** Which chip, how it is fitted out, and how its driver is configured: the controls, and what they say. */
import { targets, type AsyncMemcpyConfig, type BackendName, type ChipOptions, type Target } from 'async-memcpy'

import { find, setOptions, setText } from '../parts/dom.ts'
import { memory } from '../parts/quantities.ts'

/** What the controls say. */
export interface ChipChoice {
  /** The chip, or the host. */
  readonly target: Target
  /** As it is fitted out. */
  readonly fitting: ChipOptions
  /** Its driver. */
  readonly config: AsyncMemcpyConfig
}

const FIRST_CHIP = 'esp32s3'
const PSRAM_SIZES = [2, 4, 8, 16, 32, 64].map((size) => size * 2 ** 20)
const USUAL_PSRAM = 8 * 2 ** 20
/** Also what a backend does not have: it says so. */
const BURSTS = [0, 4, 8, 16, 32, 64, 128]
const SRAM_ALIGNS = [0, 1, 4, 16, 32, 64]
const PSRAM_ALIGNS = [0, 16, 32, 64]

type Option = readonly [value: string, says: string]

const bytes = (size: number): Option => [String(size), `${size}\u00a0B`]

/** Where a chip is chosen. */
export class ChipForm {
  readonly #form = find('fitting', HTMLFormElement)
  readonly #target = find('chip-target', HTMLSelectElement)
  readonly #psram = find('chip-psram', HTMLSelectElement)
  readonly #line = find('chip-line', HTMLSelectElement)
  readonly #backend = find('chip-backend', HTMLSelectElement)
  readonly #burst = find('chip-burst', HTMLSelectElement)
  readonly #sramAlign = find('chip-sram-align', HTMLSelectElement)
  readonly #psramAlign = find('chip-psram-align', HTMLSelectElement)
  readonly #encryption = find('chip-encryption', HTMLInputElement)

  constructor() {
    setOptions(
      this.#target,
      targets.map(({ name }) => [name, name]),
    )
    this.#target.value = FIRST_CHIP
    setOptions(
      this.#burst,
      BURSTS.map((size) => (size === 0 ? ['0', 'none'] : bytes(size))),
    )
    this.#burst.value = '16'
    setOptions(
      this.#sramAlign,
      SRAM_ALIGNS.map((size) => (size === 0 ? ['0', '0 (any)'] : bytes(size))),
    )
    setOptions(
      this.#psramAlign,
      PSRAM_ALIGNS.map((size) => (size === 0 ? ['0', '0 (means 16)'] : bytes(size))),
    )
    this.#offer()
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
    })
  }

  /** What they say now. */
  get choice(): ChipChoice {
    const psram = Number(this.#psram.value)
    const cacheLine = Number(this.#line.value)
    return {
      target: this.#chosenTarget,
      fitting: {
        psram,
        flashEncryption: this.#encryption.checked,
        ...(cacheLine === 0 ? {} : { cacheLine }),
      },
      config: {
        backend: this.#backend.value as BackendName,
        dmaBurstSize: Number(this.#burst.value),
        sramTransAlign: Number(this.#sramAlign.value),
        psramTransAlign: Number(this.#psramAlign.value),
      },
    }
  }

  /** Calls back when something was chosen; `chip`, if it is another chip or one that is fitted out otherwise. */
  onChange(listen: (what: 'chip' | 'driver') => void): void {
    this.#form.addEventListener('change', ({ target }) => {
      if (target === this.#target) this.#offer()
      const isChip = [this.#target, this.#psram, this.#line, this.#encryption].some((control) => control === target)
      listen(isChip ? 'chip' : 'driver')
    })
  }

  /** Chooses a burst size. */
  setBurst(size: number): void {
    this.#burst.value = String(size)
  }

  get #chosenTarget(): Target {
    const target = targets.find(({ name }) => name === this.#target.value)
    if (target === undefined) throw new Error('a target of the list is chosen')
    return target
  }

  /** Offers what the chosen target has. */
  #offer(): void {
    const { memory: windows, cacheLines, backends, timing, description } = this.#chosenTarget
    const window = windows.find(({ kind }) => kind === 'psram')
    const most = window === undefined ? 0 : window.end - window.start
    const sizes = PSRAM_SIZES.filter((size) => size <= most)
    setOptions(this.#psram, [['0', 'none'], ...sizes.map((size): Option => [String(size), memory(size)])])
    if (sizes.includes(USUAL_PSRAM)) this.#psram.value = String(USUAL_PSRAM)
    this.#psram.disabled = sizes.length === 0
    const lines = cacheLines.sizes.value
    setOptions(this.#line, lines.length === 0 ? [['0', 'none to choose']] : lines.map(bytes))
    if (lines.length > 0) this.#line.value = String(cacheLines.usual.value)
    this.#line.disabled = lines.length === 0
    setOptions(
      this.#backend,
      backends.map(({ name }): Option => [name, name]),
    )
    this.#backend.value = backends[0].name
    this.#backend.disabled = backends.length === 1
    this.#encryption.disabled = timing === undefined
    if (timing === undefined) this.#encryption.checked = false
    setText(find('chip-description', HTMLElement), description)
  }
}
