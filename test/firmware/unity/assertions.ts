/** Every assertion of Unity, failing and holding. */

/** An assertion that fails, and what is said of it. */
export type Failing = readonly [assertion: string, message: string]

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

export const FAILING: readonly Failing[] = [
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
export const HOLDING: readonly string[] = [
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

/** One without a condition, and what it leaves with: whether the case goes on behind it. */
const OTHERS: readonly (readonly [statement: string, goesOn: boolean])[] = [
  ['TEST_ASSERT(1)', true],
  ['TEST_ASSERT(0)', false],
  ['TEST_ASSERT_MESSAGE(1, "m")', true],
  ['TEST_ASSERT_MESSAGE(0, "m")', false],
  ['TEST_FAIL()', false],
  ['TEST_FAIL_MESSAGE("m")', false],
  ['TEST_IGNORE()', false],
  ['TEST_IGNORE_MESSAGE("m")', false],
  ['TEST_PASS()', false],
  ['TEST_PASS_MESSAGE("m")', false],
  ['TEST_ABORT()', false],
  ['TEST_MESSAGE("m")', true],
  ['TEST_PRINTF("%d", 5)', true],
  ['TEST_ONLY()', true],
  ['TEST_ESP_OK(0)', true],
  ['TEST_ESP_OK(0x102)', false],
  ['TEST_ESP_ERR(0x102, 0x102)', true],
  ['TEST_ESP_ERR(0x102, 0)', false],
]

const withMessage = (assertion: string): string =>
  `TEST_ASSERT_${assertion.replace(/^(\w+)\(/, '$1_MESSAGE(').replace(/\)$/, ', "m")')}`

/** All of them, with a message and without, and whether each lets the case go on. */
export const STATEMENTS: readonly (readonly [statement: string, goesOn: boolean])[] = [
  ...OTHERS,
  ...FAILING.flatMap(([one]) => [[`TEST_ASSERT_${one}`, false] as const, [withMessage(one), false] as const]),
  ...HOLDING.flatMap((one) => [[`TEST_ASSERT_${one}`, true] as const, [withMessage(one), true] as const]),
]

/** So many in a function: each has variables of its own on the stack. */
const IN_A_FUNCTION = 20
const functions = Array.from({ length: Math.ceil(STATEMENTS.length / IN_A_FUNCTION) }, (_, n) =>
  STATEMENTS.slice(n * IN_A_FUNCTION, (n + 1) * IN_A_FUNCTION).map(
    ([statement], i) => `case ${n * IN_A_FUNCTION + i}: ${statement}; break;`,
  ),
)

/** A program that makes them one after the other, and prints a line for each that was wrong. */
export const ALL_ASSERTIONS: string = `
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "port.h"
#include "unity.h"
#include "unity_test_runner.h"

${functions.map((cases, n) => `static __attribute__((noinline)) void make_${n}(int which)\n{\nswitch (which) {\n${cases.join('\n')}\n}\n}`).join('\n')}

static bool went_on;

static void make(void *which)
{
    switch (*(int *)which / ${IN_A_FUNCTION}) {
${functions.map((_, n) => `    case ${n}: make_${n}(*(int *)which); break;`).join('\n')}
    }
    went_on = true;
}

TEST_CASE("all", "[all]")
{
    static const bool goes_on[] = {${STATEMENTS.map(([, goesOn]) => Number(goesOn)).join()}};
    int count = sizeof goes_on;
    for (int i = 0; i < count; i++) {
        went_on = false;
        bool left = port_protect(make, &i) != 0;
        if (went_on != goes_on[i] || left == went_on) printf("statement %d is wrong\\n", i);
    }
    Unity.CurrentTestFailed = Unity.CurrentTestIgnored = 0;
    printf("%d statements\\n", count);
}

void app_main(void) { UNITY_BEGIN(); unity_run_all_tests(); UNITY_END(); }
`
