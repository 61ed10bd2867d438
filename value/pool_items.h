/* Items of one size in a pool, by number. They lie in blocks, so that adding one never moves many;
 * only those of a first block, which begins small, may move when one is added. One thread. */
#ifndef GYRE_VALUE_POOL_ITEMS_H
#define GYRE_VALUE_POOL_ITEMS_H

#include "value/pool.h"

enum { POOL_ITEMS_BLOCK = 1024 };

#define POOL_ITEMS_MAX (UINT32_C(1) << 31)

/* Zeroed: none. */
struct pool_items {
    char **blocks; /* of POOL_ITEMS_BLOCK items */
    uint32_t count;
    uint32_t capacity; /* items that there is room for */
};

/* Makes room for one more item, which is at `count` then. On failure nothing has changed. */
enum status pool_items_grow(struct pool_items *items, struct pool *pool, size_t item_bytes,
                            struct error *error);

static inline enum status pool_items_reserve(struct pool_items *items, struct pool *pool,
                                             size_t item_bytes, struct error *error)
{
    return items->count < items->capacity ? STATUS_OK
                                          : pool_items_grow(items, pool, item_bytes, error);
}

static inline void *pool_items_at(const struct pool_items *items, size_t item_bytes,
                                  uint32_t number)
{
    return items->blocks[number / POOL_ITEMS_BLOCK] + number % POOL_ITEMS_BLOCK * item_bytes;
}

#endif
