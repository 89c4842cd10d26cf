/* ESP-IDF's test runner: cases that register themselves, and a menu to choose from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*test_func)(void);

typedef struct test_desc_t {
    const char *name;
    const char *desc;
    test_func *fn;
    const char *file;
    int line;
    uint8_t test_fn_count;
    const char **test_fn_name;
    struct test_desc_t *next;
} test_desc_t;

void unity_testcase_register(test_desc_t *desc);

#define UNITY_JOIN_(a, b) a##b
#define UNITY_JOIN(a, b) UNITY_JOIN_(a, b)
#define UNITY_TEST_UID(what) UNITY_JOIN(what, __LINE__)
#define UNITY_COUNT_(_1, _2, _3, _4, _5, _6, _7, _8, _9, n, ...) n
#define UNITY_COUNT(...) UNITY_COUNT_(__VA_ARGS__, 9, 8, 7, 6, 5, 4, 3, 2, 1)

/* A constructor puts the case into the list, in the order in which they are written. */
#define UNITY_REGISTER_(name_, desc_, functions_, count_)                                                            \
    static void __attribute__((constructor)) UNITY_TEST_UID(test_reg_helper_)(void)                                  \
    {                                                                                                                \
        static test_desc_t test_desc_ = {name_, desc_, functions_, __FILE__, __LINE__, count_, NULL, NULL};          \
        unity_testcase_register(&test_desc_);                                                                        \
    }

/* TEST_CASE("what it does", "[tag][other tag]") { … } */
#define TEST_CASE(name_, desc_)                                                                                      \
    static void UNITY_TEST_UID(test_func_)(void);                                                                    \
    static test_func UNITY_TEST_UID(test_fn_)[] = {UNITY_TEST_UID(test_func_)};                                      \
    UNITY_REGISTER_(name_, desc_, UNITY_TEST_UID(test_fn_), 1)                                                       \
    static void UNITY_TEST_UID(test_func_)(void)

/*
 * Stages have a reset between them, and devices are several chips: a virtual chip has neither. Such a case is in the list,
 * and is ignored with that reason.
 */
#define TEST_CASE_MULTIPLE_STAGES(name_, desc_, ...)                                                                 \
    static test_func UNITY_TEST_UID(test_fn_)[] = {__VA_ARGS__};                                                     \
    UNITY_REGISTER_(name_, desc_ "[multi_stage]", UNITY_TEST_UID(test_fn_), UNITY_COUNT(__VA_ARGS__))

#define TEST_CASE_MULTIPLE_DEVICES(name_, desc_, ...)                                                                \
    static test_func UNITY_TEST_UID(test_fn_)[] = {__VA_ARGS__};                                                     \
    UNITY_REGISTER_(name_, desc_ "[multi_device]", UNITY_TEST_UID(test_fn_), UNITY_COUNT(__VA_ARGS__))

/* Those are for the ESP32 only, which is no target here. */
#define TEST_CASE_ESP32(name_, desc_) __attribute__((unused)) static void UNITY_TEST_UID(test_func_)(void)
#define TEST_CASE_MULTIPLE_STAGES_ESP32(name_, desc_, ...)                                                           \
    __attribute__((unused)) static test_func UNITY_TEST_UID(test_fn_)[] = {__VA_ARGS__};
#define TEST_CASE_MULTIPLE_DEVICES_ESP32(name_, desc_, ...)                                                          \
    __attribute__((unused)) static test_func UNITY_TEST_UID(test_fn_)[] = {__VA_ARGS__};

void unity_run_test_by_index(int index);
void unity_run_test_by_name(const char *name);
/* invert: those that do not have the tag. */
void unity_run_tests_by_tag(const char *tag, bool invert);
void unity_run_all_tests(void);
int unity_get_test_count(void);
bool unity_get_test_info(int test_index, test_desc_t *out_info);

/*
 * Takes commands from the console: a number for a case, "name", [tag], ![tag], * for all, and an empty line for the list.
 * Without a console it runs all. When there are no more commands the firmware ends, with code 1 if a case has failed.
 */
void unity_run_menu(void);

#ifdef __cplusplus
}
#endif
