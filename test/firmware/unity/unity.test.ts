/** Unity as test apps use it: every assertion holds and fails as it should, and the menu runs what it is asked for. */
import { describe, expect, it, vi } from 'vitest'

import { compileFirmware, runFirmware, type RunOptions, type RunResult } from '../../../src/firmware/firmware.ts'
import { ASSERTIONS } from '../../support/c-programs.ts'
import { ENGINES } from '../../support/run-c.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

import { ALL_ASSERTIONS, FAILING, HOLDING, STATEMENTS } from './assertions.ts'

// A compiler takes its time where everything else is busy too.
vi.setConfig({ testTimeout: 180_000 })

const folder = scratchFolder()

const MAIN = `
#include <math.h>
#include <stdint.h>
#include "unity.h"
#include "unity_test_runner.h"
void app_main(void) { unity_run_menu(); }
`

async function run(source: string, options: RunOptions & { readonly target?: string } = {}): Promise<RunResult> {
  const { target = 'esp32c3', ...others } = options
  folder.write({ 'main.c': MAIN + source })
  const { wasm } = await compileFirmware({ sources: ['main.c'], target, root: folder.path })
  return runFirmware(wasm, { engine: 'simulated', timeoutMs: 120_000, ...others })
}

describe('an assertion', () => {
  it('that fails says so in the words of Unity, with its place, and ends its case', async () => {
    const cases = FAILING.map(
      ([assertion], i) => `TEST_CASE("case ${i}", "[fails]") { TEST_ASSERT_${assertion}; printf("went on\\n"); }`,
    )
    const { output, exitCode, reason } = await run(cases.join('\n'))
    expect({ exitCode, reason }).toEqual({ exitCode: 1, reason: 'restart' })
    expect(output).not.toContain('went on')
    const said = [...output.matchAll(/^main\.c:(\d+):case (\d+):FAIL: (.*)$/gm)].map(([, line, number, text]) => [
      Number(line) - 7,
      FAILING[Number(number)]?.[0],
      text,
    ])
    expect(said).toEqual(FAILING.map(([assertion, message], i) => [i, assertion, message]))
    expect(output).toContain(`${FAILING.length} Tests ${FAILING.length} Failures 0 Ignored \nFAIL\n`)
  })

  it('that holds says nothing', async () => {
    const { output, exitCode } = await run(
      `TEST_CASE("all", "[holds]") {\n${HOLDING.map((one) => `TEST_ASSERT_${one};`).join('\n')}\n}`,
    )
    expect(output).not.toContain('FAIL')
    expect(output).toContain('main.c:7:all:PASS\n')
    expect(exitCode).toBe(0)
  })

  it.each(ASSERTIONS.targets)('leaves the case or lets it go on, each of them, on the %s', async (target) => {
    folder.write({ 'all.c': ALL_ASSERTIONS })
    const { wasm } = await compileFirmware({ sources: ['all.c'], target, root: folder.path })
    for (const engine of ENGINES) {
      const { output, exitCode } = await runFirmware(wasm, { engine, timeoutMs: 120_000 })
      expect(output.match(/^statement.*wrong$/gm)).toBe(null)
      expect(output).toContain(`${STATEMENTS.length} statements\n`)
      expect(exitCode).toBe(0)
    }
  })

  it('has a message of its own, beside what it says anyway', async () => {
    const { output } = await run(`
      TEST_CASE("a", "[a]") { TEST_ASSERT_EQUAL_INT_MESSAGE(1, 2, "one is not two"); }
      TEST_CASE("b", "[b]") { TEST_ASSERT_MESSAGE(0, "never"); }
      TEST_CASE("c", "[c]") { TEST_ASSERT(1 > 2); }
      TEST_CASE("d", "[d]") { TEST_FAIL_MESSAGE("enough"); }
      TEST_CASE("e", "[e]") { TEST_FAIL(); }
      TEST_CASE("f", "[f]") { TEST_IGNORE_MESSAGE("later"); TEST_FAIL(); }
      TEST_CASE("g", "[g]") { TEST_IGNORE(); }
      TEST_CASE("h", "[h]") { TEST_MESSAGE("by the way"); TEST_PASS(); TEST_FAIL(); }
      TEST_CASE("i", "[i]") { TEST_ESP_OK(0x102); }
      TEST_CASE("j", "[j]") { TEST_ESP_ERR(0x103, 0x103); TEST_ESP_ERR(0x103, 0); }
      TEST_CASE("k", "[k]") { TEST_ASSERT_EQUAL_STRING_MESSAGE("a", "b", "texts"); }
      TEST_CASE("l", "[l]") { TEST_PASS_MESSAGE("done"); TEST_FAIL(); }`)
    const said = [...output.matchAll(/^main\.c:\d+:(\w:.*)$/gm)].map(([, text]) => text)
    expect(said).toEqual([
      'a:FAIL: Expected 1 Was 2. one is not two',
      'b:FAIL: Expression Evaluated To FALSE. never',
      'c:FAIL: Expression Evaluated To FALSE',
      'd:FAIL: enough',
      'e:FAIL',
      'f:IGNORE: later',
      'g:IGNORE',
      'h:INFO: by the way',
      'h:PASS',
      'i:FAIL: Expected 0x00000000 Was 0x00000102',
      'j:FAIL: Expected 0x00000103 Was 0x00000000',
      "k:FAIL: Expected 'a' Was 'b'. texts",
      'l:INFO: done',
      'l:PASS',
    ])
    expect(output).toContain('12 Tests 8 Failures 2 Ignored \nFAIL\n')
  })
})

