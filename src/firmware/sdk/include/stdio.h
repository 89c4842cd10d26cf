/*
 * The C library's stdio, with console output that is the port's: what one call prints stays together, whichever tasks print.
 * printf, puts and putchar are replaced when linking. The others keep the C library's own for other streams: they are called
 * by another name.
 */
#ifndef FIRMWARE_STDIO_H
#define FIRMWARE_STDIO_H

#include_next <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

int vfprintf(FILE *__restrict, const char *__restrict, __builtin_va_list) __asm__("firmware_vfprintf");
int fprintf(FILE *__restrict, const char *__restrict, ...) __asm__("firmware_fprintf");
int fputs(const char *__restrict, FILE *__restrict) __asm__("firmware_fputs");
int fputc(int, FILE *) __asm__("firmware_fputc");
#undef putc
int putc(int, FILE *) __asm__("firmware_fputc");
size_t fwrite(const void *__restrict, size_t, size_t, FILE *__restrict) __asm__("firmware_fwrite");
int fflush(FILE *) __asm__("firmware_fflush");

/* newlib's printf for integers only. */
#define iprintf printf
#define fiprintf fprintf
#define siprintf sprintf

#ifdef __cplusplus
}
#endif

#endif
