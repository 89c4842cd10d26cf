/** `--trace <file>`: the trace of a command, in the format that the file's name says. */
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'

import type { Soc } from '../chip/soc.ts'
import type { TraceRecord } from '../chip/trace-record.ts'
import { chromeTrace } from '../trace/chrome-trace.ts'
import type { TraceInfo } from '../trace/trace-info.ts'
import { vcd } from '../trace/vcd.ts'

import { CommandError, EXIT_FAILURE, usageError } from './command-error.ts'
import { formatExact } from './format.ts'
import { checkFolder } from './output-file.ts'

interface Format {
  readonly write: (records: readonly TraceRecord[], info: TraceInfo) => string
  readonly opensIn: string
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['.json', { write: chromeTrace, opensIn: 'ui.perfetto.dev or chrome://tracing' }],
  ['.vcd', { write: vcd, opensIn: 'GTKWave, PulseView or Surfer' }],
])

/** Where a trace is to go. */
export interface TraceFile {
  /** As it was typed. */
  readonly path: string
  /** What its name ends in. */
  readonly format: Format
}

/** What was written. */
export interface WrittenTrace {
  /** The file. */
  readonly path: string
  /** Records in it. */
  readonly records: number
  /** Records that there was no room for. */
  readonly dropped: number
}

/**
 * The format for a file's name.
 *
 * @throws CommandError for a name that ends in neither, or in a directory that cannot be written to.
 */
export async function traceFile(path: string): Promise<TraceFile> {
  const format = FORMATS.get(extname(path).toLowerCase())
  if (format === undefined) {
    throw usageError(`--trace ${path}: the name must end in .json (a Chrome trace) or .vcd (a value change dump)`)
  }
  await checkFolder('--trace', path)
  return { path, format }
}

/**
 * Writes what a Soc has recorded.
 *
 * @throws CommandError if the file cannot be written.
 */
export async function writeTrace(file: TraceFile, { trace, target }: Soc): Promise<WrittenTrace> {
  return await writeRecords(file, trace.records(), { name: target.name, dropped: trace.dropped })
}

/**
 * Writes what was recorded.
 *
 * @throws CommandError if the file cannot be written.
 */
export async function writeRecords(
  { path, format }: TraceFile,
  records: readonly TraceRecord[],
  info: Required<Pick<TraceInfo, 'name' | 'dropped'>>,
): Promise<WrittenTrace> {
  const { dropped } = info
  try {
    await writeFile(path, format.write(records, info))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`the trace cannot be written: ${reason}`, EXIT_FAILURE, { cause })
  }
  return { path, records: records.length, dropped }
}

/** What was written and what opens it, in a line. */
export function describeTrace({ format }: TraceFile, { path, records, dropped }: WrittenTrace): string {
  const lost = dropped === 0 ? 'none dropped' : `${formatExact(dropped)} dropped for want of room`
  return `${path}: ${formatExact(records)} records, ${lost}; open it in ${format.opensIn}`
}
