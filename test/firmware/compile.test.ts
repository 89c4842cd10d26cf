/** From C to a module: what is compiled, what is said about it, and what is kept. */

import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import { compileFirmware, type CompileOptions } from '../../src/firmware/firmware.ts'
import { findTarget } from '../../src/targets/catalog.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

// A compiler takes its time where everything else is busy too.
vi.setConfig({ testTimeout: 180_000 })

const folder = scratchFolder()

const build = (options: Partial<CompileOptions> = {}): ReturnType<typeof compileFirmware> =>
  compileFirmware({ sources: ['main.c'], target: 'esp32s3', root: folder.path, ...options })

/** Instance of a module without a host: what needs one throws. */
function instantiate(wasm: Uint8Array): Record<string, WebAssembly.ExportValue> {
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)
  const pages = findTarget('esp32s3').memory[0].end / 65536
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { env: { memory } }
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function') continue
    ;(imports[from] ??= {})[name] = () => {
      throw new Error(`${from}.${name} is called`)
    }
  }
  return new WebAssembly.Instance(module, imports).exports
}

const call = (exports: Record<string, WebAssembly.ExportValue>, name: string): unknown =>
  (exports[name] as () => unknown)()

describe('a module', () => {
  it('has its data at the addresses of the chip, and no other instance initialises it again', async () => {
    folder.write({
      'main.c': `
        int counter = 41;
        __attribute__((export_name("count"))) int count(void) { return ++counter; }
        __attribute__((export_name("where"))) int *where(void) { return &counter; }
        void app_main(void) {}`,
    })
    const { wasm } = await build()
    const exports = instantiate(wasm)
    expect(call(exports, 'count')).toBe(42)
    const [{ start, end }] = findTarget('esp32s3').memory
    expect(call(exports, 'where')).toBeGreaterThanOrEqual(start)
    expect(call(exports, 'where')).toBeLessThan(end)
  })

  it('is made of several files, of folders, and of C++', async () => {
    folder.write({
      'main.c':
        'int other(void); __attribute__((export_name("both"))) int both(void) { return other() + 1; } void app_main(void) {}',
      'lib/other.cpp': '#include <vector>\nextern "C" int other(void) { return (int)std::vector<int>(20).size(); }',
    })
    const { wasm } = await build({ sources: ['main.c', 'lib'] })
    expect(call(instantiate(wasm), 'both')).toBe(21)
  })

  it('includes what lies in a folder above, and not what has the same name beside the source', async () => {
    folder.write({
      'app/main.c':
        '#include "../parts/value.h"\n#include "../value.h"\n' +
        '__attribute__((export_name("sum"))) int sum(void) { return PART + VALUE; } void app_main(void) {}',
      'app/value.h': '#define VALUE 1',
      'value.h': '#define VALUE 2',
      'parts/value.h': '#define PART 40',
    })
    const { wasm } = await build({ root: join(folder.path, 'app') })
    expect(call(instantiate(wasm), 'sum')).toBe(42)
  })

  it('knows its chip, the version of ESP-IDF and what the project configures', async () => {
    folder.write({
      sdkconfig: 'CONFIG_FREERTOS_HZ=250\n# CONFIG_SPIRAM is not set\n',
      'main.c': `
        #include "sdkconfig.h"
        #include "soc/soc_caps.h"
        #include "esp_idf_version.h"
        #if !CONFIG_IDF_TARGET_ESP32S3 || CONFIG_FREERTOS_HZ != 250 || defined CONFIG_SPIRAM || CONFIG_MINE != 7
        #error configuration
        #endif
        #if !SOC_ASYNC_MEMCPY_SUPPORTED || !SOC_AHB_GDMA_SUPPORTED || SOC_ETM_SUPPORTED || SOC_CPU_CORES_NUM != 2
        #error capabilities
        #endif
        #if ESP_IDF_VERSION != ESP_IDF_VERSION_VAL(5, 1, 2)
        #error version
        #endif
        #if !SOC_HAS(AHB_GDMA) || SOC_HAS(AXI_GDMA) || !SOC_IS(ESP32S3) || SOC_IS(ESP32C3)
        #error questions
        #endif
        #if VALUE != 3
        #error macro
        #endif
        void app_main(void) {}`,
    })
    const options = { idf: 'v5.1.2', sdkconfig: ['sdkconfig'], defines: ['CONFIG_MINE=7', 'VALUE=3'] }
    await expect(build(options)).resolves.toMatchObject({ diagnostics: '' })
    await expect(build({ ...options, target: 'esp32c6' })).rejects.toThrow('main.c:6:10: error: configuration')
  })
})

