/* Small macros of ESP-IDF. */
#pragma once

#define ESP_UNUSED(x) ((void)(x))
#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#endif
#ifndef unlikely
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#define ESP_STRINGIFY_(x) #x
#define ESP_STRINGIFY(x) ESP_STRINGIFY_(x)
#define ESP_INFINITE_LOOP() \
    do {                    \
    } while (1)
