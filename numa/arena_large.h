/* Inside the arena: its state, its large blocks (arena_large.c) beside the small ones (arena.c),
 * and what jemalloc cuts these from (arena_step.c). */
#ifndef GYRE_NUMA_ARENA_LARGE_H
#define GYRE_NUMA_ARENA_LARGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "numa/arena.h"

enum { BLOCK_ALIGNMENT = 64, STEP_BYTES_MIN = 2 << 20 };

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
    char *start;
    size_t bytes;
    size_t touched_bytes; /* counted of it; 0: jemalloc's records, not kept */
    bool is_huge;
};

struct arena_kind {
    size_t large_bytes;   /* blocks from here on are large */
    uint32_t small_steps; /* what outgrows them goes on on huge pages */
    bool is_brief;        /* goes on on what others gave back */
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
    struct mapping *step_mapping; /* where the newest step lies */
    char *step;                   /* what is left of it */
    size_t step_bytes;
    size_t ahead_bytes; /* of them, taken from the budget already */
    bool step_is_huge;
    bool step_is_kept; /* some of what is left was used before */
    uint32_t step_count;
    struct large_block *large_blocks;
};

/* Whether the budget refused something since the calling thread last began to allocate. */
extern _Thread_local bool arena_was_refused;

/* Counts bytes for the arena; false when the budget has not so many. */
bool arena_take(struct arena *arena, size_t bytes);
void arena_give(struct arena *arena, size_t bytes);

/* Fresh pages. What is kept is unmapped before this fails. */
void *arena_map_pages(struct arena *arena, size_t bytes, size_t alignment, bool is_huge);

/* Gives pages to who keeps them, or to the system, when they no longer count for the arena. */
void arena_put_pages(struct arena *arena, void *start, size_t bytes, size_t touched_bytes,
                     bool is_huge);

/* Whether it asks for transparent huge pages. Only these are kept: those of the reserve are the
 * system's again at once. */
bool arena_has_huge(const struct arena *arena);
struct kept_kind arena_kept_kind(const struct arena *arena, bool is_huge);

/* An extent of less than STEP_BYTES_MIN, cut from the step. Takes from the budget what it touches
 * first: pages, or huge pages; addresses cost nothing. Tells whether the pages may have been used
 * before, and so are not zero. Under the lock, as arena_map_records is. */
void *arena_step_carve(struct arena *arena, size_t bytes, bool *is_used);
void *arena_map_records(struct arena *arena, size_t bytes, size_t alignment);

/* Gives back the steps, the records and all that is counted. */
void arena_steps_close(struct arena *arena);

/* Large blocks. The link that points to a record, or to NULL where the block is a small one, is
 * looked for and changed under the lock. */
void *arena_large_allocate(struct arena *arena, size_t bytes, bool is_zeroed);
void *arena_large_resize(struct arena *arena, struct large_block *large, size_t bytes);
struct large_block **arena_large_find(struct arena *arena, const void *block);
struct large_block *arena_large_record(struct arena *arena, const void *block);

/* Of a block that is no longer in the list, or whose list is given up. */
void arena_large_close(struct arena *arena, struct large_block *large);

#endif
