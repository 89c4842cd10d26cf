/** What the demo did, and the same as one JSON document. */
import { availableParallelism, cpus } from 'node:os'

import type { CopyTiming, EngineKind } from '../soc/soc-core.ts'

import { caveat, conclude } from './conclusion.ts'
import type { ContenderFigures, DemoFigures } from './demo-figures.ts'
import { NOTICED_MS } from './loop-delays.ts'
import type { WrittenTrace } from './trace-file.ts'

/** What the demo knows of the chip that it ran on. */
export interface ChipRun {
  /** Its name. */
  readonly target: string
  /** Whether copies took as long as there. */
  readonly timing: CopyTiming
  /** How long a copy takes there if no other goes on, in milliseconds: by estimates. */
  readonly copyMs: number
}

/** How the demo ran. */
export interface DemoOptions {
  /** Copies by each that count. */
  readonly rounds: number
  /** Channels of the driver. */
  readonly channels: number
  /** Copies that the driver has in flight at once. */
  readonly backlog: number
  /** On which engine. */
  readonly engine: EngineKind
  /** On which chip; undefined for the host. */
  readonly chip?: ChipRun
}

/** What the demo did. */
export interface DemoResult {
  /** What was copied. */
  readonly file: {
    /** As it was given. */
    readonly path: string
    /** Its size. */
    readonly bytes: number
    /** How long it took to read it into memory. */
    readonly readMs: number
    /** Whether that is all of it. */
    readonly isWhole?: boolean
  }
  /** How the demo ran. */
  readonly options: DemoOptions
  /** What was measured. */
  readonly figures: DemoFigures
  /** Where it was recorded, if that was asked for. */
  readonly trace?: WrittenTrace
}

/** The result as JSON, indented. Durations are milliseconds, rates bytes a second. */
export function resultAsJson({ file, options, figures, trace }: DemoResult): string {
  const document = {
    file,
    options,
    environment: {
      runtime: `Node.js ${process.version}`,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model ?? 'unknown',
      parallelism: availableParallelism(),
    },
    verified: { everyByte: true, phases: figures.phasesVerified },
    driver: contender(figures.bytes, figures.driver),
    typedArraySet: contender(figures.bytes, figures.set),
    conclusion: conclude(figures, options),
    caveat: caveat(figures, options, availableParallelism()),
    trace,
  }
  return JSON.stringify(document, undefined, 2)
}

function contender(bytes: number, { copies, totalMs, medianCopyMs, processors, loop }: ContenderFigures): object {
  return {
    copies,
    totalMs,
    bytesPerSecond: (bytes * copies * 1000) / totalMs,
    medianCopyMs,
    processors,
    loop: {
      longestMs: loop.longestMs,
      p99Ms: loop.p99Ms,
      medianMs: loop.medianMs,
      [`heldOver${NOTICED_MS}msMs`]: loop.heldMs,
      beats: loop.beats,
      beatsPerSecond: (loop.beats * 1000) / loop.totalMs,
    },
  }
}
