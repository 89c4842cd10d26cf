/**
 * ESP-IDF's own names: functions that return codes, and write what else they return into a {@link ref}. Handles are the
 * objects of `async-memcpy`, so both can be used side by side. Names in camel case are not ESP-IDF's.
 */
export * from './async-memcpy.ts'
export {
  MALLOC_CAP_32BIT,
  MALLOC_CAP_8BIT,
  MALLOC_CAP_CACHE_ALIGNED,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_DMA_DESC_AHB,
  MALLOC_CAP_DMA_DESC_AXI,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_INVALID,
  MALLOC_CAP_IRAM_8BIT,
  MALLOC_CAP_RETENTION,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SIMD,
  MALLOC_CAP_SPIRAM,
  MALLOC_CAP_TCM,
} from './caps.ts'
export { openChip, useChip } from './chip.ts'
export {
  ESP_ERR_INVALID_ARG,
  ESP_ERR_INVALID_SIZE,
  ESP_ERR_INVALID_STATE,
  ESP_ERR_NO_MEM,
  ESP_ERR_NOT_FOUND,
  ESP_ERR_NOT_SUPPORTED,
  ESP_ERR_TIMEOUT,
  ESP_ERROR_CHECK,
  ESP_ERROR_CHECK_WITHOUT_ABORT,
  ESP_FAIL,
  ESP_OK,
  esp_err_to_name,
  lastMessage,
  type esp_err_t,
} from './err.ts'
export * from './etm.ts'
export * from './gpio.ts'
export * from './gptimer.ts'
export * from './heap-caps.ts'
export { NULL, ref, type Ref } from './ref.ts'
export * from './semphr.ts'
