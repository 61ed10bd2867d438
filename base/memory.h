/* The heap, for what is small and short-lived; long-lived arrays live in arenas (numa/arena.h).
 *
 * Every allocation of gyre passes here or through an arena, so that tests can make the k-th one
 * fail. Calling malloc, calloc, realloc, free or strdup elsewhere is refused by scripts/tidy.py. */
#ifndef GYRE_BASE_MEMORY_H
#define GYRE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `count` objects of `size` bytes, zeroed; NULL when there is no memory or the product overflows.
 * Zero objects give a valid pointer. */
void *memory_allocate(size_t count, size_t size);

/* Grows or shrinks `pointer` (NULL: allocates). What is added is not zeroed. NULL on failure, and
 * then the old block stands. */
void *memory_resize(void *pointer, size_t count, size_t size);

/* NULL is accepted. */
void memory_free(void *pointer);

/* A NUL-terminated copy; NULL when there is no memory. */
char *memory_copy_text(const char *text, size_t size);

/* For tests: the `after`-th allocation from now on (1 is the next), heap or arena, fails, and only
 * that one. 0 turns this off. Thread-safe. */
void memory_fault_set(uint64_t after);

/* Whether this allocation is the one that has to fail. Called by every allocator once per call. */
bool memory_fault_due(void);

/* Allocations seen since memory_fault_set was last called. */
uint64_t memory_fault_count(void);

#endif
