/** Test apps: found on disk, built, run case by case, and reported. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it, vi } from 'vitest'

import {
  compileFirmware,
  buildApp,
  configFiles,
  filesOf,
  findApps,
  junitXml,
  readShard,
  testFirmware,
  type TestOptions,
  type TestResult,
} from '../../src/firmware/firmware.ts'
import { matches, partOf } from '../../src/firmware/suite/selection.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

// A compiler takes its time where everything else is busy too.
vi.setConfig({ testTimeout: 180_000 })

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const folder = scratchFolder()

const HEAD = '#include "unity.h"\n#include "unity_test_runner.h"\n'
const MENU = 'void app_main(void) { unity_run_menu(); }\n'

const CASES = `${HEAD}
TEST_CASE("adds numbers", "[math][fast]") { TEST_ASSERT_EQUAL(4, 2 + 2); }
TEST_CASE("fails", "[math]") { printf("before\\n"); TEST_ASSERT_EQUAL_INT(5, 2 + 2); }
TEST_CASE("crashes", "[crash]") { *(volatile int *)8 = 1; }
TEST_CASE("is ignored", "[later]") { TEST_IGNORE_MESSAGE("not yet"); }
TEST_CASE("never ends", "[crash]") { for (;;) { __asm__ volatile(""); } }
TEST_CASE("passes", "[fast]") { TEST_PASS(); }
${MENU}`

/** Three cases with a copy each; the second one writes to its source while that is in flight. */
const COPIES = `${HEAD}
#include "esp_async_memcpy.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
static uint8_t from[256], to[256];
static bool done(async_memcpy_handle_t mcp, async_memcpy_event_t *event, void *args) {
  BaseType_t woken = pdFALSE;
  xSemaphoreGiveFromISR(args, &woken);
  return woken == pdTRUE;
}
static void copy(bool too_soon) {
  async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
  async_memcpy_handle_t driver;
  TEST_ESP_OK(esp_async_memcpy_install(&config, &driver));
  SemaphoreHandle_t sem = xSemaphoreCreateBinary();
  TEST_ESP_OK(esp_async_memcpy(driver, to, from, 256, done, sem));
  if (too_soon) {
    from[5] = 1;
  }
  xSemaphoreTake(sem, portMAX_DELAY);
  vSemaphoreDelete(sem);
  TEST_ESP_OK(esp_async_memcpy_uninstall(driver));
}
TEST_CASE("waits", "[copy]") { copy(false); }
TEST_CASE("writes too soon", "[copy]") { copy(true); }
TEST_CASE("waits again", "[copy]") { copy(false); }
${MENU}`

async function test(source: string, options: TestOptions = {}): Promise<TestResult> {
  folder.write({ 'main.c': source })
  const { wasm } = await compileFirmware({ sources: ['main.c'], target: 'esp32s3', root: folder.path })
  return testFirmware(wasm, { caseTimeoutMs: 5000, ...options })
}

const summary = ({ cases }: TestResult): string[] =>
  cases.map(({ name, status, message, line }) => `${name}: ${status} ${message} (${line ?? '?'})`)

