/* Anonymous memory straight from the system, in whole pages, aligned as asked.
 *
 * The mechanism below numa/arena.h, which adds the node and the budget; nothing else uses it.
 * Thread-safe. */
#ifndef GYRE_NUMA_PAGES_H
#define GYRE_NUMA_PAGES_H

#include <stddef.h>

enum { HUGE_PAGE_BYTES = 2 << 20 };

/* Up to whole pages. `bytes` is at most PTRDIFF_MAX. */
size_t pages_round(size_t bytes);

/* `bytes` (whole pages) of zeroed memory, nothing of it touched, starting at a multiple of
 * `alignment`, a power of two. Never on huge pages, so that it takes no more than what is touched.
 * NULL when the system refuses. */
void *pages_map_small(size_t bytes, size_t alignment);

/* As pages_map_small for what will all be used: from HUGE_PAGE_BYTES up on huge pages, where the
 * system has some. */
void *pages_map_large(size_t bytes);

/* Grows or shrinks what pages_map_large returned, moving page tables, not bytes; what shrinks stays
 * where it is. A binding to a
 * node stays and covers what is added. NULL when the system refuses, and then the old stands. */
void *pages_resize_large(void *start, size_t old_bytes, size_t bytes);

/* Any whole pages of a mapping. */
void pages_unmap(void *start, size_t bytes);

#endif
