/* Inside of the heap: what its files share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_heap_caps.h"
#include "port.h"

/* Blocks are aligned to what any type of C needs. */
#define MINIMUM_ALIGNMENT 8

/* What the host calls the kinds of memory of these capabilities. */
uint32_t heap_caps_kinds_of(uint32_t caps);

/* A block, or NULL. The second one tells the hook for failures that the program has set; function is what it has called. */
void *heap_caps_allocate(size_t alignment, size_t bytes, uint32_t caps);
void *heap_caps_allocate_or_tell(size_t alignment, size_t bytes, uint32_t caps, const char *function);

/* Whether it is a power of two. */
bool heap_caps_is_alignment(size_t alignment);
/* Whether an address lies where blocks can be. */
bool heap_caps_is_in_areas(const void *block);

/* Ends the firmware for a block that the heap does not know: never one of it, or one no more. what is said of the former. */
_Noreturn void heap_caps_not_a_block(const void *block, const char *function, const char *what);
