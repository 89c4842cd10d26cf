/* Assertions that compare. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "unity_internals_private.h"

#define FLOAT_TOLERANCE 0.00001
#define DOUBLE_TOLERANCE 1e-12

/* No element: what is compared is one value. */
#define NO_ELEMENT UINT32_MAX

/* A value as its kind holds it. */
static UNITY_INT narrow(UNITY_INT value, int style)
{
    if (style & UNITY_AS_GIVEN_) {
        return value;
    }
    bool is_signed = (style & UNITY_SIGNED_) != 0;
    switch (style & UNITY_BYTES_) {
    case 1:
        return is_signed ? (UNITY_INT)(int8_t)value : (UNITY_INT)(uint8_t)value;
    case 2:
        return is_signed ? (UNITY_INT)(int16_t)value : (UNITY_INT)(uint16_t)value;
    case 4:
        return is_signed ? (UNITY_INT)(int32_t)value : (UNITY_INT)(uint32_t)value;
    default:
        return value;
    }
}

static bool is_less(UNITY_INT a, UNITY_INT b, int style)
{
    return (style & UNITY_UNSIGNED_) ? (UNITY_UINT)a < (UNITY_UINT)b : a < b;
}

/* How far apart two values are, which may be more than the type of them holds. */
static UNITY_UINT distance(UNITY_INT a, UNITY_INT b, int style)
{
    return is_less(a, b, style) ? (UNITY_UINT)b - (UNITY_UINT)a : (UNITY_UINT)a - (UNITY_UINT)b;
}

static void print_element(uint32_t element)
{
    if (element != NO_ELEMENT) {
        UnityPrint(" Element ");
        UnityPrintNumberUnsigned(element);
    }
}

static const char *relation(enum unity_compare compare)
{
    switch (compare) {
    case UNITY_GT:
        return " to be greater than ";
    case UNITY_LT:
        return " to be less than ";
    case UNITY_GE:
        return " to be greater than or equal to ";
    case UNITY_LE:
        return " to be less than or equal to ";
    default:
        return " to be not equal to ";
    }
}

void UnityAssertNumber(UNITY_INT threshold, UNITY_INT actual, enum unity_compare compare, int style, const char *message,
                       UNITY_LINE_TYPE line)
{
    UNITY_INT other = narrow(threshold, style);
    UNITY_INT value = narrow(actual, style);
    bool below = is_less(value, other, style);
    bool above = is_less(other, value, style);
    const bool holds[] = {!below && !above, below || above, above, below, !below, !above};
    if (holds[compare]) {
        return;
    }
    unity_begin_failure(line);
    UnityPrint(" Expected ");
    unity_print_value(compare == UNITY_EQ ? other : value, style);
    UnityPrint(compare == UNITY_EQ ? " Was " : relation(compare));
    unity_print_value(compare == UNITY_EQ ? value : other, style);
    unity_end_failure(message);
}

static UNITY_NORETURN void fail_within(uint32_t element, UNITY_UINT delta, UNITY_INT expected, UNITY_INT actual, int style,
                                       const char *message, UNITY_LINE_TYPE line)
{
    unity_begin_failure(line);
    if (delta != 0) {
        UnityPrint(" Values Not Within Delta ");
        UnityPrintNumberUnsigned(delta);
    }
    print_element(element);
    UnityPrint(" Expected ");
    unity_print_value(expected, style);
    UnityPrint(" Was ");
    unity_print_value(actual, style);
    unity_end_failure(message);
}

void UnityAssertNumbersWithin(UNITY_UINT delta, UNITY_INT expected, UNITY_INT actual, int style, const char *message,
                              UNITY_LINE_TYPE line)
{
    UNITY_INT other = narrow(expected, style);
    UNITY_INT value = narrow(actual, style);
    if (distance(other, value, style) > delta) {
        fail_within(NO_ELEMENT, delta, other, value, style, message, line);
    }
}

