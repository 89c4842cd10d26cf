/* What there is in the heap: how much is free and in use, by capability, and how long a block is. */
#include "heap.h"

#include <stdio.h>

static uint32_t info_of(uint32_t caps, uint32_t which)
{
    uint32_t info[6];
    port_heap_info(heap_caps_kinds_of(caps), info);
    return info[which];
}

size_t heap_caps_get_total_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_TOTAL);
}

size_t heap_caps_get_free_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_FREE);
}

size_t heap_caps_get_minimum_free_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_MINIMUM_FREE);
}

size_t heap_caps_get_largest_free_block(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_LARGEST_FREE);
}

/* The host counts no free blocks: one, if anything is free. */
void heap_caps_get_info(multi_heap_info_t *info, uint32_t caps)
{
    uint32_t all[6];
    port_heap_info(heap_caps_kinds_of(caps), all);
    uint32_t free_blocks = all[PORT_HEAP_FREE] > 0;
    *info = (multi_heap_info_t){
        .total_free_bytes = all[PORT_HEAP_FREE],
        .total_allocated_bytes = all[PORT_HEAP_ALLOCATED],
        .largest_free_block = all[PORT_HEAP_LARGEST_FREE],
        .minimum_free_bytes = all[PORT_HEAP_MINIMUM_FREE],
        .allocated_blocks = all[PORT_HEAP_BLOCKS],
        .free_blocks = free_blocks,
        .total_blocks = all[PORT_HEAP_BLOCKS] + free_blocks,
    };
}

void heap_caps_print_heap_info(uint32_t caps)
{
    multi_heap_info_t info;
    heap_caps_get_info(&info, caps);
    printf("Heap summary for capabilities 0x%08X:\n", (unsigned)caps);
    printf("  Totals:\n    free %u allocated %u min_free %u largest_free_block %u\n", (unsigned)info.total_free_bytes,
           (unsigned)info.total_allocated_bytes, (unsigned)info.minimum_free_bytes, (unsigned)info.largest_free_block);
}

void heap_caps_dump(uint32_t caps)
{
    heap_caps_print_heap_info(caps);
}

void heap_caps_dump_all(void)
{
    heap_caps_print_heap_info(0);
}

size_t heap_caps_get_allocated_size(void *block)
{
    size_t bytes = port_heap_size(block);
    if (bytes == 0) {
        heap_caps_not_a_block(block, __func__, "get_allocated_size() pointer is outside heap areas");
    }
    return bytes;
}

size_t heap_caps_get_containing_block_size(void *block)
{
    return heap_caps_get_allocated_size(block);
}

bool heap_caps_check_integrity_all(bool print_errors)
{
    (void)print_errors;
    return true;
}

bool heap_caps_check_integrity(uint32_t caps, bool print_errors)
{
    (void)caps;
    return heap_caps_check_integrity_all(print_errors);
}

bool heap_caps_check_integrity_addr(intptr_t address, bool print_errors)
{
    (void)print_errors;
    return heap_caps_is_in_areas((const void *)address);
}
