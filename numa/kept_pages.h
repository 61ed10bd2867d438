/* Pages that were given back and are not unmapped, for whoever maps next.
 *
 * To have a page cleared by the system, and to give it back, is a sixth of what two threads take
 * for a query that makes some hundred thousand groups, and the next one asks for as many. What is
 * kept are chunks of 2 MiB, huge pages or small ones, each with the node that it was bound to: it
 * is used for that node again. What they held is still there:
 * nothing of what is taken may be thought zero. With the address sanitizer they are out of bounds
 * as long as they are kept.
 *
 * Kept pages lie below the high-water mark of the budget (numa/budget.h), which unmaps them where
 * what is used would come above it with them, so that they neither raise what a run takes at most
 * nor have an allocation fail. Thread-safe, by one lock. */
#ifndef GYRE_NUMA_KEPT_PAGES_H
#define GYRE_NUMA_KEPT_PAGES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numa/pages.h"

enum { KEPT_CHUNK_BYTES = HUGE_PAGE_BYTES, KEPT_CHUNKS_MAX = 64 };

/* Chunks of one kind can stand for each other. */
struct kept_kind {
    uint32_t node;
    bool is_huge;
};

struct kept_chunk {
    char *start;
    size_t touched_bytes; /* from its start on; of huge ones all */
    struct kept_kind kind;
};

struct kept_pages {
    pthread_mutex_t lock;
    uint64_t bytes_max;
    _Atomic uint64_t bytes; /* touched ones of all chunks */
    size_t count;
    struct kept_chunk chunks[KEPT_CHUNKS_MAX]; /* ascending by address */
};

/* Keeps up to `bytes_max`. */
void kept_pages_init(struct kept_pages *kept, uint64_t bytes_max);

/* Unmaps what is kept. */
void kept_pages_close(struct kept_pages *kept);

/* Takes over `bytes`, whole pages, of which the first `touched_bytes` may have been touched: keeps
 * as many chunks of them as there is room for and unmaps what is left. */
void kept_pages_put(struct kept_pages *kept, struct kept_kind kind, void *start, size_t bytes,
                    size_t touched_bytes);

/* Hands out up to `count` chunks of the kind, ascending by address; how many. */
size_t kept_pages_take(struct kept_pages *kept, struct kept_kind kind, size_t count, char **starts);

/* Hands out one chunk of the kind: the one that begins at `wanted`, else one that as many as
 * possible follow. Sets how much of it was touched. NULL when there is none. */
void *kept_pages_take_one(struct kept_pages *kept, struct kept_kind kind, const void *wanted,
                          size_t *touched_bytes);

/* Unmaps until no more than `bytes` are left. */
void kept_pages_shrink(struct kept_pages *kept, uint64_t bytes);

#endif