void UnityAssertBits(UNITY_INT mask, UNITY_INT expected, UNITY_INT actual, const char *message, UNITY_LINE_TYPE line)
{
    if ((mask & expected) != (mask & actual)) {
        unity_begin_failure(line);
        UnityPrint(" Expected ");
        unity_print_value(mask & expected, UNITY_HEX32_);
        UnityPrint(" Was ");
        unity_print_value(mask & actual, UNITY_HEX32_);
        UnityPrint(" of the bits ");
        unity_print_value(mask, UNITY_HEX32_);
        unity_end_failure(message);
    }
}

static UNITY_INT element_of(const void *array, uint32_t element, int style)
{
    UNITY_INT value = 0;
    uint32_t bytes = style & UNITY_BYTES_;
    memcpy(&value, (const char *)array + element * bytes, bytes);
    /* The elements of an array have the size of their type. */
    return narrow(value, style & ~UNITY_AS_GIVEN_);
}

/* Two arrays that are one, or lengths of nothing, are no comparison. */
static bool is_comparable(const void *expected, const void *actual, uint32_t elements, const char *message,
                          UNITY_LINE_TYPE line)
{
    if (elements == 0) {
        UnityFailCondition(" You Asked Me To Compare Nothing, Which Was Pointless.", message, line);
    }
    if (expected == actual) {
        return false;
    }
    if (expected == NULL) {
        UnityFailCondition(" Expected pointer to be NULL", message, line);
    }
    if (actual == NULL) {
        UnityFailCondition(" Actual pointer was NULL", message, line);
    }
    return true;
}

void UnityAssertArray(const void *expected, const void *actual, uint32_t elements, UNITY_UINT delta, int style,
                      enum unity_elements which, const char *message, UNITY_LINE_TYPE line)
{
    if (!is_comparable(expected, actual, elements, message, line)) {
        return;
    }
    for (uint32_t i = 0; i < elements; i++) {
        UNITY_INT other = element_of(expected, which == UNITY_EACH_THE_SAME ? 0 : i, style);
        UNITY_INT value = element_of(actual, i, style);
        if (distance(other, value, style) > delta) {
            fail_within(i, delta, other, value, style, message, line);
        }
    }
}

void UnityAssertEach(UNITY_INT expected, const void *actual, uint32_t elements, int style, const char *message,
                     UNITY_LINE_TYPE line)
{
    UnityAssertArray(&expected, actual, elements, 0, style, UNITY_EACH_THE_SAME, message, line);
}

static void print_text(const char *text, size_t most)
{
    if (text == NULL) {
        UnityPrint("NULL");
        return;
    }
    UnityPrint("'");
    UnityPrintLen(text, strnlen(text, most));
    UnityPrint("'");
}

static void assert_text(const char *expected, const char *actual, size_t most, uint32_t element, const char *message,
                        UNITY_LINE_TYPE line)
{
    bool is_equal = expected == NULL || actual == NULL ? expected == actual : strncmp(expected, actual, most) == 0;
    if (is_equal) {
        return;
    }
    unity_begin_failure(line);
    print_element(element);
    UnityPrint(" Expected ");
    print_text(expected, most);
    UnityPrint(" Was ");
    print_text(actual, most);
    unity_end_failure(message);
}

void UnityAssertString(const char *expected, const char *actual, size_t most, const char *message, UNITY_LINE_TYPE line)
{
    assert_text(expected, actual, most, NO_ELEMENT, message, line);
}

void UnityAssertStrings(const char *const *expected, const char *const *actual, uint32_t elements,
                        enum unity_elements which, const char *message, UNITY_LINE_TYPE line)
{
    if (!is_comparable(expected, actual, elements, message, line)) {
        return;
    }
    for (uint32_t i = 0; i < elements; i++) {
        assert_text(expected[which == UNITY_EACH_THE_SAME ? 0 : i], actual[i], SIZE_MAX, i, message, line);
    }
}