describe('an app with a menu', () => {
  it('has its cases run, each of them, whatever the others do', async () => {
    const told: string[] = []
    const planned: string[] = []
    const result = await test(CASES, {
      onPlan: (cases) => planned.push(...cases.map(({ name, tags }) => `${name} ${tags}`)),
      onCase: ({ name }) => told.push(name),
    })
    expect(summary(result)).toEqual([
      'adds numbers: passed  (4)',
      'fails: failed Expected 5 Was 4 (5)',
      "crashes: failed Guru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled. (6)",
      'is ignored: ignored not yet (7)',
      'never ends: failed time is up (?)',
      'passes: passed  (9)',
    ])
    expect(result).toMatchObject({ target: 'esp32s3', passed: 2, failed: 3, ignored: 1, leftOut: 0 })
    expect(result.cases[1]?.output).toBe('before\nmain.c:5:fails:FAIL: Expected 5 Was 4\n')
    expect(planned[0]).toBe('adds numbers [math][fast]')
    expect(told).toEqual(result.cases.map(({ name }) => name))
  })

  it('has those run that are chosen', async () => {
    const fast = await test(CASES, { filter: '[fast]' })
    expect(fast.cases.map(({ name }) => name)).toEqual(['adds numbers', 'passes'])
    expect(fast.leftOut).toBe(4)
    const second = await test(CASES, { filter: '![crash]', shard: { index: 2, count: 2 } })
    expect(second.cases.map(({ name }) => name)).toEqual(['fails', 'passes'])
  })

  it('has cases that are to be ignored by their tag in their place, and runs them only if that is asked for', async () => {
    const source = `${HEAD}
      TEST_CASE("crashes on purpose", "[x][ignore]") { *(volatile int *)8 = 1; }
      TEST_CASE("passes", "[x]") {}
      TEST_CASE("is not for this board", "[x][disable]") { TEST_FAIL(); }
      ${MENU}`
    const planned: string[] = []
    const usual = await test(source, { onPlan: (cases) => planned.push(...cases.map(({ name }) => name)) })
    expect(summary(usual)).toEqual([
      'crashes on purpose: ignored tagged [ignore], and runs with --ignored (?)',
      'passes: passed  (5)',
      'is not for this board: ignored tagged [disable], and runs with --ignored (?)',
    ])
    expect(usual).toMatchObject({ passed: 1, failed: 0, ignored: 2, leftOut: 0 })
    expect(planned).toEqual(usual.cases.map(({ name }) => name))
    const chosen = await test(source, { filter: '![disable]', shard: { index: 1, count: 2 } })
    expect(chosen).toMatchObject({ cases: [{ name: 'crashes on purpose' }], ignored: 1, leftOut: 2 })
    expect(await test(source, { runIgnored: true })).toMatchObject({ passed: 1, failed: 2, ignored: 0 })
  })

  it('that waits for ever in a case has failed there', async () => {
    const result = await test(`${HEAD}#include "port/port.h"
      TEST_CASE("waits", "[x]") { uint32_t word = 0; port_wait(&word, 0, -1); }
      TEST_CASE("goes on", "[x]") {}
      ${MENU}`)
    expect(result.cases.map(({ name, status }) => `${name} ${status}`)).toEqual(['waits failed', 'goes on passed'])
    expect(result.cases[0]?.message).toBe('every task waits for what will not happen')
  })

  it('in which a call of its own that is protected asserts has failed there', async () => {
    const result = await test(`${HEAD}#include "port/port.h"
      static void inner(void *unused) { TEST_ASSERT_EQUAL(1, 2); }
      TEST_CASE("nested", "[x]") { port_protect(inner, NULL); }
      ${MENU}`)
    expect(result.cases[0]).toMatchObject({ status: 'failed', message: 'Expected 1 Was 2', line: 4 })
  })
})

describe('an app without a menu', () => {
  it('has its functions reported', async () => {
    const result = await test(`#include "unity.h"
      static void good(void) {}
      static void bad(void) { TEST_FAIL_MESSAGE("no"); }
      void app_main(void) { UNITY_BEGIN(); RUN_TEST(good); RUN_TEST(bad); UNITY_END(); }`)
    expect(summary(result)).toEqual(['good: passed  (4)', 'bad: failed no (3)'])
  })

  it('that crashes has failed', async () => {
    const result = await test('void app_main(void) { *(volatile int *)0 = 1; }')
    expect(summary(result)[0]).toMatch(/^app_main: failed Guru Meditation Error.*\(1\)$/)
  })
})

