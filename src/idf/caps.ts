/** `MALLOC_CAP_…` of `esp_heap_caps.h`: what memory can do. */

/** Code can run in it. */
export const MALLOC_CAP_EXEC: number = 1 << 0
/** Accessed by words. */
export const MALLOC_CAP_32BIT: number = 1 << 1
/** Accessed by bytes. */
export const MALLOC_CAP_8BIT: number = 1 << 2
/** DMA reaches it: internal memory, unless SPIRAM is asked for too. */
export const MALLOC_CAP_DMA: number = 1 << 3
/** PSRAM. */
export const MALLOC_CAP_SPIRAM: number = 1 << 10
/** In the chip. */
export const MALLOC_CAP_INTERNAL: number = 1 << 11
/** What `malloc` may return. */
export const MALLOC_CAP_DEFAULT: number = 1 << 12
/** IRAM that is accessed by bytes. */
export const MALLOC_CAP_IRAM_8BIT: number = 1 << 13
/** Kept in deep sleep. */
export const MALLOC_CAP_RETENTION: number = 1 << 14
/** Memory of the low-power domain. */
export const MALLOC_CAP_RTCRAM: number = 1 << 15
/** Tightly coupled memory. */
export const MALLOC_CAP_TCM: number = 1 << 16
/** For descriptors of the AHB GDMA. */
export const MALLOC_CAP_DMA_DESC_AHB: number = 1 << 17
/** For descriptors of the AXI GDMA. */
export const MALLOC_CAP_DMA_DESC_AXI: number = 1 << 18
/** On cache lines of its own. */
export const MALLOC_CAP_CACHE_ALIGNED: number = 1 << 19
/** For vector instructions. */
export const MALLOC_CAP_SIMD: number = 1 << 20
/** None. */
export const MALLOC_CAP_INVALID: number = 1 << 31

/** What the memory that the heap manages can do, some or all of it. */
export const MANAGED: number =
  MALLOC_CAP_32BIT |
  MALLOC_CAP_8BIT |
  MALLOC_CAP_DMA |
  MALLOC_CAP_SPIRAM |
  MALLOC_CAP_INTERNAL |
  MALLOC_CAP_DEFAULT |
  MALLOC_CAP_DMA_DESC_AHB |
  MALLOC_CAP_DMA_DESC_AXI |
  MALLOC_CAP_CACHE_ALIGNED |
  MALLOC_CAP_SIMD
