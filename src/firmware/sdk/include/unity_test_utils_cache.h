/* Switching the cache off while a function runs: virtual chips read flash without one. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

void unity_utils_run_cache_disable_stub(void (*post_cache_disable)(void *), void *arg);

#ifdef __cplusplus
}
#endif