describe('apps on disk', () => {
  const names = (named: string, facts: Partial<Parameters<typeof filesOf>[1]> = {}): unknown[] =>
    findApps([folder.at(named)]).map((app) => {
      const { sources, includeDirs, defines, notes } = filesOf(app, { target: 'esp32c6', ...facts })
      const short = (paths: readonly string[]): string[] => paths.map((path) => relative(app.root, path))
      return { name: app.name, sources: short(sources), includes: short(includeDirs), defines, notes }
    })

  it('are folders with main, and their components', () => {
    folder.write({
      'app/main/a.c': '',
      'app/main/b.c': '',
      'app/main/include/a.h': '',
      'app/main/unused.c': '',
      'app/main/CMakeLists.txt':
        'set(x 1)\nidf_component_register(SRCS "a.c" b.c # both\n  INCLUDE_DIRS "." "include" WHOLE_ARCHIVE)',
      'app/components/part/part.c': '',
      'app/components/part/include/part.h': '',
      'app/sdkconfig.defaults': '',
      'app/sdkconfig.defaults.esp32c6': '',
    })
    expect(names('app')).toEqual([
      {
        name: 'app',
        sources: ['main/a.c', 'main/b.c', 'components/part/part.c'],
        includes: ['main', 'main/include', 'components/part', 'components/part/include'],
        defines: [],
        notes: [],
      },
    ])
    const [app] = findApps([folder.at('app')])
    if (app === undefined) throw new Error('no app')
    expect(configFiles(app, 'esp32c6')).toEqual(['sdkconfig.defaults', 'sdkconfig.defaults.esp32c6'])
    expect(configFiles(app, 'esp32s3')).toEqual(['sdkconfig.defaults'])
  })

  it('have for each chip the sources that its CMakeLists.txt picks by what the chip has, as its headers do', () => {
    folder.write({
      'app/main/CMakeLists.txt': `
        set(srcs "main.c")
        if(CONFIG_SOC_ASYNC_MEMCPY_SUPPORTED)
            list(APPEND srcs "memcpy.c")
        endif()
        if(CONFIG_SOC_ETM_SUPPORTED AND CONFIG_SOC_GDMA_SUPPORT_ETM)
            list(APPEND srcs "etm.c")
        endif()
        if(CONFIG_SOC_CPU_CORES_NUM EQUAL 1)
            list(APPEND srcs "one_core.c")
        endif()
        if(CONFIG_IDF_TARGET_ESP32S3 OR IDF_TARGET STREQUAL "esp32p4")
            list(APPEND srcs "\${IDF_TARGET}.c")
        endif()
        if(CONFIG_MINE)
            list(APPEND srcs "mine_\${CONFIG_MINE}.c")
        endif()
        if("\${IDF_VERSION_MAJOR}.\${IDF_VERSION_MINOR}" VERSION_LESS "5.3")
            list(APPEND srcs "old.c")
        endif()
        idf_component_register(SRCS \${srcs})
        target_compile_definitions(\${COMPONENT_LIB} PRIVATE "MINE=1")`,
      'app/sdkconfig.defaults': 'CONFIG_MINE="x"\n',
    })
    const main = (...files: string[]): object => ({ sources: files.map((file) => `main/${file}`), defines: ['MINE=1'] })
    const sdkconfig = ['sdkconfig.defaults']
    expect(names('app')).toMatchObject([main('main.c', 'memcpy.c', 'etm.c', 'one_core.c')])
    expect(names('app', { target: 'esp32s3', sdkconfig })).toMatchObject([
      main('main.c', 'memcpy.c', 'esp32s3.c', 'mine_x.c'),
    ])
    expect(names('app', { target: 'esp32p4', defines: ['CONFIG_MINE=2'], idf: '5.2' })).toMatchObject([
      main('main.c', 'memcpy.c', 'etm.c', 'esp32p4.c', 'mine_2.c', 'old.c'),
    ])
  })

  it('have sources of folders but for those that are excluded', () => {
    folder.write({
      'app/main/a.c': '',
      'app/main/more/b.c': '',
      'app/main/more/c.cpp': '',
      'app/main/CMakeLists.txt':
        'idf_component_register(SRC_DIRS . more EXCLUDE_SRCS "more/b.c" PRIV_INCLUDE_DIRS more EMBED_FILES x.bin)',
    })
    expect(names('app')).toMatchObject([
      {
        sources: ['main/a.c', 'main/more/c.cpp'],
        includes: ['main', 'main/more'],
        notes: ['main/CMakeLists.txt: EMBED_FILES is not carried out'],
      },
    ])
  })

  it('have components of other folders, and only what is required where they say so', () => {
    folder.write({
      'app/main/a.c': '',
      'app/main/CMakeLists.txt': 'idf_component_register(SRCS a.c PRIV_REQUIRES near unity)',
      'app/components/near/near.c': '',
      'app/components/near/CMakeLists.txt': 'idf_component_register(SRCS near.c REQUIRES far)',
      'app/components/unused/unused.c': '',
      'shared/far/far.c': '',
      'single/CMakeLists.txt': 'idf_component_register(SRCS single.c)',
      'single/single.c': '',
    })
    const project = 'set(EXTRA_COMPONENT_DIRS ../shared $ENV{IDF_PATH}/tools/components "../single")\n'
    folder.write({ 'app/CMakeLists.txt': `${project}include(x)\nproject(app)` })
    const [, near, unused, far, single] = [
      '',
      'components/near/near.c',
      'components/unused/unused.c',
      '../shared/far/far.c',
      '../single/single.c',
    ]
    expect(names('app')).toMatchObject([{ sources: ['main/a.c', near, unused, far, single] }])
    folder.write({ 'app/CMakeLists.txt': `${project}set(COMPONENTS main)\nproject(app)` })
    expect(names('app')).toMatchObject([{ sources: ['main/a.c', near, far], notes: [] }])
  })

  it('have all their sources where it is not understood which, and say so', () => {
    folder.write({
      'app/main/a.c': '',
      'app/main/b.c': '',
      'app/main/CMakeLists.txt': 'string(TOLOWER "A.C" srcs)\nidf_component_register(SRCS ${srcs})',
    })
    expect(names('app')).toMatchObject([
      {
        sources: ['main/a.c', 'main/b.c'],
        notes: [
          'main/CMakeLists.txt: line 2: srcs depends on string(…) in line 1: all C and C++ files of main are compiled',
        ],
      },
    ])
  })

  it('are found in a folder of them, and may be a file or a folder of files', () => {
    folder.write({ 'all/one/main/a.c': '', 'all/two/b.c': '', 'all/docs/c.txt': '' })
    expect(names('all')).toMatchObject([{ name: 'one' }, { name: 'two', sources: ['b.c'] }])
    expect(names('all/two/b.c')).toMatchObject([{ name: 'b', sources: ['b.c'] }])
    expect(() => names('all/docs')).toThrow('no test app')
    expect(() => names('nothing')).toThrow('there is no such file or folder')
  })
})

