/*
 * Console output: text is made by the C library's vsnprintf and written by one call of the port, so that lines of different
 * tasks do not mix. A text that is longer than the buffer on the stack takes one from the heap while it is written.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "esp_rom_sys.h"

#define ON_STACK 160

/* The C library's own, for streams that are not the console: declared as they are called when no header renames them. */
#define LIBRARY(name) __asm__(#name)
int library_vfprintf(FILE *, const char *, va_list) LIBRARY(vfprintf);
int library_fputs(const char *, FILE *) LIBRARY(fputs);
int library_fputc(int, FILE *) LIBRARY(fputc);
size_t library_fwrite(const void *, size_t, size_t, FILE *) LIBRARY(fwrite);
int library_fflush(FILE *) LIBRARY(fflush);

static int is_console(const FILE *stream)
{
    return stream == stdout || stream == stderr;
}

static int print(const char *format, va_list args)
{
    char text[ON_STACK];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(text, sizeof text, format, args);
    if (length < (int)sizeof text) {
        if (length > 0) {
            port_write(text, length);
        }
    } else {
        char *longer = port_heap_alloc(length + 1, 0, 1 << 2);
        if (longer != NULL) {
            vsnprintf(longer, length + 1, format, again);
            port_write(longer, length);
            port_heap_free(longer);
        } else {
            /* No memory: what there is of it. */
            length = sizeof text - 1;
            port_write(text, length);
        }
    }
    va_end(again);
    return length;
}

int vprintf(const char *restrict format, va_list args)
{
    return print(format, args);
}

int printf(const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = print(format, args);
    va_end(args);
    return length;
}

/* Not by printf: the compiler makes puts of that. */
static int print_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = print(format, args);
    va_end(args);
    return length;
}

int puts(const char *text)
{
    return print_line("%s\n", text);
}

int putchar(int c)
{
    char byte = (char)c;
    port_write(&byte, 1);
    return (unsigned char)c;
}

int vfprintf(FILE *restrict stream, const char *restrict format, va_list args)
{
    return is_console(stream) ? print(format, args) : library_vfprintf(stream, format, args);
}

int fprintf(FILE *restrict stream, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vfprintf(stream, format, args);
    va_end(args);
    return length;
}

int fputs(const char *restrict text, FILE *restrict stream)
{
    if (!is_console(stream)) {
        return library_fputs(text, stream);
    }
    port_write(text, strlen(text));
    return 0;
}

int fputc(int c, FILE *stream)
{
    return is_console(stream) ? putchar(c) : library_fputc(c, stream);
}

size_t fwrite(const void *restrict data, size_t size, size_t count, FILE *restrict stream)
{
    if (!is_console(stream)) {
        return library_fwrite(data, size, count, stream);
    }
    size_t bytes = size * count;
    if (bytes != 0) {
        port_write(data, bytes);
    }
    return size == 0 ? 0 : count;
}

/* Nothing of the console's is held back. */
int fflush(FILE *stream)
{
    return stream == NULL || is_console(stream) ? 0 : library_fflush(stream);
}

void perror(const char *text)
{
    const char *error = strerror(errno);
    if (text != NULL && *text != '\0') {
        print_line("%s: %s\n", text, error);
    } else {
        print_line("%s\n", error);
    }
}

/* ---- the ROM's ----------------------------------------------------------------------------------------------------- */

int esp_rom_vprintf(const char *format, va_list args)
{
    return print(format, args);
}

int esp_rom_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = print(format, args);
    va_end(args);
    return length;
}

int ets_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = print(format, args);
    va_end(args);
    return length;
}