describe('what is wrong', () => {
  it('in the sources is told in the words of the compiler, with the paths of the user', async () => {
    folder.write({
      'src/main.c': '#include "part.h"\nvoid app_main(void) { return missing; }',
      'src/part.h': 'int x = "text";\n',
    })
    const failure: unknown = await build({ sources: ['src/main.c'] }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'CompileError' })
    const { diagnostics } = failure as { diagnostics: string }
    expect(diagnostics).toMatch(/^In file included from src\/main.c:1:\nsrc\/part.h:1:5: error: incompatible/)
    expect(diagnostics).toContain("src/main.c:2:30: error: use of undeclared identifier 'missing'")
    expect(diagnostics).not.toContain('\u001b')
  })

  it('is told in colours to a terminal', async () => {
    folder.write({ 'main.c': 'x' })
    await expect(build({ color: true })).rejects.toMatchObject({
      diagnostics: expect.stringContaining('\u001b[') as string,
    })
  })

  it.each([
    [
      'a function that is nowhere',
      'int nowhere(void); void app_main(void) { nowhere(); }',
      /error: main\.c: undefined symbol: nowhere\nnote: what is undefined is in none of the sources/,
    ],
    ['no app_main', 'int x;', /^error: there is no app_main: firmware begins in a function void app_main\(void\).*$/],
  ])('when linked, as %s', async (_, source, message) => {
    folder.write({ 'main.c': source })
    await expect(build()).rejects.toThrow(message)
  })

  it.each([
    [{ target: 'esp32' }, 'no async memcpy'],
    [{ target: 'host' }, 'host runs no firmware'],
    [{ idf: '4.4' }, 'idf is "4.4"'],
    [{ idf: 'latest' }, 'idf is "latest"'],
    [{ optimize: '9' as '1' }, 'optimize is "9"'],
    [{ defines: ['1X'] }, 'defines has "1X"'],
    [{ sources: ['other.c'] }, 'other.c: there is no such file'],
    [{ sources: ['notes.txt'] }, 'notes.txt is no C or C++ source'],
    [{ sources: ['empty'] }, 'empty: this folder has no C or C++ sources'],
    [{ sources: [] }, 'there is nothing to compile'],
    [{ clang: '/nowhere/clang' }, '/nowhere/clang does not start'],
  ])('in the options %j is refused', async (options, message) => {
    folder.write({ 'main.c': 'void app_main(void) {}', 'notes.txt': '', 'empty/notes.txt': '' })
    await expect(build(options)).rejects.toThrow(message)
  })
})

describe('what was built', () => {
  it('is built once, and again when a header, a macro or the chip is another', async () => {
    folder.write({
      'main.c': '#include "value.h"\nint x = 9; void app_main(void) { x = VALUE; }',
      'value.h': '#define VALUE 1\n',
    })
    const options = { cacheDir: folder.at('cache') }
    expect((await build(options)).cached).toBe(false)
    const second = await build(options)
    expect(second.cached).toBe(true)
    folder.write({ 'value.h': '#define VALUE 2\n' })
    const third = await build(options)
    expect(third.cached).toBe(false)
    expect(Buffer.from(third.wasm).equals(second.wasm)).toBe(false)
    expect((await build({ ...options, defines: ['OTHER'] })).cached).toBe(false)
    expect((await build({ ...options, target: 'esp32c3' })).cached).toBe(false)
    folder.write({ 'value.h': '#define VALUE 1\n' })
    expect(await build(options)).toEqual(second)
  })

  it('is found wherever the project lies, with the warnings there were', async () => {
    const text = 'int f(void) { int x = 1 / 0; return x; } void app_main(void) {}'
    folder.write({ 'a/main.c': text, 'b/main.c': text })
    const cacheDir = folder.at('cache')
    const first = await build({ root: folder.at('a'), cacheDir })
    expect(first.diagnostics).toMatch(/^main.c:1:25: warning: division by zero/)
    expect(await build({ root: folder.at('b'), cacheDir })).toEqual({ ...first, cached: true })
  })

  it('is kept nowhere if that is wished', async () => {
    folder.write({ 'main.c': 'void app_main(void) {}' })
    await build({ cacheDir: false })
    expect((await build({ cacheDir: false })).cached).toBe(false)
  })
})
