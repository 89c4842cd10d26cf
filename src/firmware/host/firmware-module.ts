/** A compiled firmware as the host sees it: what it was built for, where its data lies, what it imports. */
import { EspError, hex } from '../../errors.ts'
import { memoryOf, type Fitting } from '../../targets/fitting.ts'
import type { MemoryWindow, Target } from '../../targets/target.ts'

/** What the compiler notes down in the module. */
export interface BuildNote {
  /** The target's name. */
  readonly target?: string
  /** ESP-IDF's version that it was built for. */
  readonly idf?: string
  /** Where its sources were. */
  readonly sourceRoot?: string
}

/** Name of the custom section that has it. */
const BUILD_SECTION = 'async-memcpy'

/** What the compiler has noted down; empty for a module that was built by other means. */
export function buildNote(module: WebAssembly.Module): BuildNote {
  const [section] = WebAssembly.Module.customSections(module, BUILD_SECTION)
  if (section === undefined) return {}
  return JSON.parse(new TextDecoder().decode(section)) as BuildNote
}

/**
 * Checks that a module is firmware for a target.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` if it is none, or one for another target.
 */
export function checkModule(module: WebAssembly.Module, target: Target): void {
  const note = buildNote(module)
  if (note.target !== undefined && note.target !== target.name) {
    throw new EspError(
      'ESP_ERR_INVALID_ARG',
      `this firmware was built for ${note.target} and cannot run on ${target.name}: addresses differ; compile it with --target ${target.name}`,
    )
  }
  const imports = WebAssembly.Module.imports(module)
  if (!imports.some(({ kind, name }) => kind === 'memory' && name === 'memory')) {
    throw new EspError(
      'ESP_ERR_INVALID_ARG',
      'this WebAssembly module is no firmware: it has a memory of its own; firmware imports env.memory (async-memcpy cc makes it so)',
    )
  }
  const exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name))
  if (!exports.has('app_main')) {
    throw new EspError('ESP_ERR_INVALID_ARG', 'this firmware has no app_main: define void app_main(void)')
  }
}

/** The window that static data lies in, which is the start of the chip's internal memory. */
export function dataWindow(target: Target, fitting: Fitting): MemoryWindow {
  const [first] = memoryOf(target, fitting)
  return first
}

/** The address behind the last of the PSRAM that there is; 0 if there is none. */
export function psramEnd(target: Target, fitting: Fitting): number {
  return memoryOf(target, fitting).find(({ kind }) => kind === 'psram')?.end ?? 0
}

/**
 * Bytes at the start of internal memory that the module's static data takes.
 *
 * @throws EspError `ESP_ERR_NO_MEM` if they are more than there are; `ESP_ERR_INVALID_ARG` if the data lies elsewhere.
 */
export function staticBytes(heapBase: number, target: Target, fitting: Fitting): number {
  const { start, end } = dataWindow(target, fitting)
  const bytes = heapBase - start
  if (bytes < 0) {
    throw new EspError(
      'ESP_ERR_INVALID_ARG',
      `the firmware's data ends at ${hex(heapBase)}, below the internal memory of ${target.name}, which starts at ${hex(start)}: it was linked for another chip`,
    )
  }
  if (heapBase > end) {
    throw new EspError(
      'ESP_ERR_NO_MEM',
      `the firmware's static data takes ${bytes} bytes, and the internal memory of ${target.name} has ${end - start}: make arrays smaller, or allocate them in PSRAM`,
    )
  }
  return bytes
}
