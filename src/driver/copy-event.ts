/** What is told about a copy that is over. */
/** The outcome of an accepted copy: what ESP-IDF's `async_memcpy_event_t` reserves room for. */
export interface CopyEvent {
  /** `esp_err_t`: 0 (`ESP_OK`), or -1 (`ESP_FAIL`) if the channel's thread died with the copy in its hands. */
  readonly status: number
  /** Bytes copied: the length, or 0 if it failed. */
  readonly bytes: number
  /** Number of the copy in its driver; grows by one with each accepted copy. */
  readonly sequence: number
  /** When the channel took it up, in milliseconds of the Soc's clock ({@link Soc.now}). */
  readonly startTime: number
  /** When the last byte was written, on the same clock. */
  readonly endTime: number
}
