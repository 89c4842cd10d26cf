/** Opening a Soc: its options are checked, its memory is reserved and set up. */
import { checkOptions, EspError, invalidArgument, show } from '../errors.ts'
import {
  CONTROL_END,
  CONTROL_HEAP,
  CONTROL_REGION,
  FIRST_USER_REGION,
  GRANULE,
  REGION_SIZE,
  SOC_BLOCK,
  SOC_DEBUG,
} from '../microcode/layout.ts'
import { instantiateMicrocode, microcodeModule, type MicrocodeImports } from '../microcode/microcode.ts'
import { platform } from '../platform/current.ts'
import { findTarget } from '../targets/catalog.ts'
import { fit, memoryOf, type ChipOptions } from '../targets/fitting.ts'
import type { Target } from '../targets/target.ts'

import { AddressSpace } from './address-space.ts'
import { memorySize, reserve, sharingHere } from './memory-size.ts'
import type { CopyTiming, EngineKind, SocParts } from './soc-core.ts'
import { VirtualClock, type ClockMode } from './virtual-clock.ts'

/** Options of {@link Soc.open} that concern its core. */
export interface CoreOptions extends ChipOptions {
  /**
   * Default `threads`; where other threads cannot share its memory, as in a page that is not cross-origin isolated,
   * `simulated`: copies are carried out by the page itself, a little in each turn of its event loop.
   */
  readonly engine?: EngineKind
  /**
   * `chip`: no copy is over before that of the chip would be, as `async-memcpy estimate` tells and with what other channels
   * copy at the same time. For a chip it is the default of the simulated engine, where that is virtual time. In the threads
   * engine, whose default is `none`, it is real time: bytes move at once, and completion waits.
   */
  readonly timing?: CopyTiming
  /** Simulated engine: whether virtual time also moves by itself. Default `auto`. */
  readonly clock?: ClockMode
  /**
   * Host: heap bytes that exist from the start; more are added as needed. Default 16 MiB. A chip has its memory. Memory that
   * cannot be shared cannot grow either: 256 MiB, or what is said here.
   */
  readonly initialBytes?: number
  /** Host: where the memory stops growing, control area included. Default: all that it can address. */
  readonly maximumBytes?: number
  /** Check that copies read and write live heap blocks only. Default false. */
  readonly debug?: boolean
}

const ENGINES: readonly EngineKind[] = ['threads', 'simulated']
const CLOCKS: readonly ClockMode[] = ['auto', 'manual']
const TIMINGS: readonly CopyTiming[] = ['none', 'chip']

/**
 * The parts of a Soc that this thread opens.
 *
 * @param target - A target's name.
 * @param options - As documented at `Soc.open`.
 * @param staticBytes - For firmware: bytes at the start of the first memory that no heap gets, its static data.
 * @throws EspError as documented at `Soc.open`.
 */
export function openParts(target: string, options: CoreOptions, staticBytes?: number): SocParts {
  checkOptions('Soc.open', options)
  const found = findTarget(target)
  const { engine = usualEngine(), clock = 'auto', debug = false } = options
  if (!ENGINES.includes(engine)) {
    throw invalidArgument(`engine "${engine}": it is one of ${ENGINES.join(', ')}`)
  }
  if (engine === 'threads' && !platform.canShare()) {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `engine "threads" needs memory that threads can share, which cannot be had here: ${platform.howToShare}. ` +
        'Without an engine in the options, copies are carried out in slices on this thread',
    )
  }
  if (!CLOCKS.includes(clock)) {
    throw invalidArgument(`clock "${clock}": it is one of ${CLOCKS.join(', ')}`)
  }
  const timing = timingOf(found, engine, options.timing)
  const fitting = fit(found, options)
  const sharing = sharingHere()
  const size = memorySize(found, fitting, sharing, options)
  const space = new AddressSpace(reserve(size, sharing))
  space.initialise()
  Atomics.store(space.words, (SOC_BLOCK + SOC_DEBUG) >> 2, debug ? 1 : 0)
  const virtualClock = engine === 'simulated' ? new VirtualClock(clock) : undefined
  const module = microcodeModule(sharing)
  const microcode = instantiateMicrocode(space.memory, setUpOnly, module)
  microcode.choiceInit()
  microcode.regionInit(CONTROL_REGION, CONTROL_HEAP, CONTROL_END, CONTROL_END)
  memoryOf(found, fitting).forEach(({ start, end }, i) => {
    const region = FIRST_USER_REGION + i * REGION_SIZE
    const first = i === 0 ? start + Math.ceil((staticBytes ?? 0) / GRANULE) * GRANULE : start
    microcode.regionInit(region, first, Math.min(end, size.initial), Math.min(end, size.maximum))
  })
  const callsTakeTime = staticBytes !== undefined
  return { space, target: found, fitting, engine, timing, clock: virtualClock, isOpener: true, callsTakeTime, module }
}

/** How long copies are to take. */
function timingOf(target: Target, engine: EngineKind, asked: CopyTiming | undefined): CopyTiming {
  const usual = engine === 'simulated' && target.timing !== undefined ? 'chip' : 'none'
  if (asked === undefined || asked === usual) return usual
  if (!TIMINGS.includes(asked)) throw invalidArgument(`timing is ${show(asked)}: it is one of ${TIMINGS.join(', ')}`)
  if (asked === 'none') {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `timing "none": in the simulated engine copies of ${target.name} take its time; the engine "threads" can do without`,
    )
  }
  if (target.timing === undefined) {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `timing "chip": ${target.name} is no chip, its copies take what they take; open a chip, such as "esp32s3"`,
    )
  }
  return asked
}

let hasHinted = false

/** Threads, where there can be any. */
function usualEngine(): EngineKind {
  if (platform.canShare()) return 'threads'
  if (!hasHinted) {
    hasHinted = true
    console.info(
      `async-memcpy: memory cannot be shared with other threads here, so copies run in slices on this one. To change that, ${platform.howToShare}.`,
    )
  }
  return 'simulated'
}

/** Setting a memory up asks for neither. */
const setUpOnly: MicrocodeImports = { now: () => 0, interrupt: () => 0, foreign: () => 0 }
