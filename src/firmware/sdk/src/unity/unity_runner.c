/* The list of test cases, and the menu that runs them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "port/port.h"
#include "unity_internals_private.h"

#define COMMAND_BYTES 256

static test_desc_t *first;
static test_desc_t *last;

/* Over all commands of a menu. */
static UNITY_UINT failures;

void unity_testcase_register(test_desc_t *desc)
{
    desc->next = NULL;
    if (first == NULL) {
        first = desc;
    } else {
        last->next = desc;
    }
    last = desc;
}

int unity_get_test_count(void)
{
    int count = 0;
    for (const test_desc_t *test = first; test != NULL; test = test->next) {
        count++;
    }
    return count;
}

static const test_desc_t *test_at(int index)
{
    const test_desc_t *test = first;
    while (test != NULL && index > 0) {
        test = test->next;
        index--;
    }
    return index < 0 ? NULL : test;
}

bool unity_get_test_info(int test_index, test_desc_t *out_info)
{
    const test_desc_t *test = test_at(test_index);
    if (test != NULL) {
        *out_info = *test;
    }
    return test != NULL;
}

static void refuse(void)
{
    UnityIgnore(strstr(Unity.CurrentDetail1, "[multi_device]") != NULL ? "it needs several chips, and here is one"
                                                                        : "its stages have a reset between them, which a virtual chip does not make",
                Unity.CurrentTestLineNumber);
}

static void run(const test_desc_t *test)
{
    UnityPrint("Running ");
    UnityPrint(test->name);
    UnityPrint("...\n");
    Unity.TestFile = test->file;
    Unity.CurrentDetail1 = test->desc;
    int64_t began = port_time_us();
    UnityDefaultTestRun(test->test_fn_count == 1 ? test->fn[0] : refuse, test->name, test->line);
    UnityPrint("Test ran in ");
    UnityPrintNumberUnsigned((UNITY_UINT)(port_time_us() - began) / 1000);
    UnityPrint("ms\n");
}

void unity_run_test_by_index(int index)
{
    const test_desc_t *test = test_at(index);
    if (test != NULL) {
        run(test);
    }
}

void unity_run_test_by_name(const char *name)
{
    for (const test_desc_t *test = first; test != NULL; test = test->next) {
        if (strcmp(test->name, name) == 0) {
            run(test);
        }
    }
}

void unity_run_tests_by_tag(const char *tag, bool invert)
{
    UnityPrint(invert ? "Running tests NOT matching '" : "Running tests matching '");
    UnityPrint(tag);
    UnityPrint("'...\n");
    for (const test_desc_t *test = first; test != NULL; test = test->next) {
        if ((strstr(test->desc, tag) != NULL) != invert) {
            run(test);
        }
    }
}

void unity_run_all_tests(void)
{
    for (const test_desc_t *test = first; test != NULL; test = test->next) {
        run(test);
    }
}

static void print_menu(void)
{
    UnityPrint("\n\nHere's the test menu, pick your combo:\n");
    int number = 1;
    for (const test_desc_t *test = first; test != NULL; test = test->next, number++) {
        UnityPrint("(");
        UnityPrintNumber(number);
        UnityPrint(")\t\"");
        UnityPrint(test->name);
        UnityPrint("\" ");
        UnityPrint(test->desc);
        UnityPrint("\n");
    }
    UnityPrint("\nEnter test for running.\n");
}

/* A line of the console, without its end. False when there are no more. */
static bool read_command(char *command)
{
    uint32_t length = 0;
    char character;
    while (port_read(&character, 1) == 1) {
        if (character == '\n') {
            command[length] = 0;
            return true;
        }
        if (character != '\r' && length < COMMAND_BYTES - 1) {
            command[length++] = character;
        }
    }
    command[length] = 0;
    return length > 0;
}

static void carry_out(char *command)
{
    bool invert = command[0] == '!';
    char *what = invert ? command + 1 : command;
    UNITY_BEGIN();
    if (what[0] == '*') {
        unity_run_all_tests();
    } else if (what[0] == '[') {
        unity_run_tests_by_tag(what, invert);
    } else if (what[0] == '"') {
        char *end = strrchr(what, '"');
        if (end > what) {
            *end = 0;
            unity_run_test_by_name(what + 1);
        }
    } else {
        int number = atoi(what);
        if (number > 0) {
            unity_run_test_by_index(number - 1);
        }
    }
    failures += (UNITY_UINT)UNITY_END();
    UnityPrint("Enter next test, or 'enter' to see menu\n");
}

void unity_run_menu(void)
{
    char command[COMMAND_BYTES];
    bool has_console = false;
    UnityPrint("\n\nPress ENTER to see the list of tests.\n");
    while (read_command(command)) {
        has_console = true;
        if (command[0] == 0) {
            print_menu();
        } else {
            carry_out(command);
        }
    }
    if (!has_console) {
        carry_out((char[]){"*"});
    }
    port_restart(failures == 0 ? 0 : 1);
}