void UnityAssertMemory(const void *expected, const void *actual, uint32_t length, uint32_t elements,
                       enum unity_elements which, const char *message, UNITY_LINE_TYPE line)
{
    if (!is_comparable(expected, actual, length == 0 ? 0 : elements, message, line)) {
        return;
    }
    for (uint32_t i = 0; i < elements; i++) {
        const uint8_t *wanted = (const uint8_t *)expected + (which == UNITY_EACH_THE_SAME ? 0 : i * length);
        const uint8_t *found = (const uint8_t *)actual + i * length;
        for (uint32_t byte = 0; byte < length; byte++) {
            if (wanted[byte] == found[byte]) {
                continue;
            }
            unity_begin_failure(line);
            UnityPrint(" Memory Mismatch.");
            print_element(elements > 1 ? i : NO_ELEMENT);
            UnityPrint(" Byte ");
            UnityPrintNumberUnsigned(byte);
            UnityPrint(" Expected ");
            unity_print_value(wanted[byte], UNITY_HEX8_);
            UnityPrint(" Was ");
            unity_print_value(found[byte], UNITY_HEX8_);
            unity_end_failure(message);
        }
    }
}

/* What is no number is equal to itself here, and so is infinity. */
static bool is_near(double delta, double expected, double actual)
{
    if (isnan(expected) || isnan(actual)) {
        return isnan(expected) && isnan(actual);
    }
    if (isinf(expected) || isinf(actual)) {
        return expected == actual;
    }
    return fabs(actual - expected) <= fabs(delta);
}

static UNITY_NORETURN void fail_real(uint32_t element, double expected, double actual, enum unity_compare compare,
                                     const char *message, UNITY_LINE_TYPE line)
{
    unity_begin_failure(line);
    print_element(element);
    UnityPrint(" Expected ");
    UnityPrintFloat(compare == UNITY_EQ ? expected : actual);
    UnityPrint(compare == UNITY_EQ ? " Was " : relation(compare));
    UnityPrintFloat(compare == UNITY_EQ ? actual : expected);
    unity_end_failure(message);
}

void UnityAssertReal(double delta, double expected, double actual, enum unity_compare compare, int bytes,
                     const char *message, UNITY_LINE_TYPE line)
{
    if (bytes == UNITY_FLOAT_) {
        expected = (float)expected;
        actual = (float)actual;
    }
    bool near = is_near(delta, expected, actual);
    const bool holds[] = {near, !near, actual > expected, actual < expected, actual > expected || near,
                          actual < expected || near};
    if (!holds[compare]) {
        fail_real(NO_ELEMENT, expected, actual, compare, message, line);
    }
}

static double real_of(const void *array, uint32_t element, int bytes)
{
    return bytes == UNITY_FLOAT_ ? ((const float *)array)[element] : ((const double *)array)[element];
}

void UnityAssertReals(double delta, const void *expected, const void *actual, uint32_t elements, int bytes,
                      enum unity_elements which, const char *message, UNITY_LINE_TYPE line)
{
    if (!is_comparable(expected, actual, elements, message, line)) {
        return;
    }
    double tolerance = bytes == UNITY_FLOAT_ ? FLOAT_TOLERANCE : DOUBLE_TOLERANCE;
    for (uint32_t i = 0; i < elements; i++) {
        double other = real_of(expected, which == UNITY_EACH_THE_SAME ? 0 : i, bytes);
        double value = real_of(actual, i, bytes);
        if (!is_near(delta < 0 ? tolerance * other : delta, other, value)) {
            fail_real(i, other, value, UNITY_EQ, message, line);
        }
    }
}

void UnityAssertTrait(double actual, enum unity_trait trait, int wanted, const char *message, UNITY_LINE_TYPE line)
{
    static const char *const names[] = {"Infinity", "Negative Infinity", "NaN", "Determinate"};
    const bool has[] = {isinf(actual) && actual > 0, isinf(actual) && actual < 0, isnan(actual) != 0, isfinite(actual) != 0};
    if (has[trait] == (wanted != 0)) {
        return;
    }
    unity_begin_failure(line);
    UnityPrint(wanted ? " Expected " : " Expected Not ");
    UnityPrint(names[trait]);
    UnityPrint(" Was ");
    UnityPrintFloat(actual);
    unity_end_failure(message);
}
