/* assert in ESP-IDF's words: `assert failed: function file:line (expression)`. */
#undef assert
#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
#define assert(expression) ((expression) ? (void)0 : __assert_func(__FILE__, __LINE__, __func__, #expression))
#endif

#ifndef FIRMWARE_ASSERT_H
#define FIRMWARE_ASSERT_H
#ifdef __cplusplus
extern "C" {
#endif
void __assert_func(const char *file, int line, const char *function, const char *expression) __attribute__((noreturn));
#ifdef __cplusplus
}
#elif __STDC_VERSION__ < 202311L
#define static_assert _Static_assert
#endif
#endif
