/** What a channel's thread is given when it starts. */
export interface ChannelThreadData {
  /** The Soc's memory. */
  readonly memory: WebAssembly.Memory
  /** The compiled microcode. */
  readonly module: WebAssembly.Module
  /** Address of the channel's block. */
  readonly channel: number
  /** Address of scratch memory to measure the kernels in, or 0 if that is done. */
  readonly scratch: number
}
