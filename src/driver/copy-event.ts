/** What is told about a copy that is over. */
/**
 * By which way bytes went: `dma`, the channel copied within shared memory; `native`, the channel copied by addresses of the
 * process (`Soc.native`); `sliced`, the thread that submitted copied, a little in each turn of its event loop.
 */
export type CopyPath = 'dma' | 'native' | 'sliced'

/** The outcome of an accepted copy: what ESP-IDF's `async_memcpy_event_t` reserves room for. */
export interface CopyEvent {
  /**
   * `esp_err_t`: 0 (`ESP_OK`); -1 (`ESP_FAIL`) if the channel's thread died with the copy in its hands, or a sliced copy's
   * own thread did not get on with it; 0x103 (`ESP_ERR_INVALID_STATE`) if a buffer was detached or became too short
   * meanwhile; 0x106 (`ESP_ERR_NOT_SUPPORTED`) if the channel's thread could not open native memory.
   */
  readonly status: number
  /** Bytes copied: the length, or 0 if it failed. */
  readonly bytes: number
  /** Number of the copy in its driver; grows by one with each accepted copy. */
  readonly sequence: number
  /** When the channel took it up, in milliseconds of the Soc's clock ({@link Soc.now}). */
  readonly startTime: number
  /** When the last byte was written, on the same clock. */
  readonly endTime: number
  /** By which way. */
  readonly path: CopyPath
}
