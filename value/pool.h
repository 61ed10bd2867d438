/* Memory of values: a stack of blocks. What is made for one row is given back in one step, by
 * returning to a mark; what a sort or an aggregate keeps lies in a pool of its own.
 *
 * Bytes count against the budget, if there is one. A pool of what is kept (pool_kept)
 * goes on in room on disk (numa/spill.h), and leaves some of the budget to values in the making,
 * which do not. One thread. */
#ifndef GYRE_VALUE_POOL_H
#define GYRE_VALUE_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"
#include "base/stop.h"
#include "numa/budget.h"
#include "numa/spill.h"
#include "value/value.h"

struct pool_block;

/* Zeroed but for the budget, the stop, and the spill of the area: empty. */
struct pool {
    struct budget *budget; /* NULL: none */
    struct stop *stop;     /* whose interrupt ends what takes long (pool_poll); NULL: none */
    struct pool_block *top;
    char *next;
    size_t left;
    uint64_t bytes;         /* of all blocks */
    struct spill_area area; /* of blocks on disk; without a spill there are none */
};

struct pool_mark {
    struct pool_block *top;
    char *next;
    size_t left;
};

/* An empty pool that goes on on disk, if the budget has room there. */
static inline struct pool pool_kept(struct budget *budget, struct stop *stop)
{
    return (struct pool){
        .budget = budget, .stop = stop, .area = {.spill = budget == NULL ? NULL : budget->spill}};
}

/* `count` objects of `size` bytes, not zeroed, aligned to 16. NULL, with STATUS_LIMIT (the budget,
 * and the disk) or STATUS_FAILED in `error`, when there is no memory. */
void *pool_allocate(struct pool *pool, size_t count, size_t size, struct error *error);

/* What a pool_allocate that gave NULL failed with. */
static inline enum status pool_status(const struct error *error)
{
    return error != NULL && error->status != STATUS_OK ? error->status : STATUS_FAILED;
}

/* STATUS_INTERRUPTED from an interrupt of the pool's stop on. */
enum status pool_poll(const struct pool *pool, struct error *error);

/* The same, for whoever has compared the value with another, if that may have been cut short. */
static inline enum status pool_poll_compared(const struct pool *pool, struct value value,
                                             struct error *error)
{
    bool has_items = value.kind == VALUE_LIST || value.kind == VALUE_MAP;
    return has_items ? pool_poll(pool, error) : STATUS_OK;
}

/* The same, for whoever walks over many items, with the index of each. */
static inline enum status pool_poll_at(const struct pool *pool, uint32_t index, struct error *error)
{
    enum { ITEMS_PER_POLL = 1 << 14 };
    return index % ITEMS_PER_POLL == ITEMS_PER_POLL - 1 ? pool_poll(pool, error) : STATUS_OK;
}

/* memcpy for what may be long: what takes less than a millisecond, pool_poll, and so on. */
enum { POOL_COPY_BYTES = 1 << 20 };
enum status pool_copy_long(const struct pool *pool, void *to, const void *from, size_t bytes,
                           struct error *error);
static inline enum status pool_copy_bytes(const struct pool *pool, void *to, const void *from,
                                          size_t bytes, struct error *error)
{
    if (bytes > POOL_COPY_BYTES) {
        return pool_copy_long(pool, to, from, bytes, error);
    }
    if (bytes > 0) {
        memcpy(to, from, bytes);
    }
    return STATUS_OK;
}

struct pool_mark pool_mark(const struct pool *pool);

/* Everything made since the mark is gone. Blocks are kept for what comes next. */
void pool_release(struct pool *pool, struct pool_mark mark);
void pool_close(struct pool *pool);

/* A copy of the bytes in the pool. */
enum status pool_copy_text(struct pool *pool, struct bytes text, struct value *copy,
                           struct error *error);

/* A copy of everything that the value borrows. Texts that belong to the graph are copied too. Ends
 * with an interrupt of the pool's stop. */
enum status pool_copy(struct pool *pool, struct value value, struct value *copy,
                      struct error *error);

/* Keeps another value than one that is equivalent to it (value/compare.h), which may look
 * otherwise: 1.0 for 1. */
enum status pool_keep_other(struct pool *pool, struct value *kept, struct value other,
                            struct error *error);

/* A list being made: grows by doubling, then becomes a value. */
struct list_builder {
    struct pool *pool;
    struct value *items;
    uint32_t count;
    uint32_t capacity;
};
enum status list_add(struct list_builder *builder, struct value item, struct error *error);
static inline struct value list_finish(const struct list_builder *builder)
{
    return value_list_of(builder->items, builder->count);
}

/* A map of `count` entries in any order, which are sorted in place; of equal keys the last one
 * counts. Borrows them. */
struct value pool_map_of(struct value_entry *entries, uint32_t count);

#endif
