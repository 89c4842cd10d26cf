/** How firmware is compiled and linked. */
import type { Target } from '../../targets/target.ts'

import type { IdfVersion } from './idf-version.ts'

/** Optimisation of the compiler, as in `-O1`. */
export type Optimization = '0' | '1' | '2' | '3' | 's' | 'z'

/** All there are. */
export const OPTIMIZATIONS: readonly Optimization[] = ['0', '1', '2', '3', 's', 'z']

/** The triple: wasi-libc is the C library, with what the runtime has of its own in front of it. */
export const TRIPLE = 'wasm32-wasip1'

/** As the same was called until LLVM 18. */
export const OLD_TRIPLE = 'wasm32-wasi'

/** The most that a module can say it takes of a memory: the Soc's may have any size. */
const ANY_MEMORY = 2 ** 32

/**
 * Stack for constructors, which run before there is a task.
 */
const STACK_BYTES = 8192

/**
 * What the host calls or reads, where the firmware has it. The runtime's port_main, port_task_begun and port_task_gone are in one
 * file with its port_task_main and export themselves: a module that has one of its own has none of them.
 */
const EXPORTS = [
  'port_task_main',
  'port_isr_copy',
  'port_isr_call',
  'port_check_failed',
  'port_stack_failed',
  'port_touched',
  'port_worked',
  'malloc',
  'free',
  '__stack_pointer',
  '__stack_low',
  '__stack_high',
  '__data_end',
  '__heap_base',
  '__wasm_init_tls',
  '__tls_base',
  '__tls_size',
  '__tls_align',
]

/** What firmware begins with. */
const ENTRY = 'app_main'

/** Options for every file. */
export function compileFlags(triple: string, idf: IdfVersion, optimize: Optimization): string[] {
  return [
    `--target=${triple}`,
    '-matomics',
    '-mbulk-memory',
    '-mmutable-globals',
    `-O${optimize}`,
    '-g',
    '-c',
    // On a chip an access to address 0 is one that fails, not one that the compiler may take for impossible.
    '-fno-delete-null-pointer-checks',
    '-fcolor-diagnostics',
    '-fdebug-compilation-dir=/',
    // As both families of chips have it.
    '-funsigned-char',
    // int32_t is a long there and an int here, of the same size: firmware that is right would be warned of.
    '-Wno-format',
    '-D_GNU_SOURCE',
    '-DESP_PLATFORM',
    `-DIDF_VER="v${idf.major}.${idf.minor}${idf.patch === 0 ? '' : `.${idf.patch}`}"`,
  ]
}

/** For what comes with this package, lines are enough: nobody looks at its variables, and they take an eighth of the time. */
export const LIBRARY_FLAGS: readonly string[] = ['-gline-tables-only']

/** Options for C++ beside those. Nothing that throws: the C++ library comes without exceptions. */
export const CPLUSPLUS_FLAGS: readonly string[] = ['-std=gnu++20', '-fno-exceptions', '-fno-rtti']

/**
 * Options of the linker.
 *
 * The module shares the Soc's memory, so its data must lie where the chip's is. Data segments are passive: the first
 * instance copies them, and the others find it done.
 */
export function linkFlags(target: Target): string[] {
  const sram = target.memory[0].start
  return [
    '--import-memory',
    '--shared-memory',
    // wasi-libc is built without atomics: nothing of it that is used needs them.
    '--no-check-features',
    `--max-memory=${ANY_MEMORY}`,
    `--global-base=${sram}`,
    '--no-stack-first',
    '-z',
    `stack-size=${STACK_BYTES}`,
    '--export-table',
    '--color-diagnostics',
    `--export=${ENTRY}`,
    ...EXPORTS.flatMap((name) => ['-u', name, `--export-if-defined=${name}`]),
    '--entry=_initialize',
  ]
}
