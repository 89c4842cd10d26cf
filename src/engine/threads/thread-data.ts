/** What a channel's thread is given when it starts, and what it and its opener write to each other. */
import type { ForeignNews } from '../../soc/foreign-memory.ts'
import type { SocPort } from '../../soc/soc-core.ts'
import type { DriverRules } from '../../targets/driver-rules.ts'
import type { HostedDriver, InterruptReport, ResidentModule } from '../residence.ts'
import type { Thrown } from '../thrown.ts'

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
  /** Whose copies take as long as on their chip; undefined for as long as they take here. */
  readonly rules: DriverRules | undefined
  /** Memory beside the Soc's. */
  readonly foreign: readonly ForeignNews[]
  /** There if it takes the place of a thread that had resident callbacks. */
  readonly succession: Succession | undefined
}

/** A driver whose callbacks live in the thread, and where their host is. */
export interface PostedResidence extends HostedDriver {
  /** Of a `HostModule`. */
  readonly hostUrl: string
  /** What the thread does not have of the Soc's port. */
  readonly soc: Omit<SocPort, 'memory' | 'module'>
}

/** What a thread that died leaves to the next one. */
export interface Succession {
  /** Whose callbacks they are. */
  readonly residence: PostedResidence
  /** What it had loaded. */
  readonly modules: readonly ResidentModule[]
  /** Copies below this sequence were in its hands. */
  readonly heldBelow: number
}

/** To the thread: what it is asked to do, and what it is told. */
export type Mail = LoadRequest | ForeignNews

/** To the thread: load a module. */
export interface LoadRequest {
  /** Told apart from other messages by it. */
  readonly kind: 'load'
  /** For which driver; the same for each. */
  readonly residence: PostedResidence
  /** What. */
  readonly module: ResidentModule
}

/** From the thread: a request was carried out, or could not be; or a callback threw. */
export type ThreadMessage =
  | { readonly kind: 'loaded'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly thrown: Thrown }
  | { readonly kind: 'report'; readonly report: InterruptReport }
