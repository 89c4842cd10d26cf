/* Logging: `I (123) tag: text`, in milliseconds since the start. */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>

#include "sdkconfig.h"
#include "esp_rom_sys.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_LOG_NONE = 0,
    ESP_LOG_ERROR = 1,
    ESP_LOG_WARN = 2,
    ESP_LOG_INFO = 3,
    ESP_LOG_DEBUG = 4,
    ESP_LOG_VERBOSE = 5,
    ESP_LOG_MAX = 6,
} esp_log_level_t;

typedef int (*vprintf_like_t)(const char *, va_list);

/* "*" is every tag that has no level of its own, and forgets those. */
void esp_log_level_set(const char *tag, esp_log_level_t level);
esp_log_level_t esp_log_level_get(const char *tag);
void esp_log_set_default_level(esp_log_level_t level);
esp_log_level_t esp_log_get_default_level(void);
vprintf_like_t esp_log_set_vprintf(vprintf_like_t function);
uint32_t esp_log_timestamp(void);
uint32_t esp_log_early_timestamp(void);
char *esp_log_system_timestamp(void);
void esp_log_write(esp_log_level_t level, const char *tag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void esp_log_writev(esp_log_level_t level, const char *tag, const char *format, va_list args);

void esp_log_buffer_hex_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level);
void esp_log_buffer_char_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level);
void esp_log_buffer_hexdump_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level);

#ifndef LOG_LOCAL_LEVEL
#ifdef CONFIG_LOG_MAXIMUM_LEVEL
#define LOG_LOCAL_LEVEL CONFIG_LOG_MAXIMUM_LEVEL
#else
#define LOG_LOCAL_LEVEL ESP_LOG_INFO
#endif
#endif

#define LOG_COLOR_BLACK "30"
#define LOG_COLOR_RED "31"
#define LOG_COLOR_GREEN "32"
#define LOG_COLOR_BROWN "33"
#define LOG_COLOR_BLUE "34"
#define LOG_COLOR_PURPLE "35"
#define LOG_COLOR_CYAN "36"
#define LOG_COLOR(color) "\033[0;" color "m"
#define LOG_BOLD(color) "\033[1;" color "m"
#if CONFIG_LOG_COLORS
#define LOG_RESET_COLOR "\033[0m"
#define LOG_COLOR_E LOG_COLOR(LOG_COLOR_RED)
#define LOG_COLOR_W LOG_COLOR(LOG_COLOR_BROWN)
#define LOG_COLOR_I LOG_COLOR(LOG_COLOR_GREEN)
#else
#define LOG_RESET_COLOR ""
#define LOG_COLOR_E ""
#define LOG_COLOR_W ""
#define LOG_COLOR_I ""
#endif
#define LOG_COLOR_D ""
#define LOG_COLOR_V ""

#define LOG_FORMAT(letter, format) LOG_COLOR_##letter #letter " (%" PRIu32 ") %s: " format LOG_RESET_COLOR "\n"
#define LOG_SYSTEM_TIME_FORMAT(letter, format) LOG_COLOR_##letter #letter " (%s) %s: " format LOG_RESET_COLOR "\n"

