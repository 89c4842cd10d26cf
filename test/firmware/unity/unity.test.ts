/** Unity as test apps use it: every assertion holds and fails as it should, and the menu runs what it is asked for. */
import { describe, expect, it, vi } from 'vitest'

import { compileFirmware, runFirmware, type RunOptions, type RunResult } from '../../../src/firmware/firmware.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

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

/** An assertion that fails, and what is said of it. */
type Failing = readonly [assertion: string, message: string]

const INTEGERS = ['INT', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT', 'UINT8', 'UINT16', 'UINT32', 'UINT64'] as const
const HEX: readonly (readonly [string, number])[] = [
  ['HEX', 8],
  ['HEX8', 2],
  ['HEX16', 4],
  ['HEX32', 8],
  ['HEX64', 16],
]
const hex = (value: number, digits: number): string => `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`

/** For kinds of numbers: assertions about 5 and 6 that fail. */
function aboutNumbers(kind: string, five: string, six: string, type: string): Failing[] {
  const arrays = `((${type}[]){5, 6, 5}), ((${type}[]){5, 6, 6})`
  return [
    [`EQUAL_${kind}(5, 6)`, `Expected ${five} Was ${six}`],
    [`NOT_EQUAL_${kind}(5, 5)`, `Expected ${five} to be not equal to ${five}`],
    [`GREATER_THAN_${kind}(6, 6)`, `Expected ${six} to be greater than ${six}`],
    [`LESS_THAN_${kind}(5, 6)`, `Expected ${six} to be less than ${five}`],
    [`GREATER_OR_EQUAL_${kind}(6, 5)`, `Expected ${five} to be greater than or equal to ${six}`],
    [`LESS_OR_EQUAL_${kind}(5, 6)`, `Expected ${six} to be less than or equal to ${five}`],
    [`${kind}_WITHIN(0, 5, 6)`, `Expected ${five} Was ${six}`],
    [`EQUAL_${kind}_ARRAY(${arrays}, 3)`, `Element 2 Expected ${five} Was ${six}`],
    [`${kind}_ARRAY_WITHIN(0, ${arrays}, 3)`, `Element 2 Expected ${five} Was ${six}`],
    [`EACH_EQUAL_${kind}(6, ((${type}[]){6, 5}), 2)`, `Element 1 Expected ${six} Was ${five}`],
  ]
}

const typeOf = (kind: string): string => {
  const [, base = '', bits = ''] = /^([A-Z]+)(\d*)$/.exec(kind) ?? []
  const width = bits === '' ? '32' : bits
  return base === 'INT' ? `int${width}_t` : `uint${width}_t`
}

const FAILING: readonly Failing[] = [
  ...INTEGERS.flatMap((kind) => aboutNumbers(kind, '5', '6', typeOf(kind))),
  ...HEX.flatMap(([kind, digits]) => aboutNumbers(kind, hex(5, digits), hex(6, digits), typeOf(kind))),
  ...aboutNumbers('size_t', '5', '6', 'size_t'),
  ...aboutNumbers('CHAR', '5', '6', 'char'),
  ['EQUAL(5, 6)', 'Expected 5 Was 6'],
  ['NOT_EQUAL(5, 5)', 'Expected 5 to be not equal to 5'],
  ['GREATER_THAN(6, 5)', 'Expected 5 to be greater than 6'],
  ['LESS_THAN(5, 5)', 'Expected 5 to be less than 5'],
  ['GREATER_OR_EQUAL(6, 5)', 'Expected 5 to be greater than or equal to 6'],
  ['LESS_OR_EQUAL(5, 6)', 'Expected 6 to be less than or equal to 5'],
  ["EQUAL_CHAR('a', 'b')", "Expected 'a' Was 'b'"],
  ['EQUAL_INT8(-1, 1)', 'Expected -1 Was 1'],
  ['EQUAL_INT64(0x7fffffffffffffff, -1)', 'Expected 9223372036854775807 Was -1'],
  ['EQUAL_UINT32(0, -1)', 'Expected 0 Was 4294967295'],
  ['EQUAL_UINT64(0, -1)', 'Expected 0 Was 18446744073709551615'],
  ['LESS_THAN_INT32(-1, 1)', 'Expected 1 to be less than -1'],
  ['GREATER_THAN_UINT32(-1, 1)', 'Expected 1 to be greater than 4294967295'],
  ['INT_WITHIN(3, 10, 14)', 'Values Not Within Delta 3 Expected 10 Was 14'],
  ['INT32_WITHIN(10, -2147483647, 2147483647)', 'Values Not Within Delta 10 Expected -2147483647 Was 2147483647'],
  ['UINT8_WITHIN(1, 0, 255)', 'Values Not Within Delta 1 Expected 0 Was 255'],
  ['BITS(0xf0, 0xa5, 0x55)', 'Expected 0x000000A0 Was 0x00000050 of the bits 0x000000F0'],
  ['BITS_HIGH(3, 1)', 'Expected 0x00000003 Was 0x00000001 of the bits 0x00000003'],
  ['BITS_LOW(3, 4 + 1)', 'Expected 0x00000000 Was 0x00000001 of the bits 0x00000003'],
  ['BIT_HIGH(4, 15)', 'Expected 0x00000010 Was 0x00000000 of the bits 0x00000010'],
  ['BIT_LOW(31, 0xffffffff)', 'Expected 0x00000000 Was 0x80000000 of the bits 0x80000000'],
  ['TRUE(0)', 'Expected TRUE Was FALSE'],
  ['FALSE(1)', 'Expected FALSE Was TRUE'],
  ['UNLESS(1)', 'Expression Evaluated To TRUE'],
  ['NULL("text")', 'Expected NULL'],
  ['NOT_NULL(NULL)', 'Expected Non-NULL'],
  ['EMPTY("text")', 'Expected Empty'],
  ['NOT_EMPTY("")', 'Expected Non-Empty'],
  ['EQUAL_PTR(NULL, (void *)0x20)', 'Expected 0x00000000 Was 0x00000020'],
  ['EQUAL_PTR_ARRAY(((void *[]){NULL}), ((void *[]){(void *)1}), 1)', 'Element 0 Expected 0x00000000 Was 0x00000001'],
  ['EACH_EQUAL_PTR(NULL, ((void *[]){NULL, (void *)1}), 2)', 'Element 1 Expected 0x00000000 Was 0x00000001'],
  ['EQUAL_STRING("abc", "abd")', "Expected 'abc' Was 'abd'"],
  ['EQUAL_STRING("abc", NULL)', "Expected 'abc' Was NULL"],
  ['EQUAL_STRING_LEN("abc", "abd", 3)', "Expected 'abc' Was 'abd'"],
  [
    'EQUAL_STRING_ARRAY(((const char *[]){"a", "b"}), ((const char *[]){"a", "c"}), 2)',
    "Element 1 Expected 'b' Was 'c'",
  ],
  ['EACH_EQUAL_STRING("a", ((const char *[]){"a", "c"}), 2)', "Element 1 Expected 'a' Was 'c'"],
  ['EQUAL_MEMORY("ab", "ac", 2)', 'Memory Mismatch. Byte 1 Expected 0x62 Was 0x63'],
  ['EQUAL_MEMORY_ARRAY("abcd", "abce", 2, 2)', 'Memory Mismatch. Element 1 Byte 1 Expected 0x64 Was 0x65'],
  ['EACH_EQUAL_MEMORY("ab", "abac", 2, 2)', 'Memory Mismatch. Element 1 Byte 1 Expected 0x62 Was 0x63'],
  ['EQUAL_MEMORY("ab", "ab", 0)', 'You Asked Me To Compare Nothing, Which Was Pointless.'],
  ['EQUAL_INT_ARRAY(NULL, ((int[]){1}), 1)', 'Expected pointer to be NULL'],
  ['EQUAL_INT_ARRAY(((int[]){1}), NULL, 1)', 'Actual pointer was NULL'],
  ...['FLOAT', 'DOUBLE'].flatMap((kind): Failing[] => {
    const type = kind.toLowerCase()
    return [
      [`${kind}_WITHIN(0.5, 1, 2)`, 'Expected 1 Was 2'],
      [`${kind}_NOT_WITHIN(0.5, 1, 1.25)`, 'Expected 1.25 to be not equal to 1'],
      [`EQUAL_${kind}(1.5, 1.75)`, 'Expected 1.5 Was 1.75'],
      [`NOT_EQUAL_${kind}(1.5, 1.5)`, 'Expected 1.5 to be not equal to 1.5'],
      [`GREATER_THAN_${kind}(1.5, 1.25)`, 'Expected 1.25 to be greater than 1.5'],
      [`LESS_THAN_${kind}(1.5, 1.75)`, 'Expected 1.75 to be less than 1.5'],
      [`GREATER_OR_EQUAL_${kind}(1.5, 1.25)`, 'Expected 1.25 to be greater than or equal to 1.5'],
      [`LESS_OR_EQUAL_${kind}(1.5, 1.75)`, 'Expected 1.75 to be less than or equal to 1.5'],
      [`EQUAL_${kind}_ARRAY(((${type}[]){1, 2}), ((${type}[]){1, 3}), 2)`, 'Element 1 Expected 2 Was 3'],
      [`${kind}_ARRAY_WITHIN(0.5, ((${type}[]){1, 2}), ((${type}[]){1.25, 3}), 2)`, 'Element 1 Expected 2 Was 3'],
      [`EACH_EQUAL_${kind}(1, ((${type}[]){1, 3}), 2)`, 'Element 1 Expected 1 Was 3'],
      [`${kind}_IS_INF(1)`, 'Expected Infinity Was 1'],
      [`${kind}_IS_NEG_INF(INFINITY)`, 'Expected Negative Infinity Was inf'],
      [`${kind}_IS_NAN(1)`, 'Expected NaN Was 1'],
      [`${kind}_IS_DETERMINATE(INFINITY)`, 'Expected Determinate Was inf'],
      [`${kind}_IS_NOT_INF(INFINITY)`, 'Expected Not Infinity Was inf'],
      [`${kind}_IS_NOT_NEG_INF(-INFINITY)`, 'Expected Not Negative Infinity Was -inf'],
      [`${kind}_IS_NOT_NAN(NAN)`, 'Expected Not NaN Was nan'],
      [`${kind}_IS_NOT_DETERMINATE(1)`, 'Expected Not Determinate Was 1'],
    ]
  }),
]

/** The same, with values that hold. */
const HOLDING: readonly string[] = [
  ...[...INTEGERS, ...HEX.map(([kind]) => kind), 'size_t', 'CHAR'].flatMap((kind) => {
    const type = kind === 'size_t' ? 'size_t' : kind === 'CHAR' ? 'char' : typeOf(kind)
    return [
      `EQUAL_${kind}(5, 5)`,
      `NOT_EQUAL_${kind}(5, 6)`,
      `GREATER_THAN_${kind}(5, 6)`,
      `LESS_THAN_${kind}(6, 5)`,
      `GREATER_OR_EQUAL_${kind}(5, 5)`,
      `LESS_OR_EQUAL_${kind}(5, 5)`,
      `${kind}_WITHIN(1, 5, 6)`,
      `EQUAL_${kind}_ARRAY(((${type}[]){5, 6}), ((${type}[]){5, 6}), 2)`,
      `${kind}_ARRAY_WITHIN(1, ((${type}[]){5, 6}), ((${type}[]){6, 5}), 2)`,
      `EACH_EQUAL_${kind}(5, ((${type}[]){5, 5}), 2)`,
    ]
  }),
  'EQUAL_INT8(0x1ff, -1)',
  'EQUAL_HEX8(0x1ff, 0xff)',
  'EQUAL_UINT32(-1, 0xffffffff)',
  'LESS_THAN_INT32(1, -1)',
  'BITS(0xf0, 0xa5, 0xa3)',
  'BITS_HIGH(3, 7)',
  'BITS_LOW(3, 4)',
  'BIT_HIGH(31, 0x80000000)',
  'BIT_LOW(0, 2)',
  'TRUE(2)',
  'FALSE(0)',
  'UNLESS(0)',
  'NULL(NULL)',
  'NOT_NULL("")',
  'EMPTY("")',
  'NOT_EMPTY("x")',
  'EQUAL_PTR(NULL, NULL)',
  'NOT_EQUAL_PTR(NULL, "")',
  'EQUAL_STRING("abc", "abc")',
  'EQUAL_STRING(NULL, NULL)',
  'EQUAL_STRING_LEN("abc", "abd", 2)',
  'EQUAL_MEMORY("abc", "abd", 2)',
  'EACH_EQUAL_MEMORY("ab", "abab", 2, 2)',
  'EQUAL_FLOAT(1, 1.000001)',
  'EQUAL_FLOAT(NAN, NAN)',
  'EQUAL_DOUBLE(1, 1)',
  'GREATER_OR_EQUAL_DOUBLE(1.5, 1.5)',
  'FLOAT_IS_INF(INFINITY)',
  'DOUBLE_IS_NAN(NAN)',
]

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
