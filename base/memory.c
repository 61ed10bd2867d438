/* The heap, and the one counter by which tests make an allocation fail. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Statistics and a test's switch: relaxed, since nothing is published through them. */
static _Atomic uint64_t fault_after;
static _Atomic uint64_t fault_count;

void *memory_allocate(size_t count, size_t size)
{
    size_t total;
    if (memory_fault_due() || __builtin_mul_overflow(count, size, &total)) {
        return NULL;
    }
    return calloc(1, total == 0 ? 1 : total);
}

void *memory_resize(void *pointer, size_t count, size_t size)
{
    size_t total;
    if (memory_fault_due() || __builtin_mul_overflow(count, size, &total)) {
        return NULL;
    }
    return realloc(pointer, total == 0 ? 1 : total);
}

void memory_free(void *pointer)
{
    free(pointer);
}

char *memory_copy_text(const char *text, size_t size)
{
    char *copy = size == SIZE_MAX ? NULL : memory_allocate(size + 1, 1);
    if (copy != NULL && size > 0) {
        memcpy(copy, text, size);
    }
    return copy;
}

void memory_fault_set(uint64_t after)
{
    atomic_store_explicit(&fault_count, 0, memory_order_relaxed);
    atomic_store_explicit(&fault_after, after, memory_order_relaxed);
}

bool memory_fault_due(void)
{
    uint64_t count = atomic_fetch_add_explicit(&fault_count, 1, memory_order_relaxed) + 1;
    return count == atomic_load_explicit(&fault_after, memory_order_relaxed);
}

uint64_t memory_fault_count(void)
{
    return atomic_load_explicit(&fault_count, memory_order_relaxed);
}
