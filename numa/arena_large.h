/* Inside the arena: its state, and its large blocks (arena_large.c) beside the small ones
 * (arena.c). */
#ifndef GYRE_NUMA_ARENA_LARGE_H
#define GYRE_NUMA_ARENA_LARGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "numa/arena.h"

enum { BLOCK_ALIGNMENT = 64 };

/* Lies on the heap, apart from its block, so that a table of a power of two fills whole huge pages:
 * a small page behind them would keep those that it grows into small too. */
struct large_block {
    struct large_block *next;
    void *start; /* of its mapping */
    size_t mapped_bytes;
    size_t used_bytes; /* as asked for */
};

/* Memory that jemalloc's extents are cut from. */
struct mapping {
    struct mapping *next;
    void *start;
    size_t bytes;
};

struct arena_kind {
    size_t large_bytes;   /* blocks from here on are large */
    uint32_t small_steps; /* what outgrows them goes on on huge pages */
};

struct arena {
    const struct topology *topology;
    struct budget *budget;
    uint32_t node;
    unsigned jemalloc_index;
    const struct arena_kind *kind;
    atomic_bool is_over_limit;
    _Atomic uint64_t mapped_bytes;
    pthread_mutex_t lock; /* of what follows */
    bool has_records;     /* has mapped where jemalloc keeps its own */
    struct mapping *mappings;
    char *step; /* what is left of the newest step */
    size_t step_bytes;
    size_t ahead_bytes; /* of them, taken from the budget already */
    bool step_is_huge;
    uint32_t step_count;
    struct large_block *large_blocks;
};

/* Whether the budget refused something since the calling thread last began to allocate. */
extern _Thread_local bool arena_was_refused;

/* Counts bytes for the arena; false when the budget has not so many. */
bool arena_take(struct arena *arena, size_t bytes);
void arena_give(struct arena *arena, size_t bytes);

/* Large blocks. The link that points to a record, or to NULL where the block is a small one, is
 * looked for and changed under the lock. */
void *arena_large_allocate(struct arena *arena, size_t bytes);
void *arena_large_resize(struct arena *arena, struct large_block *large, size_t bytes);
struct large_block **arena_large_find(struct arena *arena, const void *block);
struct large_block *arena_large_record(struct arena *arena, const void *block);

/* Of a block that is no longer in the list, or whose list is given up. */
void arena_large_close(struct arena *arena, struct large_block *large);

#endif
