/* The chip as a whole, its processor and its ROM. */
#include "esp_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ccomp_timer.h"
#include "esp_cpu.h"
#include "esp_efuse.h"
#include "esp_flash_encrypt.h"
#include "esp_heap_caps.h"
#include "esp_newlib.h"
#include "esp_private/esp_clk.h"
#include "esp_random.h"
#include "esp_rom_sys.h"
#include "esp_timer.h"
#include "firmware_target.h"
#include "hal/efuse_hal.h"
#include "idf_host.h"
#include "port.h"

/* ---- the end ------------------------------------------------------------------------------------------------------- */

#define SHUTDOWN_HANDLERS 5

static shutdown_handler_t handlers[SHUTDOWN_HANDLERS];

esp_err_t esp_register_shutdown_handler(shutdown_handler_t handler)
{
    for (int i = 0; i < SHUTDOWN_HANDLERS; i++) {
        if (handlers[i] == handler) {
            return ESP_ERR_INVALID_STATE;
        }
        if (handlers[i] == NULL) {
            handlers[i] = handler;
            return ESP_OK;
        }
    }
    return ESP_ERR_NO_MEM;
}

esp_err_t esp_unregister_shutdown_handler(shutdown_handler_t handler)
{
    for (int i = 0; i < SHUTDOWN_HANDLERS; i++) {
        if (handlers[i] == handler && handler != NULL) {
            memmove(&handlers[i], &handlers[i + 1], (SHUTDOWN_HANDLERS - 1 - i) * sizeof handlers[0]);
            handlers[SHUTDOWN_HANDLERS - 1] = NULL;
            return ESP_OK;
        }
    }
    return ESP_ERR_INVALID_STATE;
}

void esp_restart(void)
{
    for (int i = SHUTDOWN_HANDLERS - 1; i >= 0; i--) {
        if (handlers[i] != NULL) {
            handlers[i]();
        }
    }
    port_restart(0);
}

esp_reset_reason_t esp_reset_reason(void)
{
    return ESP_RST_POWERON;
}

void esp_system_abort(const char *details)
{
    port_panic(details, NULL, 0, NULL);
}

void abort(void)
{
    /* Code has no addresses here: where it was is in the backtrace. */
    char text[64];
    snprintf(text, sizeof text, "abort() was called at PC 0x00000000 on core %u", (unsigned)port_core());
    port_panic(text, NULL, 0, NULL);
}

void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    const char *slash = strrchr(file, '/');
    char text[256];
    snprintf(text, sizeof text, "assert failed: %s %s:%d (%s)", function, slash != NULL ? slash + 1 : file, line, expression);
    port_panic(text, file, line, function);
}

/* As the C library's own assert calls it. */
void __assert_fail(const char *expression, const char *file, int line, const char *function)
{
    __assert_func(file, line, function, expression);
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

uint32_t esp_get_free_heap_size(void)
{
    return heap_caps_get_free_size(MALLOC_CAP_DEFAULT);
}

uint32_t esp_get_free_internal_heap_size(void)
{
    return heap_caps_get_free_size(MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
}

uint32_t esp_get_minimum_free_heap_size(void)
{
    return heap_caps_get_minimum_free_size(MALLOC_CAP_DEFAULT);
}

/* ---- random -------------------------------------------------------------------------------------------------------- */

uint32_t esp_random(void)
{
    return port_random();
}

void esp_fill_random(void *buffer, size_t bytes)
{
    uint8_t *at = buffer;
    while (bytes > 0) {
        uint32_t word = port_random();
        size_t part = bytes < sizeof word ? bytes : sizeof word;
        memcpy(at, &word, part);
        at += part;
        bytes -= part;
    }
}

/* ---- processor ----------------------------------------------------------------------------------------------------- */

#define CPU_MHZ (FIRMWARE_TARGET_CPU_HZ / 1000000)

int esp_clk_cpu_freq(void)
{
    return FIRMWARE_TARGET_CPU_HZ;
}

uint32_t esp_rom_get_cpu_ticks_per_us(void)
{
    return CPU_MHZ;
}

int esp_cpu_get_core_id(void)
{
    return (int)port_core();
}

esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void)
{
    return (esp_cpu_cycle_count_t)(port_time_us() * CPU_MHZ);
}

bool esp_cpu_dbgr_is_attached(void)
{
    return false;
}

bool esp_cpu_compare_and_set(volatile uint32_t *address, uint32_t expected, uint32_t value)
{
    return __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void esp_rom_delay_us(uint32_t us)
{
    int64_t end = port_time_us() + us;
    while (port_time_us() < end) {
    }
}

void ets_delay_us(uint32_t us)
{
    esp_rom_delay_us(us);
}

/* ---- time of code -------------------------------------------------------------------------------------------------- */

static int64_t ccomp_started = -1;

esp_err_t ccomp_timer_start(void)
{
    if (ccomp_started >= 0) {
        return ESP_ERR_INVALID_STATE;
    }
    ccomp_started = port_time_us();
    return ESP_OK;
}

int64_t ccomp_timer_get_time(void)
{
    return ccomp_started < 0 ? 0 : port_time_us() - ccomp_started;
}

int64_t ccomp_timer_stop(void)
{
    int64_t elapsed = ccomp_started < 0 ? -1 : ccomp_timer_get_time();
    ccomp_started = -1;
    return elapsed;
}

/* ---- fuses --------------------------------------------------------------------------------------------------------- */

bool efuse_hal_flash_encryption_enabled(void)
{
    return idf_flash_encryption() != 0;
}

uint32_t efuse_hal_chip_revision(void)
{
    return 0;
}

bool esp_efuse_is_flash_encryption_enabled(void)
{
    return idf_flash_encryption() != 0;
}

bool esp_flash_encryption_enabled(void)
{
    return idf_flash_encryption() != 0;
}

const char *esp_get_idf_version(void)
{
    return IDF_VER;
}

void esp_reent_cleanup(void)
{
    /* Nothing is kept for a task. */
}