describe('a file that needs a header which there is not', () => {
  const MODELLED = `${HEAD}TEST_CASE("good", "[x]") {}\n${MENU}`
  const STRANGE = `#include "driver/i2s_std.h"\n${HEAD}TEST_CASE("one", "[x]") {}\nTEST_CASE("two", "[x]") {}\n`

  const build = async (options: Partial<Parameters<typeof buildApp>[1]> = {}): ReturnType<typeof buildApp> => {
    const [app] = findApps([folder.at('app')])
    if (app === undefined) throw new Error('no app')
    return await buildApp(app, { target: 'esp32c6', ...options })
  }

  it('has failed, with its name and what to do, and the other files are tested', async () => {
    folder.write({ 'app/main/good.c': MODELLED, 'app/main/strange.c': STRANGE })
    const { wasm, leftOut } = await build()
    expect(leftOut).toMatchObject([
      {
        name: 'main/strange.c',
        status: 'failed',
        file: 'main/strange.c',
        message:
          'it needs driver/i2s_std.h, which is neither in the app nor modelled: leave it out with --exclude main/strange.c (2 test cases)',
      },
    ])
    expect((await testFirmware(wasm)).cases.map(({ name }) => name)).toEqual(['good'])
  })

  it.each(['main/strange.c', 'strange.c', 'main/str*'])('is skipped when %s is excluded', async (exclude) => {
    folder.write({ 'app/main/good.c': MODELLED, 'app/main/strange.c': STRANGE })
    const { leftOut, excluded } = await build({ exclude: [exclude, 'main/other.c'] })
    expect(leftOut).toMatchObject([
      { name: 'main/strange.c', status: 'ignored', message: 'left out by --exclude (2 test cases)' },
    ])
    expect(excluded).toEqual([exclude])
  })

  it('has failed as well if the app names it and it is not there, unless it is excluded', async () => {
    folder.write({
      'app/main/good.c': MODELLED,
      'app/main/CMakeLists.txt': 'idf_component_register(SRCS good.c gone.c)',
    })
    const message = 'there is no such file, though it is to be compiled: leave it out with --exclude main/gone.c'
    expect((await build()).leftOut).toMatchObject([{ name: 'main/gone.c', status: 'failed', message }])
    const { leftOut, excluded } = await build({ exclude: ['gone.c'] })
    expect(leftOut).toMatchObject([{ name: 'main/gone.c', status: 'ignored', message: 'left out by --exclude' }])
    expect(excluded).toEqual(['gone.c'])
  })

  it('fails the build if it is the only one, if others need it, or if there are other errors', async () => {
    folder.write({ 'app/main/strange.c': STRANGE })
    await expect(build()).rejects.toThrow("'driver/i2s_std.h' file not found")
    await expect(build({ exclude: ['*.c'] })).rejects.toThrow('no file is left to compile')
    folder.write({ 'app/main/good.c': `void helper(void);\n${MODELLED.replace('{}', '{ helper(); }')}` })
    await expect(build()).rejects.toThrow(/i2s_std\.h' file not found[\s\S]*undefined symbol: helper/)
    folder.write({ 'app/main/good.c': `${MODELLED}int f(void) { return x; }` })
    await expect(build()).rejects.toThrow("use of undeclared identifier 'x'")
  })
})

describe('a choice', () => {
  const one = { name: 'Copy of PSRAM', tags: '[copy][psram]' }

  it.each([
    ['[copy]', true],
    ['[copy][psram]', true],
    ['[copy][slow]', false],
    ['![slow]', true],
    ['[copy]![psram]', false],
    ['psram', true],
    ['sram of', false],
    ['', true],
  ])('by %j takes a case: %s', (filter, taken) => {
    expect(matches(filter, one)).toBe(taken)
  })

  it('of shards takes each case once', () => {
    const list = Array.from({ length: 11 }, (_, i) => i)
    const parts = ['1/3', '2/3', '3/3'].map((text) => partOf(list, readShard(text)))
    expect(parts.flat().sort((a, b) => a - b)).toEqual(list)
    for (const part of parts) expect(part.length).toBeGreaterThan(2)
  })

  it.each(['0/3', '4/3', '1', 'a/b', '1/0'])('of a shard %s is refused', (text) => {
    expect(() => readShard(text)).toThrow('it is such as 1/3')
  })
})

it('JUnit XML is whole, whatever is printed', () => {
  const common = { tags: '', file: 'a.c', line: 3, durationMs: 1500, output: '<b>\u0007 & "x"' }
  const xml = junitXml([
    {
      name: 'app (esp32s3)',
      seconds: 2,
      cases: [
        { ...common, name: 'a < b', status: 'passed', message: '' },
        { ...common, name: 'c', status: 'failed', message: 'Expected "a"\nWas b' },
        { ...common, name: 'd', status: 'ignored', message: 'later' },
      ],
    },
  ])
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1" errors="0" time="2.000">
  <testsuite name="app (esp32s3)" tests="3" failures="1" skipped="1" errors="0" time="2.000">
    <testcase classname="app (esp32s3)" name="a &lt; b" time="1.500" file="a.c" line="3"/>
    <testcase classname="app (esp32s3)" name="c" time="1.500" file="a.c" line="3">
      <failure message="Expected &quot;a&quot;&#10;Was b">a.c:3: Expected &quot;a&quot;
Was b</failure>
      <system-out>&lt;b&gt; &amp; &quot;x&quot;</system-out>
    </testcase>
    <testcase classname="app (esp32s3)" name="d" time="1.500" file="a.c" line="3">
      <skipped message="later"/>
      <system-out>&lt;b&gt; &amp; &quot;x&quot;</system-out>
    </testcase>
  </testsuite>
</testsuites>
`)
})

describe('the command', () => {
  const command = (...words: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    })
    return { status, stdout, stderr }
  }

  it('test prints each case and the totals, writes JUnit XML, and fails if one has', () => {
    folder.write({ 'app/main/main.c': CASES })
    const { status, stdout } = command('test', 'app', '-t', 'esp32s3', '--filter', '[math]', '--junit', 'out.xml')
    expect(stdout).toMatch(
      /^app \(esp32s3\)\n {2}pass {2}adds numbers .*\n {2}FAIL {2}fails .*\n {8}main\/main.c:5: Expected 5 Was 4\n {8}> TEST_CASE\("fails".*\n/,
    )
    expect(stdout).toMatch(/\n1 passed, 1 failed\n$/)
    expect(status).toBe(1)
    expect(readFileSync(folder.at('out.xml'), 'utf8')).toContain('tests="2" failures="1"')
    expect(command('test', 'app', '--filter', '[fast]').status).toBe(0)
  })

  it('test shows a file that is left out, in JUnit XML too, and what was to be left out and is not there', () => {
    folder.write({
      'app/main/main.c': `${HEAD}TEST_CASE("good", "[x]") {}\n${MENU}`,
      'app/main/other.c': '#include "none.h"',
    })
    const failing = command('test', 'app')
    expect(failing.stdout).toMatch(/ {2}FAIL {2}main\/other\.c\n {8}it needs none\.h.*\n {2}pass {2}good/)
    expect(failing.status).toBe(1)
    const { stdout, stderr, status } = command(
      ...['test', 'app', '--exclude', 'main/other.c', '--exclude', 'x.c', '--junit', 'out.xml'],
    )
    expect(stdout).toMatch(/ {2}skip {2}main\/other\.c: left out by --exclude\n/)
    expect(stdout).toMatch(/\n1 passed, 0 failed, 1 skipped\n$/)
    expect(stderr).toContain('--exclude x.c: no file of these apps is left out by it')
    expect(status).toBe(0)
    expect(readFileSync(folder.at('out.xml'), 'utf8')).toContain('<skipped message="left out by --exclude"/>')
  })

  it('test counts cases that are tagged [ignore] as skipped, everywhere, and runs them with --ignored', () => {
    folder.write({
      'app/main.c': `${HEAD}TEST_CASE("good", "[x]") {}\nTEST_CASE("bad", "[x][ignore]") { TEST_FAIL(); }\n${MENU}`,
    })
    const { stdout, status } = command('test', 'app', '--junit', 'out.xml')
    expect(stdout).toMatch(
      / {2}skip {2}bad: tagged \[ignore\], and runs with --ignored\n\n1 passed, 0 failed, 1 skipped\n$/,
    )
    expect(status).toBe(0)
    expect(readFileSync(folder.at('out.xml'), 'utf8')).toContain('tests="2" failures="0" skipped="1"')
    expect(JSON.parse(command('test', 'app', '--json').stdout)).toMatchObject([
      { cases: [{ status: 'passed' }, { name: 'bad', status: 'ignored' }] },
    ])
    const all = command('test', 'app', '--ignored')
    expect(all.stdout).toMatch(/\n1 passed, 1 failed\n$/)
    expect(all.status).toBe(1)
  })

  it('test tests the other apps where one does not compile or has no file left', () => {
    folder.write({
      'apps/a/main.c': 'int f(void) { return x; }',
      'apps/b/left.c': '',
      'apps/c/main.c': `${HEAD}TEST_CASE("good", "[x]") {}\n${MENU}`,
    })
    const { stdout, stderr, status } = command('test', 'apps', '--exclude', 'left.c', '--junit', 'out.xml')
    expect(stdout).toMatch(
      /^a \(esp32s3\)\n {2}FAIL {2}build\n {8}it does not compile\nb \(esp32s3\)\n {2}skip {2}left\.c: .*\nc \(esp32s3\)\n {2}pass {2}good/,
    )
    expect(stdout).toMatch(/\n1 passed, 1 failed, 1 skipped\n$/)
    expect(stderr).toContain("main.c:1:22: error: use of undeclared identifier 'x'")
    expect(status).toBe(1)
    expect(readFileSync(folder.at('out.xml'), 'utf8')).toMatch(
      /name="build" time="0\.000">\s*<failure message="it does not compile">.*\s*<system-out>main\.c:1:22: error/,
    )
    const nothing = command('test', 'apps/b', '--exclude', 'left.c')
    expect(nothing.stderr).toContain('b: no file is left to compile for esp32s3')
    expect(nothing.status).toBe(2)
  })

  it('test --diagnostics fails the case in which something is diagnosed, and no other', () => {
    folder.write({ 'app/main.c': COPIES })
    const plain = command('test', 'app')
    expect(plain.status).toBe(0)
    const { status, stdout } = command('test', 'app', '--diagnostics', '--junit', 'out.xml')
    expect(stdout).toMatch(
      /pass {2}waits .*\n {2}FAIL {2}writes too soon .*\n {8}main\.c:\d+: source-changed: the source of copy/,
    )
    expect(stdout).toMatch(/\n {8}> from\[5\] = 1;\n/)
    expect(stdout).toMatch(/pass {2}waits again/)
    expect(stdout).toMatch(/\n2 passed, 1 failed\n$/)
    expect(status).toBe(1)
    expect(readFileSync(folder.at('out.xml'), 'utf8')).toContain('failure message="source-changed: ')
    const refused = command('test', 'app', '--diagnostics', '--engine', 'threads')
    expect(refused).toMatchObject({ status: 2 })
    expect(refused.stderr).toContain('--diagnostics needs --engine simulated')
  })

  it('test gives JSON', () => {
    folder.write({ 'app/main.c': CASES })
    const { stdout, status } = command('test', 'app', '--filter', '[fast]', '--json', '--shard', '2/2')
    expect(JSON.parse(stdout)).toMatchObject([
      { app: 'app', target: 'esp32s3', cases: [{ name: 'passes', status: 'passed' }] },
    ])
    expect(status).toBe(0)
  })

  it('cc writes a module, and tells whether it was built before', () => {
    folder.write({ 'main.c': `${HEAD}${MENU}` })
    const [first, second] = [1, 2].map(() => command('cc', 'main.c', '-t', 'esp32c6', '-o', 'out.wasm', '--json'))
    expect(first?.status).toBe(0)
    expect(JSON.parse(second?.stdout ?? '')).toMatchObject({ output: 'out.wasm', target: 'esp32c6', cached: true })
    expect(WebAssembly.validate(readFileSync(folder.at('out.wasm')))).toBe(true)
  })

  it('run ends as it would have where nobody reads its messages', () => {
    folder.write({ 'main.c': 'void app_main(void) { for (;;) __asm__ volatile(""); }' })
    const words = [CLI, 'run', 'main.c', '-t', 'esp32s3', '-e', 'simulated', '--timeout', '1']
    const closed = `exec 3>&1; { "$0" "$@" 2>&1 >/dev/null 3>&-; echo $? >&3; } | true`
    const { stdout } = spawnSync('sh', ['-c', closed, process.execPath, ...words], {
      cwd: folder.path,
      encoding: 'utf8',
    })
    expect(stdout).toBe('124\n')
  })

  it('cc shows what the compiler says, and fails', () => {
    folder.write({ 'main.c': 'int f(void) { return x; }' })
    const { status, stderr } = command('cc', 'main.c', '-t', 'esp32c6')
    expect(stderr).toContain("main.c:1:22: error: use of undeclared identifier 'x'\n")
    expect(stderr).toMatch(/\nerror: it does not compile\n$/)
    expect(status).toBe(1)
  })

  it.each([
    [['test', 'nothing'], 'nothing: there is no such file or folder'],
    [['test', 'app', '--shard', '4/3'], '--shard 4/3'],
    [['test', 'app', '-t', 'esp8266'], 'there is no target "esp8266"'],
    [['test', 'app', '-t', 'host'], 'host runs no firmware; these do: esp32s2,'],
    [['test', 'app', '--timeout', '0'], '--timeout 0'],
    [['test', 'app', '--junit', 'none/out.xml'], '--junit none/out.xml: none is no directory to write to'],
    [['cc', 'main.c', '-t', 'esp32s3', '-o', 'none/x.wasm'], '--output none/x.wasm: none is no directory to write to'],
    [['run', 'main.c', '-t', 'esp8266'], 'there is no target "esp8266"'],
    [['run', 'main.c', '-t', 'esp32c6', '--psram', '8M'], 'esp32c6 has no PSRAM'],
    [['run', 'main.c', '-t', 'esp32s3', '--cache-line', '3'], 'cacheLine is 3'],
    [['run', 'main.c', '-t', 'esp32s3', '--idf', '9'], 'idf is "9": a version of ESP-IDF from 5.0 on'],
    [['run', 'main.c', '-t', 'esp32s3', '-I', 'none'], '--include none: there is no such folder'],
    [['run', 'main.c', '-t', 'esp32s3', '--sdkconfig', 'none'], 'sdkconfig none: there is no such file'],
    [['run', 'main.c', 'x.wasm', '-t', 'esp32s3'], 'one .wasm file is run, or C sources'],
    [['run', 'x.wasm'], 'x.wasm: this is no WebAssembly module'],
    [['cc', 'main.c'], "required option '-t, --target <chip>'"],
    [['cc', 'other.c', '-t', 'esp32s3'], 'other.c: there is no such file'],
  ])('%j is refused as typed wrongly', (words, message) => {
    folder.write({ 'app/main.c': CASES, 'main.c': '', 'x.wasm': 'x' })
    const { status, stderr } = command(...words)
    expect(stderr).toContain(message)
    expect(status).toBe(2)
  })
})
