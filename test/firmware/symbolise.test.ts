/** Traps and faults are told with the function, file and line in C. */

import { describe, expect, it, vi } from 'vitest'

import { compileFirmware, symbolise, type CompileOptions } from '../../src/firmware/firmware.ts'
import { findTarget } from '../../src/targets/catalog.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

// A compiler takes its time where everything else is busy too.
vi.setConfig({ testTimeout: 180_000 })

const folder = scratchFolder()

const TARGET = 'esp32c3'

/** Calls `run(argument)` of a program and gives the frames of the error that ends it. */
async function framesOf(
  files: Readonly<Record<string, string>>,
  argument: number,
  options: Partial<CompileOptions> = {},
): Promise<{ frames: readonly unknown[]; fault: number[] | undefined }> {
  folder.write(files)
  const sources = Object.keys(files).filter((name) => name.endsWith('.c'))
  const { wasm } = await compileFirmware({ sources, target: TARGET, root: folder.path, ...options })
  const module = new WebAssembly.Module(wasm)
  const pages = findTarget(TARGET).memory[0].end / 65536
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  let fault: number[] | undefined
  const stop = (...what: number[]): never => {
    fault = what
    throw new Error('fault')
  }
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { env: { memory } }
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function') (imports[from] ??= {})[name] = stop
  }
  const { exports } = new WebAssembly.Instance(module, imports)
  const limit = exports['stack_limit'] as WebAssembly.Global | undefined
  if (limit !== undefined) limit.value = (exports['__stack_low'] as WebAssembly.Global<'i32'>).value
  try {
    ;(exports['run'] as (value: number) => void)(argument)
  } catch (error) {
    return { frames: symbolise(wasm, (error as Error).stack ?? ''), fault }
  }
  throw new Error('it ran')
}

const HEADER = `static __attribute__((noinline)) int read_at(int *where)
{
    return *where;
}
`
const MAIN = `#include "reader.h"
int other(int);
__attribute__((noinline)) static int middle(int value)
{
    int result = 0;
    result += read_at((int *)value);
    result += other(value);
    return result + 1;
}
__attribute__((export_name("run"))) int run(int value)
{

    return middle(value) * 3;
}
void app_main(void) {}
`
const OTHER = `int other(int value)
{
    return 100 / value;
}
`
const PROGRAM = { 'main.c': MAIN, 'other.c': OTHER, 'reader.h': HEADER }

describe.each(['0', '1', '2', 's'] as const)('with -O%s', (optimize) => {
  it('an access to nowhere is found where it stands, in a header, with all that called it', async () => {
    const { frames, fault } = await framesOf(PROGRAM, 0, { optimize })
    expect(fault).toEqual([0, 4, 0])
    expect(frames).toEqual([
      { function: 'read_at', file: 'reader.h', line: 3 },
      { function: 'middle', file: 'main.c', line: 6 },
      { function: 'run', file: 'main.c', line: 13 },
    ])
  })
})

it('without checks the places are those of the linker', async () => {
  const { frames, fault } = await framesOf(PROGRAM, 0, { checks: false })
  expect(fault).toBe(undefined)
  expect(frames.at(0)).toEqual({ function: 'other', file: 'other.c', line: 3 })
  expect(frames.at(-1)).toEqual({ function: 'run', file: 'main.c', line: 13 })
})

it('a stack overflow is found in the function that needed more', async () => {
  const { frames, fault } = await framesOf(
    {
      'main.c': `
volatile int sink;
__attribute__((noinline)) void deep(int n)
{
    volatile char buffer[2048];
    buffer[n & 2047] = (char)n;
    deep(n + 1);
    sink = buffer[0];
}
__attribute__((export_name("run"))) void run(int n) { deep(n); }
void app_main(void) {}
`,
    },
    0,
  )
  expect(fault).toEqual([])
  expect(frames[0]).toMatchObject({ function: 'deep', file: 'main.c' })
  expect(frames.at(-1)).toEqual({ function: 'run', file: 'main.c', line: 10 })
  // 8 KiB of stack: four frames fit, the fifth does not.
  expect(frames.length).toBe(6)
})
