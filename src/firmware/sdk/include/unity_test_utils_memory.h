/* Leaks: how much less memory there is after a test case than before it. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that unity_utils_evaluate_leaks lets pass. */
void unity_utils_set_leak_level(size_t leak_level);
/* Remembers how much memory is free. */
void unity_utils_record_free_mem(void);
/* Fails the test case if there are more than threshold bytes less than remembered. */
void unity_utils_evaluate_leaks_direct(size_t threshold);
void unity_utils_evaluate_leaks(void);
void unity_utils_check_leak(unsigned int before_free, unsigned int after_free, const char *type, unsigned int threshold);
/* Records of single blocks are for ESP-IDF's heap tracing: here the debug mode of the Soc knows every block. */
void unity_utils_setup_heap_record(size_t num_heap_records);

#ifdef __cplusplus
}
#endif
