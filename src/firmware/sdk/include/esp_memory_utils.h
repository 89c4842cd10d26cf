/* What kind of memory an address is in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "firmware_target.h"
#include "esp_attr.h"
#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

bool esp_ptr_external_ram(const void *p);
bool esp_ptr_dma_ext_capable(const void *p);
bool esp_ptr_executable(const void *p);
bool esp_ptr_byte_accessible(const void *p);

static inline bool esp_ptr_internal(const void *p)
{
    return (uintptr_t)p >= FIRMWARE_TARGET_SRAM_LOW && (uintptr_t)p < FIRMWARE_TARGET_SRAM_HIGH;
}

static inline bool esp_ptr_dma_capable(const void *p)
{
    return esp_ptr_internal(p);
}

static inline bool esp_ptr_in_dram(const void *p)
{
    return esp_ptr_internal(p);
}

/* Code has no addresses here, constants lie in internal memory, and the low-power domain's memory is not modelled. */
static inline bool esp_ptr_in_iram(const void *p)
{
    (void)p;
    return false;
}

static inline bool esp_ptr_in_drom(const void *p)
{
    (void)p;
    return false;
}

static inline bool esp_ptr_in_rom(const void *p)
{
    (void)p;
    return false;
}

static inline bool esp_ptr_in_rtc_dram_fast(const void *p)
{
    (void)p;
    return false;
}

static inline bool esp_ptr_in_rtc_slow(const void *p)
{
    (void)p;
    return false;
}

static inline bool esp_ptr_word_aligned(const void *p)
{
    return (uintptr_t)p % 4 == 0;
}

static inline bool esp_stack_ptr_in_dram(uint32_t sp)
{
    return sp >= FIRMWARE_TARGET_SRAM_LOW + 0x10 && sp <= FIRMWARE_TARGET_SRAM_HIGH - 0x10 && sp % 16 == 0;
}

static inline bool esp_stack_ptr_is_sane(uint32_t sp)
{
    return esp_stack_ptr_in_dram(sp);
}

#ifdef __cplusplus
}
#endif
