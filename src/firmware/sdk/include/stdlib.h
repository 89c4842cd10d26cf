/* The C library's stdlib. What of it tells a reason by errno is called by another name, and tells it to the task that called. */
#ifndef FIRMWARE_STDLIB_H
#define FIRMWARE_STDLIB_H

#include_next <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

long strtol(const char *__restrict, char **__restrict, int) __asm__("firmware_strtol");
unsigned long strtoul(const char *__restrict, char **__restrict, int) __asm__("firmware_strtoul");
long long strtoll(const char *__restrict, char **__restrict, int) __asm__("firmware_strtoll");
unsigned long long strtoull(const char *__restrict, char **__restrict, int) __asm__("firmware_strtoull");
float strtof(const char *__restrict, char **__restrict) __asm__("firmware_strtof");
double strtod(const char *__restrict, char **__restrict) __asm__("firmware_strtod");

#ifdef __cplusplus
}
#endif

#endif
