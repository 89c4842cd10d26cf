/** How long firmware takes to compile, as whoever types the command waits for it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { measured, type Bench, type Group, type Measurement } from './group.ts'

const run = promisify(execFile)

/** A cold build takes seconds: fewer rounds than elsewhere. */
const ROUNDS = { quick: 1, full: 3 }
const WARM_ROUNDS = 5

const MAIN = `#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "esp_heap_caps.h"

void app_main(void)
{
    void *block = heap_caps_malloc(4096, MALLOC_CAP_DMA);
    printf("%p\\n", block);
    heap_caps_free(block);
    vTaskDelay(pdMS_TO_TICKS(10));
}
`

/** Milliseconds of `async-memcpy cc`, from its start to its end. */
async function compile(folder: string, cache: string): Promise<number> {
  const script = process.argv[1] ?? ''
  const words = [script, 'cc', 'main.c', '--target', 'esp32s3', '-o', 'firmware.wasm']
  const start = performance.now()
  await run(process.execPath, words, { cwd: folder, env: { ...process.env, ASYNC_MEMCPY_CACHE: join(folder, cache) } })
  return performance.now() - start
}

async function measure({ plan, progress, remark }: Bench): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'async-memcpy-bench-'))
  const rounds = plan.quick ? ROUNDS.quick : ROUNDS.full
  try {
    await writeFile(join(folder, 'main.c'), MAIN)
    const cold: number[] = []
    // The first does not count: it reads the compiler from the disk.
    for (let round = 0; round <= rounds; round++) {
      const ms = await compile(folder, `cache-${round}`)
      if (round > 0) cold.push(ms / 1000)
      progress((0.9 * (round + 1)) / (rounds + 1))
    }
    const warm: number[] = []
    for (let round = 0; round < WARM_ROUNDS; round++) warm.push(await compile(folder, 'cache-0'))
    return [
      measured(
        'firmware_compile_cold_s',
        's',
        cold,
        'async-memcpy cc main.c with an empty cache: the runtime is compiled too',
      ),
      measured(
        'firmware_compile_warm_ms',
        'ms',
        warm,
        'the same again: the process starts, and finds the module in the cache',
      ),
    ]
  } catch (error) {
    remark(
      `firmware was not compiled: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    )
    return []
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Building firmware. */
export const firmwareBuild: Group = {
  name: 'firmware build',
  metrics: ['firmware_compile_cold_s', 'firmware_compile_warm_ms'],
  run: measure,
}
