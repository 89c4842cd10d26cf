/* Test cases: how they begin, end and are counted, and what is printed of it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "port/port.h"
#include "unity_internals_private.h"

/* What ends a test case on its way out of it. */
#define ABORTED 1

/* Longer texts are printed in pieces, between which other tasks can print. */
#define LINE_BYTES 512

struct UNITY_STORAGE_T Unity;

/* The task that runs the test case: only there a failure can leave it. */
static void *test_task;
static int is_running;

/* What is printed goes out by the line, together. */
static char line_buffer[LINE_BYTES];
static uint32_t line_length;

static void flush(void)
{
    if (line_length == 0) {
        return;
    }
    fwrite(line_buffer, 1, line_length, stdout);
    fflush(stdout);
    line_length = 0;
}

void UnityPrintLen(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (line_length == LINE_BYTES) {
            flush();
        }
        line_buffer[line_length++] = text[i];
        if (text[i] == '\n') {
            flush();
        }
    }
}

void UnityPrint(const char *text)
{
    if (text != NULL) {
        UnityPrintLen(text, strlen(text));
    }
}

static void print_format(const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    UnityPrint(text);
}

void UnityPrintNumber(UNITY_INT number)
{
    print_format("%lld", (long long)number);
}

void UnityPrintNumberUnsigned(UNITY_UINT number)
{
    print_format("%llu", (unsigned long long)number);
}

void UnityPrintNumberHex(UNITY_UINT number, char nibbles)
{
    print_format("%0*llX", (int)nibbles, (unsigned long long)number);
}

void UnityPrintFloat(double number)
{
    print_format("%g", number);
}

void unity_print_value(UNITY_INT value, int style)
{
    if (style & UNITY_HEX_) {
        UnityPrint("0x");
        UnityPrintNumberHex((UNITY_UINT)value, (char)(2 * (style & UNITY_BYTES_)));
    } else if ((style & UNITY_CHARACTER_) && value >= ' ' && value <= '~') {
        print_format("'%c'", (char)value);
    } else if (style & UNITY_UNSIGNED_) {
        UnityPrintNumberUnsigned((UNITY_UINT)value);
    } else {
        UnityPrintNumber(value);
    }
}

static const char *text_or(const char *text, const char *other)
{
    return text == NULL ? other : text;
}

static void print_place(UNITY_LINE_TYPE line)
{
    flush();
    print_format("%s:%u:", text_or(Unity.TestFile, "?"), line);
    UnityPrint(text_or(Unity.CurrentTestName, "?"));
    UnityPrint(":");
}

static void print_message(const char *message)
{
    if (message != NULL) {
        UnityPrint(message[0] == ' ' ? ":" : ": ");
        UnityPrint(message);
    }
}

void UnityBegin(const char *filename)
{
    memset(&Unity, 0, sizeof Unity);
    Unity.TestFile = filename;
}

int UnityEnd(void)
{
    UnityPrint("\n-----------------------\n");
    print_format("%llu Tests %llu Failures %llu Ignored \n", Unity.NumberOfTests, Unity.TestFailures, Unity.TestIgnores);
    UnityPrint(Unity.TestFailures == 0 ? "OK\n" : "FAIL\n");
    return (int)Unity.TestFailures;
}

void UnityConcludeTest(void)
{
    if (Unity.CurrentTestIgnored) {
        Unity.TestIgnores++;
    } else if (Unity.CurrentTestFailed) {
        Unity.TestFailures++;
    } else {
        print_place(Unity.CurrentTestLineNumber);
        UnityPrint("PASS\n");
    }
    Unity.CurrentTestFailed = 0;
    Unity.CurrentTestIgnored = 0;
    flush();
}

static void set_up_and_run(void *function)
{
    setUp();
    ((UnityTestFunction)function)();
}

static void tear_down(void *unused)
{
    (void)unused;
    tearDown();
}

void UnityDefaultTestRun(UnityTestFunction function, const char *name, int line)
{
    Unity.CurrentTestName = name;
    Unity.CurrentTestLineNumber = (UNITY_LINE_TYPE)line;
    Unity.NumberOfTests++;
    test_task = port_self();
    is_running = 1;
    port_protect(set_up_and_run, (void *)function);
    port_protect(tear_down, NULL);
    is_running = 0;
    UnityConcludeTest();
}

UNITY_NORETURN void UnityAbort(void)
{
    flush();
    if (!port_in_interrupt() && is_running && port_self() == test_task) {
        port_unwind(ABORTED);
    }
    /* On a chip the jump would go to another task's stack. */
    port_panic(port_in_interrupt() ? "A test assertion failed in an interrupt: no test case can be left from there"
                                   : "A test assertion failed in a task of the test case's own: only the test's task can leave it",
               NULL, 0, NULL);
}

void unity_begin_failure(UNITY_LINE_TYPE line)
{
    print_place(line);
    UnityPrint("FAIL:");
}

UNITY_NORETURN void unity_end_failure(const char *message)
{
    if (message != NULL) {
        UnityPrint(". ");
        UnityPrint(message);
    }
    UnityPrint("\n");
    Unity.CurrentTestFailed = 1;
    UnityAbort();
}

UNITY_NORETURN void UnityFail(const char *message, UNITY_LINE_TYPE line)
{
    print_place(line);
    UnityPrint("FAIL");
    print_message(message);
    unity_end_failure(NULL);
}

UNITY_NORETURN void UnityFailCondition(const char *what, const char *message, UNITY_LINE_TYPE line)
{
    unity_begin_failure(line);
    UnityPrint(what);
    unity_end_failure(message);
}

UNITY_NORETURN void UnityIgnore(const char *message, UNITY_LINE_TYPE line)
{
    print_place(line);
    UnityPrint("IGNORE");
    print_message(message);
    UnityPrint("\n");
    Unity.CurrentTestIgnored = 1;
    UnityAbort();
}

UNITY_NORETURN void UnityPass(const char *message, UNITY_LINE_TYPE line)
{
    if (message != NULL) {
        UnityMessage(message, line);
    }
    UnityAbort();
}

void UnityMessage(const char *message, UNITY_LINE_TYPE line)
{
    print_place(line);
    UnityPrint("INFO");
    print_message(message);
    UnityPrint("\n");
}

void UnityPrintF(UNITY_LINE_TYPE line, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    UnityMessage(text, line);
}

/* An app that has its own is linked with its own. */
__attribute__((weak)) void setUp(void)
{
}

__attribute__((weak)) void tearDown(void)
{
}

__attribute__((weak)) void suiteSetUp(void)
{
}

__attribute__((weak)) int suiteTearDown(int num_failures)
{
    return num_failures;
}