#define ESP_LOG_ENABLED(level) (LOG_LOCAL_LEVEL >= (level))
#define ESP_LOG_AT(level, letter, tag, format, ...)                                                             \
    do {                                                                                                        \
        if (ESP_LOG_ENABLED(level)) {                                                                           \
            esp_log_write(level, tag, LOG_FORMAT(letter, format), esp_log_timestamp(), tag, ##__VA_ARGS__);     \
        }                                                                                                       \
    } while (0)

#define ESP_LOGE(tag, format, ...) ESP_LOG_AT(ESP_LOG_ERROR, E, tag, format, ##__VA_ARGS__)
#define ESP_LOGW(tag, format, ...) ESP_LOG_AT(ESP_LOG_WARN, W, tag, format, ##__VA_ARGS__)
#define ESP_LOGI(tag, format, ...) ESP_LOG_AT(ESP_LOG_INFO, I, tag, format, ##__VA_ARGS__)
#define ESP_LOGD(tag, format, ...) ESP_LOG_AT(ESP_LOG_DEBUG, D, tag, format, ##__VA_ARGS__)
#define ESP_LOGV(tag, format, ...) ESP_LOG_AT(ESP_LOG_VERBOSE, V, tag, format, ##__VA_ARGS__)

#define ESP_LOG_LEVEL(level, tag, format, ...)                                              \
    do {                                                                                    \
        switch (level) {                                                                    \
            case ESP_LOG_ERROR: ESP_LOG_AT(ESP_LOG_ERROR, E, tag, format, ##__VA_ARGS__); break; \
            case ESP_LOG_WARN: ESP_LOG_AT(ESP_LOG_WARN, W, tag, format, ##__VA_ARGS__); break;   \
            case ESP_LOG_DEBUG: ESP_LOG_AT(ESP_LOG_DEBUG, D, tag, format, ##__VA_ARGS__); break; \
            case ESP_LOG_VERBOSE: ESP_LOG_AT(ESP_LOG_VERBOSE, V, tag, format, ##__VA_ARGS__); break; \
            default: ESP_LOG_AT(ESP_LOG_INFO, I, tag, format, ##__VA_ARGS__); break;             \
        }                                                                                   \
    } while (0)
#define ESP_LOG_LEVEL_LOCAL(level, tag, format, ...)               \
    do {                                                           \
        if (ESP_LOG_ENABLED(level)) {                              \
            ESP_LOG_LEVEL(level, tag, format, ##__VA_ARGS__);      \
        }                                                          \
    } while (0)

/* Without a look at the tag's level, and without a wait: from interrupts, too. */
#define ESP_LOG_EARLY_AT(level, letter, tag, format, ...)                                                 \
    do {                                                                                                  \
        if (ESP_LOG_ENABLED(level)) {                                                                     \
            esp_rom_printf(LOG_FORMAT(letter, format), esp_log_timestamp(), tag, ##__VA_ARGS__);          \
        }                                                                                                 \
    } while (0)

#define ESP_EARLY_LOGE(tag, format, ...) ESP_LOG_EARLY_AT(ESP_LOG_ERROR, E, tag, format, ##__VA_ARGS__)
#define ESP_EARLY_LOGW(tag, format, ...) ESP_LOG_EARLY_AT(ESP_LOG_WARN, W, tag, format, ##__VA_ARGS__)
#define ESP_EARLY_LOGI(tag, format, ...) ESP_LOG_EARLY_AT(ESP_LOG_INFO, I, tag, format, ##__VA_ARGS__)
#define ESP_EARLY_LOGD(tag, format, ...) ESP_LOG_EARLY_AT(ESP_LOG_DEBUG, D, tag, format, ##__VA_ARGS__)
#define ESP_EARLY_LOGV(tag, format, ...) ESP_LOG_EARLY_AT(ESP_LOG_VERBOSE, V, tag, format, ##__VA_ARGS__)

#define ESP_DRAM_LOGE(tag, format, ...) ESP_EARLY_LOGE(tag, format, ##__VA_ARGS__)
#define ESP_DRAM_LOGW(tag, format, ...) ESP_EARLY_LOGW(tag, format, ##__VA_ARGS__)
#define ESP_DRAM_LOGI(tag, format, ...) ESP_EARLY_LOGI(tag, format, ##__VA_ARGS__)
#define ESP_DRAM_LOGD(tag, format, ...) ESP_EARLY_LOGD(tag, format, ##__VA_ARGS__)
#define ESP_DRAM_LOGV(tag, format, ...) ESP_EARLY_LOGV(tag, format, ##__VA_ARGS__)

/* Sixteen bytes a line. */
#define ESP_LOG_BUFFER_AT(print, tag, buffer, bytes, level) \
    do {                                                    \
        if (ESP_LOG_ENABLED(level)) {                       \
            print(tag, buffer, bytes, level);               \
        }                                                   \
    } while (0)
#define ESP_LOG_BUFFER_HEX_LEVEL(tag, buffer, bytes, level) \
    ESP_LOG_BUFFER_AT(esp_log_buffer_hex_internal, tag, buffer, bytes, level)
#define ESP_LOG_BUFFER_CHAR_LEVEL(tag, buffer, bytes, level) \
    ESP_LOG_BUFFER_AT(esp_log_buffer_char_internal, tag, buffer, bytes, level)
#define ESP_LOG_BUFFER_HEXDUMP(tag, buffer, bytes, level) \
    ESP_LOG_BUFFER_AT(esp_log_buffer_hexdump_internal, tag, buffer, bytes, level)
#define ESP_LOG_BUFFER_HEX(tag, buffer, bytes) ESP_LOG_BUFFER_HEX_LEVEL(tag, buffer, bytes, ESP_LOG_INFO)
#define ESP_LOG_BUFFER_CHAR(tag, buffer, bytes) ESP_LOG_BUFFER_CHAR_LEVEL(tag, buffer, bytes, ESP_LOG_INFO)

#ifdef __cplusplus
}
#endif
