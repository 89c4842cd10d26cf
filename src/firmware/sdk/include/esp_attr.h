/*
 * Where code and data lie. Here all code is in one place that is always there, and all data in internal memory, which DMA
 * reaches: only alignment is left of these.
 */
#pragma once

#include "sdkconfig.h"
#include "esp_bit_defs.h"

#define ROMFN_ATTR
#define IRAM_ATTR
#define DRAM_ATTR
#define TCM_IRAM_ATTR
#define TCM_DRAM_ATTR
#define SPM_IRAM_ATTR
#define SPM_DRAM_ATTR
#define IRAM_8BIT_ACCESS_ATTR
#define IRAM_DATA_ATTR
#define IRAM_BSS_ATTR
#define COREDUMP_IRAM_DATA_ATTR
#define COREDUMP_DRAM_ATTR
#define COREDUMP_RTC_DATA_ATTR
#define EXT_RAM_ATTR
#define EXT_RAM_BSS_ATTR
#define RTC_DATA_ATTR
#define RTC_IRAM_ATTR
#define RTC_RODATA_ATTR
#define RTC_SLOW_ATTR
#define RTC_FAST_ATTR
#define RTC_NOINIT_ATTR
#define __NOINIT_ATTR
#define FORCE_INLINE_ATTR static inline __attribute__((always_inline))
#define NOINLINE_ATTR __attribute__((noinline))
#define WORD_ALIGNED_ATTR __attribute__((aligned(4)))
#define DMA_ATTR WORD_ALIGNED_ATTR DRAM_ATTR
#define PACKED_ATTR __attribute__((packed))
#define ALIGNED_ATTR(bytes) __attribute__((aligned(bytes)))
#define DRAM_STR(text) (text)
#define RTC_STR(text) (text)
#define NOINIT_ATTR __NOINIT_ATTR
#define EXT_RAM_NOINIT_ATTR
#define FLAG_ATTR(type)
#define IDF_DEPRECATED(reason) __attribute__((deprecated(reason)))
