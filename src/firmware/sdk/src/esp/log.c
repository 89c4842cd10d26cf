/* Logging: levels of tags, and buffers as text. */
#include "esp_log.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_timer.h"
#include "port.h"

#ifdef CONFIG_LOG_DEFAULT_LEVEL
#define DEFAULT_LEVEL CONFIG_LOG_DEFAULT_LEVEL
#else
#define DEFAULT_LEVEL ESP_LOG_INFO
#endif

/* Tags that have a level of their own. The names are copies, since the caller's may change. */
#define TAGS 32
#define TAG_BYTES 24

static struct {
    char tag[TAG_BYTES];
    esp_log_level_t level;
} tags[TAGS];
static uint32_t tag_count;
static esp_log_level_t default_level = DEFAULT_LEVEL;
static vprintf_like_t log_print = vprintf;

/* With the lock held: where the tag is, or would be. */
static uint32_t find(const char *tag)
{
    uint32_t i = 0;
    while (i < tag_count && strncmp(tags[i].tag, tag, TAG_BYTES - 1) != 0) {
        i++;
    }
    return i;
}

void esp_log_level_set(const char *tag, esp_log_level_t level)
{
    port_enter_critical();
    if (strcmp(tag, "*") == 0) {
        default_level = level;
        tag_count = 0;
    } else {
        uint32_t i = find(tag);
        /* When the table is full the oldest makes room. */
        if (i == TAGS) {
            memmove(&tags[0], &tags[1], sizeof tags - sizeof tags[0]);
            i = --tag_count;
        }
        if (i == tag_count) {
            strncpy(tags[i].tag, tag, TAG_BYTES - 1);
            tags[i].tag[TAG_BYTES - 1] = '\0';
            tag_count++;
        }
        tags[i].level = level;
    }
    port_exit_critical();
}

esp_log_level_t esp_log_level_get(const char *tag)
{
    port_enter_critical();
    uint32_t i = tag == NULL ? tag_count : find(tag);
    esp_log_level_t level = i == tag_count ? default_level : tags[i].level;
    port_exit_critical();
    return level;
}

void esp_log_set_default_level(esp_log_level_t level)
{
    default_level = level;
}

esp_log_level_t esp_log_get_default_level(void)
{
    return default_level;
}

vprintf_like_t esp_log_set_vprintf(vprintf_like_t function)
{
    return __atomic_exchange_n(&log_print, function, __ATOMIC_SEQ_CST);
}

uint32_t esp_log_timestamp(void)
{
    return (uint32_t)(esp_timer_get_time() / 1000);
}

uint32_t esp_log_early_timestamp(void)
{
    return esp_log_timestamp();
}

char *esp_log_system_timestamp(void)
{
    static char text[20];
    uint32_t ms = esp_log_timestamp();
    port_enter_critical();
    snprintf(text, sizeof text, "%02u:%02u:%02u.%03u", (unsigned)(ms / 3600000 % 24), (unsigned)(ms / 60000 % 60),
             (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
    port_exit_critical();
    return text;
}

void esp_log_writev(esp_log_level_t level, const char *tag, const char *format, va_list args)
{
    if (level <= esp_log_level_get(tag)) {
        log_print(format, args);
    }
}

void esp_log_write(esp_log_level_t level, const char *tag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    esp_log_writev(level, tag, format, args);
    va_end(args);
}

/* ---- buffers ------------------------------------------------------------------------------------------------------- */

#define BYTES_A_LINE 16
#define LINE_CHARACTERS 96

/* With the level and the colour of ESP_LOG_LEVEL, but without its bound while compiling. */
static void log_line(esp_log_level_t level, const char *tag, const char *text)
{
    static const char *const formats[] = {
        "", LOG_FORMAT(E, "%s"), LOG_FORMAT(W, "%s"), LOG_FORMAT(I, "%s"), LOG_FORMAT(D, "%s"), LOG_FORMAT(V, "%s"),
    };
    if (level > ESP_LOG_NONE && level < ESP_LOG_MAX) {
        esp_log_write(level, tag, formats[level], esp_log_timestamp(), tag, text);
    }
}

static char *append(char *at, const char *format, unsigned value)
{
    return at + sprintf(at, format, value);
}

static unsigned printable(uint8_t byte)
{
    return isprint(byte) ? byte : '.';
}

void esp_log_buffer_hex_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level)
{
    const uint8_t *data = buffer;
    for (uint32_t from = 0; from < bytes; from += BYTES_A_LINE) {
        char line[LINE_CHARACTERS] = "";
        char *at = line;
        for (uint32_t i = from; i < bytes && i < from + BYTES_A_LINE; i++) {
            at = append(at, i == from ? "%02x" : " %02x", data[i]);
        }
        log_line(level, tag, line);
    }
}

void esp_log_buffer_char_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level)
{
    const uint8_t *data = buffer;
    for (uint32_t from = 0; from < bytes; from += BYTES_A_LINE) {
        char line[LINE_CHARACTERS] = "";
        char *at = line;
        for (uint32_t i = from; i < bytes && i < from + BYTES_A_LINE; i++) {
            at = append(at, "%c", data[i]);
        }
        log_line(level, tag, line);
    }
}

/* `0x3fc9a5b0   48 65 6c 6c 6f 20 45 53  50 33 32 20 69 73 20 67  |Hello ESP32 is g|` */
void esp_log_buffer_hexdump_internal(const char *tag, const void *buffer, uint16_t bytes, esp_log_level_t level)
{
    const uint8_t *data = buffer;
    for (uint32_t from = 0; from < bytes; from += BYTES_A_LINE) {
        char line[LINE_CHARACTERS] = "";
        char *at = append(line, "0x%08x ", (unsigned)(uintptr_t)(data + from));
        for (uint32_t i = from; i < from + BYTES_A_LINE; i++) {
            if ((i & 7) == 0) {
                *at++ = ' ';
            }
            at = i < bytes ? append(at, " %02x", data[i]) : append(at, "   ", 0);
        }
        at = append(at, "  |", 0);
        for (uint32_t i = from; i < bytes && i < from + BYTES_A_LINE; i++) {
            *at++ = (char)printable(data[i]);
        }
        *at++ = '|';
        *at = '\0';
        log_line(level, tag, line);
    }
}
