/* Names of errors, and what ESP_ERROR_CHECK says. */
#include "esp_err.h"

#include <stdio.h>
#include <string.h>

#include "port.h"

#define NAMED(code) {code, #code}

static const struct {
    esp_err_t code;
    const char *name;
} names[] = {
    NAMED(ESP_OK),
    NAMED(ESP_FAIL),
    NAMED(ESP_ERR_NO_MEM),
    NAMED(ESP_ERR_INVALID_ARG),
    NAMED(ESP_ERR_INVALID_STATE),
    NAMED(ESP_ERR_INVALID_SIZE),
    NAMED(ESP_ERR_NOT_FOUND),
    NAMED(ESP_ERR_NOT_SUPPORTED),
    NAMED(ESP_ERR_TIMEOUT),
    NAMED(ESP_ERR_INVALID_RESPONSE),
    NAMED(ESP_ERR_INVALID_CRC),
    NAMED(ESP_ERR_INVALID_VERSION),
    NAMED(ESP_ERR_INVALID_MAC),
    NAMED(ESP_ERR_NOT_FINISHED),
    NAMED(ESP_ERR_NOT_ALLOWED),
};

static const char *name_of(esp_err_t code)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return NULL;
}

const char *esp_err_to_name(esp_err_t code)
{
    const char *name = name_of(code);
    return name != NULL ? name : "UNKNOWN ERROR";
}

const char *esp_err_to_name_r(esp_err_t code, char *buffer, size_t bytes)
{
    const char *name = name_of(code);
    if (name != NULL) {
        snprintf(buffer, bytes, "%s", name);
    } else {
        /* Maybe an errno. */
        const char *text = code > 0 && code < 0x100 ? strerror(code) : NULL;
        if (text != NULL && strncmp(text, "Unknown", 7) != 0 && strncmp(text, "No error", 8) != 0) {
            snprintf(buffer, bytes, "%s", text);
        } else {
            snprintf(buffer, bytes, "UNKNOWN ERROR 0x%x(%d)", (unsigned)code, code);
        }
    }
    return buffer;
}

/* Code has no addresses here: where it was follows as file and line. */
static void say(char *text, size_t bytes, const char *macro, esp_err_t code, const char *file, int line,
                const char *function, const char *expression)
{
    snprintf(text, bytes, "%s failed: esp_err_t 0x%x (%s) at 0x00000000\nfile: \"%s\" line %d\nfunc: %s\nexpression: %s", macro,
             (unsigned)code, esp_err_to_name(code), file, line, function, expression);
}

void _esp_error_check_failed(esp_err_t code, const char *file, int line, const char *function, const char *expression)
{
    char text[320];
    say(text, sizeof text, "ESP_ERROR_CHECK", code, file, line, function, expression);
    port_panic(text, file, line, function);
}

void _esp_error_check_failed_without_abort(esp_err_t code, const char *file, int line, const char *function,
                                           const char *expression)
{
    char text[320];
    say(text, sizeof text, "ESP_ERROR_CHECK_WITHOUT_ABORT", code, file, line, function, expression);
    printf("%s\n", text);
}
