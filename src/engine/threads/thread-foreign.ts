/** What a channel's thread knows of memory beside the Soc's, and its way to copy there. */
import type { Microcode, MoveForeign } from '../../microcode/microcode.ts'
import type { ForeignNews } from '../../soc/foreign-memory.ts'
import { ForeignMover } from '../../soc/foreign-mover.ts'
import type { NativeMemory, NativeModule } from '../../soc/native-memory.ts'

/** The foreign memory of one thread. */
export class ThreadForeign {
  /** Carries out a copy. */
  readonly move: MoveForeign
  readonly #buffers = new Map<number, ArrayBufferLike>()
  #native: NativeMemory | undefined

  /**
   * @param memory - The Soc's memory.
   * @param microcode - The thread's instance.
   * @param channel - Address of the channel's block.
   */
  constructor(memory: WebAssembly.Memory, microcode: () => Microcode, channel: number) {
    const mover = new ForeignMover({
      memory,
      microcode,
      channel,
      bufferOf: (space) => this.#buffers.get(space),
      native: () => this.#native,
    })
    this.move = mover.move
  }

  /** Takes a message. */
  async hear(news: ForeignNews): Promise<void> {
    if (news.kind === 'buffer') {
      if (news.buffer === undefined) this.#buffers.delete(news.number)
      else this.#buffers.set(news.number, news.buffer)
      return
    }
    try {
      const { openNative } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ news.url)) as NativeModule
      this.#native = await openNative()
    } catch {
      // The copies that need it fail, and say so.
    }
  }
}
