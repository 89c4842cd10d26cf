/* What test apps for ESP-IDF before 5.2 share. Devices beside the chip, partitions and a reference clock are not modelled. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "memory_checks.h"
#include "sdkconfig.h"
#include "unity.h"

/* The task in which an app runs its cases, if the app keeps to it: app_main is another. */
#define UNITY_FREERTOS_PRIORITY CONFIG_UNITY_FREERTOS_PRIORITY
#define UNITY_FREERTOS_CPU CONFIG_UNITY_FREERTOS_CPU
#define UNITY_FREERTOS_STACK_SIZE CONFIG_UNITY_FREERTOS_STACK_SIZE

/* Tells a figure; one that has a limit, IDF_PERFORMANCE_MAX_… or …_MIN_…, is checked against it. */
#define IDF_LOG_PERFORMANCE(item, value_fmt, value, ...) \
    printf("[Performance][%s]: " value_fmt "\n", item, value, ##__VA_ARGS__)

#define PERFORMANCE_STR(s) #s
#define PERFORMANCE_CON(a, b) PERFORMANCE_CON_(a, b)
#define PERFORMANCE_CON_(a, b) a##b

#define TEST_PERFORMANCE_LESS_THAN(name, value_fmt, value, ...)                \
    do {                                                                       \
        IDF_LOG_PERFORMANCE(#name, value_fmt, value, ##__VA_ARGS__);           \
        TEST_ASSERT((value) < PERFORMANCE_CON(IDF_PERFORMANCE_MAX_, name));    \
    } while (0)

#define TEST_PERFORMANCE_GREATER_THAN(name, value_fmt, value, ...)             \
    do {                                                                       \
        IDF_LOG_PERFORMANCE(#name, value_fmt, value, ##__VA_ARGS__);           \
        TEST_ASSERT((value) > PERFORMANCE_CON(IDF_PERFORMANCE_MIN_, name));    \
    } while (0)

/* ccomp_timer.h leaves out what the cache costs: a virtual chip has no such costs, its figures are checked. */
#define TEST_PERFORMANCE_CCOMP_LESS_THAN(name, value_fmt, value, ...) \
    TEST_PERFORMANCE_LESS_THAN(name, value_fmt, value, ##__VA_ARGS__)
#define TEST_PERFORMANCE_CCOMP_GREATER_THAN(name, value_fmt, value, ...) \
    TEST_PERFORMANCE_GREATER_THAN(name, value_fmt, value, ##__VA_ARGS__)
