/* Anonymous memory straight from the system, in whole pages, aligned as asked.
 *
 * The mechanism below numa/arena.h, which adds the node and the budget, and below the large blocks
 * of value/pool.h. Thread-safe. */
#ifndef GYRE_NUMA_PAGES_H
#define GYRE_NUMA_PAGES_H

#include <stddef.h>

#include "base/status.h"

enum { HUGE_PAGE_BYTES = 2 << 20 };

/* What large blocks, from HUGE_PAGE_BYTES up, lie on. */
enum huge_pages {
    HUGE_PAGES_AUTO,     /* transparent huge pages where the system gives them to who asks */
    HUGE_PAGES_THP,      /* the same, and not to have them is an error */
    HUGE_PAGES_EXPLICIT, /* the system's reserve (vm.nr_hugepages), then as AUTO */
    HUGE_PAGES_NEVER,    /* small pages */
};

/* Whether the system has what is asked for; STATUS_USAGE when it has not. */
enum status pages_check(enum huge_pages huge_pages, struct error *error);

/* Up to whole pages. `bytes` is at most PTRDIFF_MAX. */
size_t pages_round(size_t bytes);

/* Up to what pages_map_large can map, or pages_resize_large make of `old_bytes` (0: nothing yet):
 * whole huge pages of the reserve, else whole pages. */
size_t pages_round_large(size_t bytes, size_t old_bytes, enum huge_pages huge_pages);

/* `bytes` (whole pages) of zeroed memory, nothing of it touched, starting at a multiple of
 * `alignment`, a power of two. Never on huge pages, so that it takes no more than what is touched.
 * NULL when the system refuses. */
void *pages_map_small(size_t bytes, size_t alignment);

/* As pages_map_small for what will all be used: from HUGE_PAGE_BYTES up on huge pages as asked for.
 * `bytes` is rounded by pages_round_large. */
void *pages_map_large(size_t bytes, enum huge_pages huge_pages);

/* Grows or shrinks what pages_map_large returned, moving page tables, not bytes; what shrinks stays
 * where it is. A binding to a node stays and covers what is added. NULL when the system refuses,
 * and then the old stands. Huge pages of the reserve the system lets shrink only. */
void *pages_resize_large(void *start, size_t old_bytes, size_t bytes, enum huge_pages huge_pages);

/* Moves a huge page that is mapped at `start` to `target`, the start of one too, in place of what
 * is mapped there. */
void pages_move_huge(void *target, void *start);

/* Any whole pages of a mapping. */
void pages_unmap(void *start, size_t bytes);

#endif
