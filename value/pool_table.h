/* A hash table of items of one size in a pool, numbered as they came. Items lie in blocks and are
 * found by base/hash_slots.h, so that adding one never moves many; a small table takes little (300
 * bytes for six values). Items of a first block may move when one is added. One thread. */
#ifndef GYRE_VALUE_POOL_TABLE_H
#define GYRE_VALUE_POOL_TABLE_H

#include "base/hash_slots.h"
#include "value/pool.h"

enum { POOL_TABLE_BLOCK = 1024 }; /* items */

/* Zeroed: empty. */
struct pool_table {
    struct hash_slots slots;
    char **blocks;
    uint32_t count;
    uint32_t capacity; /* items that there is room for */
};

/* What pool_table_reserve does when it has something to do. */
enum status pool_table_grow(struct pool_table *table, struct pool *pool, size_t item_bytes,
                            struct error *error);

/* Makes room for one more item, which is then at `count`. On failure the table stands. */
static inline enum status pool_table_reserve(struct pool_table *table, struct pool *pool,
                                             size_t item_bytes, struct error *error)
{
    return table->count < table->capacity && table->slots.crowded_count == 0
               ? STATUS_OK
               : pool_table_grow(table, pool, item_bytes, error);
}

static inline void *pool_table_at(const struct pool_table *table, size_t item_bytes,
                                  uint32_t number)
{
    return table->blocks[number / POOL_TABLE_BLOCK] + number % POOL_TABLE_BLOCK * item_bytes;
}

/* The item at `count`, which has been written, is one now, found where the probe ended. */
static inline void pool_table_take(struct pool_table *table, const struct hash_probe *probe)
{
    hash_slots_put(&table->slots, probe, table->count++);
}

#endif
