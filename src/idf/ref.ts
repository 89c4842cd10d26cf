/** What C writes through a pointer: here an object that a function writes into. */

/**
 * An out-parameter: C's `async_memcpy_t driver = NULL;` and `&driver` are `const driver = ref<async_memcpy_t>(NULL)` and `driver`
 * here, and what is in it is `driver.value`. Any object with a `value` will do.
 */
export interface Ref<Value> {
  /** What it refers to. */
  value: Value
}

/** C's `NULL`. */
export const NULL = null

/** A handle that is not there yet: C's `async_memcpy_t driver = NULL;` is `const driver = ref<async_memcpy_t>(NULL)`. */
export function ref<Value>(value?: null): Ref<Value | null>
/** A value that a function will change: C's `BaseType_t woken = pdFALSE;`. */
export function ref<Value>(value: Value): Ref<Value>
/** What both do. */
export function ref<Value>(value: Value | null = null): Ref<Value | null> {
  return { value }
}
