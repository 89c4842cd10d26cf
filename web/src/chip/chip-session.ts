/** A chip that is open: its Soc in virtual time, and the blocks that were allocated here. */
import { AsyncMemcpy, Soc, type AllocOptions, type CopyEvent, type CopyRequest, type MemoryKind } from 'async-memcpy'

import type { Recorded } from '../timeline/timeline.ts'

import type { ChipChoice } from './chip-form.ts'

/** A block of the heap. */
export interface Block {
  /** Address. */
  readonly address: number
  /** Bytes. */
  readonly length: number
  /** Where it lies. */
  readonly kind: MemoryKind
}

/** A copy that was carried out. */
export interface RunResult {
  /** What was told of it. */
  readonly event: CopyEvent
  /** Whether the destination now holds what the source held. */
  readonly isRight: boolean
  /** What was recorded meanwhile. */
  readonly recorded: Recorded
}

/** Records of one copy: a chain of descriptors of 4 KiB each, for the largest there is. */
const CAPACITY = 65_536

/** A chip. */
export class ChipSession {
  /** It. */
  readonly soc: Soc
  #blocks: Block[] = []
  #fills = 0

  private constructor(soc: Soc) {
    this.soc = soc
  }

  /**
   * Opens a chip.
   *
   * @throws EspError as the library refuses it.
   */
  static async open({ target, fitting }: ChipChoice): Promise<ChipSession> {
    return new ChipSession(await Soc.open(target.name, { ...fitting, engine: 'simulated' }))
  }

  /** What is allocated, by address. */
  get blocks(): readonly Block[] {
    return this.#blocks
  }

  /**
   * Allocates a block, and fills it with a pattern of its own.
   *
   * @throws EspError as the heap refuses it.
   */
  allocate(length: number, options: AllocOptions): Block {
    const view = this.soc.heap.alloc(length, options)
    const address = this.soc.addressOf(view)
    const seed = ++this.#fills
    for (let i = 0; i < view.length; i++) view[i] = i * 31 + seed * 17
    const window = this.soc.target.memory.find(({ start, end }) => address >= start && address < end)
    const block: Block = { address, length, kind: window?.kind ?? 'dram' }
    this.#blocks = [...this.#blocks, block].sort((a, b) => a.address - b.address)
    return block
  }

  /** Gives a block back. */
  free(block: Block): void {
    this.soc.heap.free(block.address)
    this.#blocks = this.#blocks.filter((one) => one !== block)
  }

  /**
   * Carries out a copy in virtual time, and records it.
   *
   * @throws EspError as the driver refuses it.
   */
  async run({ dst, src, length }: CopyRequest, config: ChipChoice['config']): Promise<RunResult> {
    const { soc } = this
    const driver = await AsyncMemcpy.install(config, soc)
    try {
      soc.trace.start({ capacity: CAPACITY })
      try {
        const before = this.#bytesAt(src, length)
        const event = await driver.copy(dst, src, { length })
        const { trace, target } = soc
        const recorded = { records: trace.records(), dropped: trace.dropped, soc: target.name, now: soc.now() }
        return { event, isRight: isEqual(before, this.#bytesAt(dst, length)), recorded }
      } finally {
        soc.trace.stop()
      }
    } finally {
      await driver.uninstall({ drain: true })
    }
  }

  /** A copy of what lies there; nothing, where no memory is. */
  #bytesAt(address: number, length: number): Uint8Array {
    try {
      return this.soc.view(address, length).slice()
    } catch {
      return new Uint8Array()
    }
  }

  /** Closes it. */
  close(): Promise<void> {
    return this.soc.close()
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i])
}