describe('the menu', () => {
  const CASES = `
    static int ups, downs;
    void setUp(void) { ups++; }
    void tearDown(void) { downs++; printf("%d up, %d down\\n", ups, downs); }
    TEST_CASE("first case", "[small][one]") {}
    TEST_CASE("second case", "[small][two]") { TEST_FAIL(); }
    TEST_CASE("third case", "[large]") {}
    static void stage(void) {}
    TEST_CASE_MULTIPLE_STAGES("staged", "[reset]", stage, stage)
    TEST_CASE_MULTIPLE_DEVICES("paired", "[net]", stage, stage)`
  const ran = ({ output }: RunResult): string[] =>
    [...output.matchAll(/^Running (.*)\.\.\.$/gm)].map(([, name = '']) => name)

  it.each([
    ['1\n', ['first case'], 0],
    ['2\n', ['second case'], 1],
    ['2\n3', ['second case', 'third case'], 1],
    ['9\n0\nx\n', [], 0],
    ['[small]\n', ["tests matching '[small]'", 'first case', 'second case'], 1],
    ['![small]\n', ["tests NOT matching '[small]'", 'third case', 'staged', 'paired'], 0],
    ['"third case"\r\n', ['third case'], 0],
    ['*\n', ['first case', 'second case', 'third case', 'staged', 'paired'], 1],
    ['', ['first case', 'second case', 'third case', 'staged', 'paired'], 1],
    ['\n', [], 0],
  ])('told %j runs %j and ends with %i', async (input, names, exitCode) => {
    const result = await run(CASES, { input })
    expect(ran(result)).toEqual(names)
    expect(result.exitCode).toBe(exitCode)
  })

  it('lists the cases in the order in which they are written, with their tags', async () => {
    const { output } = await run(CASES, { input: '\n' })
    expect(output).toContain(
      '(1)\t"first case" [small][one]\n(2)\t"second case" [small][two]\n(3)\t"third case" [large]\n' +
        '(4)\t"staged" [reset][multi_stage]\n(5)\t"paired" [net][multi_device]\n',
    )
  })

  it('sets up and tears down around each case, also one that fails', async () => {
    const { output } = await run(CASES, { input: '2\n3\n' })
    expect(output).toMatch(/FAIL\n1 up, 1 down\n[^]*2 up, 2 down\n/)
  })

  it('does not run what needs a reset or another chip, and says so', async () => {
    const { output } = await run(CASES, { input: '4\n5\n' })
    expect(output).toMatch(/:staged:IGNORE: its stages have a reset between them/)
    expect(output).toMatch(/:paired:IGNORE: it needs several chips/)
  })
})

it('functions that are run one by one are counted', async () => {
  folder.write({
    'plain.c': `#include "unity.h"
    void app_main(void);
    static void good(void) { TEST_ASSERT_EQUAL(1, 1); }
    static void bad(void) { TEST_ASSERT_EQUAL(1, 2); }
    void app_main(void) { UNITY_BEGIN(); RUN_TEST(good); RUN_TEST(bad); printf("%d failed\\n", UNITY_END()); }`,
  })
  const { wasm } = await compileFirmware({ sources: ['plain.c'], target: 'esp32c6', root: folder.path })
  const { output } = await runFirmware(wasm, { engine: 'threads', timeoutMs: 120_000 })
  expect(output).toBe(
    'plain.c:5:good:PASS\nplain.c:4:bad:FAIL: Expected 1 Was 2\n\n-----------------------\n2 Tests 1 Failures 0 Ignored \nFAIL\n1 failed\n',
  )
})
