/* What the assertions of unity.h are made of. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UNITY_NORETURN __attribute__((noreturn))

typedef int64_t UNITY_INT;
typedef uint64_t UNITY_UINT;
typedef unsigned int UNITY_LINE_TYPE;
typedef void (*UnityTestFunction)(void);

/* Kinds of numbers: how many bytes, and how they are printed. */
#define UNITY_BYTES_ 0x0f
#define UNITY_SIGNED_ 0x10
#define UNITY_UNSIGNED_ 0x20
#define UNITY_HEX_ 0x40
#define UNITY_CHARACTER_ 0x80
/* An int is compared as it was given, whatever its type; in an array it has four bytes. */
#define UNITY_AS_GIVEN_ 0x100

#define UNITY_INT_ (UNITY_SIGNED_ | UNITY_AS_GIVEN_ | 4)
#define UNITY_INT8_ (UNITY_SIGNED_ | 1)
#define UNITY_INT16_ (UNITY_SIGNED_ | 2)
#define UNITY_INT32_ (UNITY_SIGNED_ | 4)
#define UNITY_INT64_ (UNITY_SIGNED_ | 8)
#define UNITY_UINT_ (UNITY_UNSIGNED_ | UNITY_AS_GIVEN_ | 4)
#define UNITY_UINT8_ (UNITY_UNSIGNED_ | 1)
#define UNITY_UINT16_ (UNITY_UNSIGNED_ | 2)
#define UNITY_UINT32_ (UNITY_UNSIGNED_ | 4)
#define UNITY_UINT64_ (UNITY_UNSIGNED_ | 8)
#define UNITY_HEX8_ (UNITY_UNSIGNED_ | UNITY_HEX_ | 1)
#define UNITY_HEX16_ (UNITY_UNSIGNED_ | UNITY_HEX_ | 2)
#define UNITY_HEX32_ (UNITY_UNSIGNED_ | UNITY_HEX_ | 4)
#define UNITY_HEX64_ (UNITY_UNSIGNED_ | UNITY_HEX_ | 8)
#define UNITY_SIZE_ (UNITY_UNSIGNED_ | sizeof(size_t))
#define UNITY_CHAR_ (UNITY_SIGNED_ | UNITY_CHARACTER_ | 1)
#define UNITY_FLOAT_ 4
#define UNITY_DOUBLE_ 8

/* What must hold of the actual value and the other. */
enum unity_compare { UNITY_EQ, UNITY_NE, UNITY_GT, UNITY_LT, UNITY_GE, UNITY_LE };
enum unity_elements { UNITY_EACH_ITS_OWN, UNITY_EACH_THE_SAME };
enum unity_trait { UNITY_INF, UNITY_NEG_INF, UNITY_NAN, UNITY_DETERMINATE };

/* Numbers with a fraction are equal if they differ by less than this. */
#define UNITY_FLOAT_TOLERANCE(expected) (fabs((double)(expected)) * 0.00001)
#define UNITY_DOUBLE_TOLERANCE(expected) (fabs((double)(expected)) * 1e-12)

#define UNITY_FALSE_EXPRESSION " Expression Evaluated To FALSE"

struct UNITY_STORAGE_T {
    const char *TestFile;
    const char *CurrentTestName;
    const char *CurrentDetail1;
    const char *CurrentDetail2;
    UNITY_LINE_TYPE CurrentTestLineNumber;
    UNITY_UINT NumberOfTests;
    UNITY_UINT TestFailures;
    UNITY_UINT TestIgnores;
    UNITY_UINT CurrentTestFailed;
    UNITY_UINT CurrentTestIgnored;
};

extern struct UNITY_STORAGE_T Unity;

void UnityBegin(const char *filename);
int UnityEnd(void);
void UnityConcludeTest(void);
void UnityDefaultTestRun(UnityTestFunction function, const char *name, int line);
/* Ends the test case that runs. */
UNITY_NORETURN void UnityAbort(void);

void UnityPrint(const char *text);
void UnityPrintLen(const char *text, uint32_t length);
void UnityPrintNumber(UNITY_INT number);
void UnityPrintNumberUnsigned(UNITY_UINT number);
void UnityPrintNumberHex(UNITY_UINT number, char nibbles);
void UnityPrintFloat(double number);
void UnityPrintF(UNITY_LINE_TYPE line, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define UNITY_OUTPUT_CHAR(character) putchar(character)
#define UNITY_OUTPUT_FLUSH() fflush(stdout)
#define UNITY_PRINT_EOL() putchar('\n')

UNITY_NORETURN void UnityFail(const char *message, UNITY_LINE_TYPE line);
UNITY_NORETURN void UnityIgnore(const char *message, UNITY_LINE_TYPE line);
UNITY_NORETURN void UnityPass(const char *message, UNITY_LINE_TYPE line);
void UnityMessage(const char *message, UNITY_LINE_TYPE line);
UNITY_NORETURN void UnityFailCondition(const char *what, const char *message, UNITY_LINE_TYPE line);

void UnityAssertNumber(UNITY_INT threshold, UNITY_INT actual, enum unity_compare compare, int style, const char *message,
                       UNITY_LINE_TYPE line);
void UnityAssertNumbersWithin(UNITY_UINT delta, UNITY_INT expected, UNITY_INT actual, int style, const char *message,
                              UNITY_LINE_TYPE line);
void UnityAssertBits(UNITY_INT mask, UNITY_INT expected, UNITY_INT actual, const char *message, UNITY_LINE_TYPE line);
void UnityAssertArray(const void *expected, const void *actual, uint32_t elements, UNITY_UINT delta, int style,
                      enum unity_elements which, const char *message, UNITY_LINE_TYPE line);
void UnityAssertEach(UNITY_INT expected, const void *actual, uint32_t elements, int style, const char *message,
                     UNITY_LINE_TYPE line);
void UnityAssertString(const char *expected, const char *actual, size_t most, const char *message, UNITY_LINE_TYPE line);
void UnityAssertStrings(const char *const *expected, const char *const *actual, uint32_t elements,
                        enum unity_elements which, const char *message, UNITY_LINE_TYPE line);
void UnityAssertMemory(const void *expected, const void *actual, uint32_t length, uint32_t elements,
                       enum unity_elements which, const char *message, UNITY_LINE_TYPE line);
void UnityAssertReal(double delta, double expected, double actual, enum unity_compare compare, int bytes,
                     const char *message, UNITY_LINE_TYPE line);
/* delta < 0: the usual tolerance of each expected value. */
void UnityAssertReals(double delta, const void *expected, const void *actual, uint32_t elements, int bytes,
                      enum unity_elements which, const char *message, UNITY_LINE_TYPE line);
void UnityAssertTrait(double actual, enum unity_trait trait, int wanted, const char *message, UNITY_LINE_TYPE line);

#ifdef __cplusplus
}
#endif
