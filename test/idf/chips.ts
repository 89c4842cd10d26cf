/** A chip for each test, on which the functions of ESP-IDF work. */
import { afterEach } from 'vitest'

import {
  ASYNC_MEMCPY_DEFAULT_CONFIG,
  ESP_OK,
  esp_async_memcpy_install,
  openChip,
  ref,
  type async_memcpy_config_t,
  type async_memcpy_handle_t,
  type Block,
} from '../../src/idf/esp-idf.ts'
import type { Soc, SocOptions } from '../../src/index.ts'

const opened: Soc[] = []
const installed: async_memcpy_handle_t[] = []

/** For the suites of a file: what a test has opened and installed ends with it. */
export function useChips(): void {
  afterEach(async () => {
    for (const driver of installed.splice(0)) await driver[Symbol.asyncDispose]()
    for (const soc of opened.splice(0)) await soc.close()
  })
}

/** Opens a chip; `host` in both engines. */
export async function open(target: string, options: SocOptions = {}): Promise<Soc> {
  const soc = await openChip(target, options)
  opened.push(soc)
  return soc
}

/** Installs a driver there. */
export async function install(
  config: async_memcpy_config_t = ASYNC_MEMCPY_DEFAULT_CONFIG(),
): Promise<async_memcpy_handle_t> {
  const mcp = ref<async_memcpy_handle_t>()
  const code = await esp_async_memcpy_install(config, mcp)
  if (code !== ESP_OK || mcp.value === null) throw new Error(`install answered ${code}`)
  installed.push(mcp.value)
  return mcp.value
}

/** A block that must be there. */
export function there<Pointer>(pointer: Pointer | null): Pointer {
  if (pointer === null) throw new Error('NULL')
  return pointer
}

/** Fills a block with bytes that tell where they are. */
export function fillByPlace(block: Block): Block {
  for (let i = 0; i < block.length; i++) block[i] = i * 7
  return block
}
