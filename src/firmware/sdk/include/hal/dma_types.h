/* Descriptors of DMA, as chips read them. Virtual chips read none: their layout and limits are what firmware reckons with. */
#pragma once

#include <stdint.h>

#include "esp_assert.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMA_DESCRIPTOR_WORD0      \
    struct {                      \
        uint32_t size : 12;       \
        uint32_t length : 12;     \
        uint32_t reversed24_27 : 4; \
        uint32_t err_eof : 1;     \
        uint32_t reserved29 : 1;  \
        uint32_t suc_eof : 1;     \
        uint32_t owner : 1;       \
    } dw0

typedef struct dma_descriptor_s dma_descriptor_t;
struct dma_descriptor_s {
    DMA_DESCRIPTOR_WORD0;
    void *buffer;
    dma_descriptor_t *next;
} __attribute__((aligned(4)));
typedef dma_descriptor_t dma_descriptor_align4_t;
ESP_STATIC_ASSERT(sizeof(dma_descriptor_align4_t) == 12, "three words");

typedef struct dma_descriptor_align8_s dma_descriptor_align8_t;
struct dma_descriptor_align8_s {
    DMA_DESCRIPTOR_WORD0;
    void *buffer;
    dma_descriptor_align8_t *next;
} __attribute__((aligned(8)));
ESP_STATIC_ASSERT(sizeof(dma_descriptor_align8_t) == 16, "three words and what aligns the next");

#undef DMA_DESCRIPTOR_WORD0

#define DMA_DESCRIPTOR_BUFFER_OWNER_CPU (0)
#define DMA_DESCRIPTOR_BUFFER_OWNER_DMA (1)

/* The longest buffer of a descriptor, and the longest of whole words and blocks. */
#define DMA_DESCRIPTOR_BUFFER_MAX_SIZE (4095)
#define DMA_DESCRIPTOR_BUFFER_MAX_SIZE_4B_ALIGNED (4095 - 3)
#define DMA_DESCRIPTOR_BUFFER_MAX_SIZE_16B_ALIGNED (4095 - 15)
#define DMA_DESCRIPTOR_BUFFER_MAX_SIZE_32B_ALIGNED (4095 - 31)
#define DMA_DESCRIPTOR_BUFFER_MAX_SIZE_64B_ALIGNED (4095 - 63)

#ifdef __cplusplus
}
#endif
