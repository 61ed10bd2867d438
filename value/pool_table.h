/* A hash table of items in a pool (value/pool_items.h), numbered as they came and found by
 * base/hash_slots.h: no addition moves more than a segment of slots. A small one takes little, 300
 * bytes for six values. One thread. */
#ifndef GYRE_VALUE_POOL_TABLE_H
#define GYRE_VALUE_POOL_TABLE_H

#include "base/hash_slots.h"
#include "value/pool_items.h"

_Static_assert(POOL_ITEMS_MAX <= HASH_NUMBERS_MAX, "every item has a slot");

/* Zeroed: empty. */
struct pool_table {
    struct hash_slots slots;
    struct pool_items items;
};

/* What pool_table_reserve does when slots are missing. */
enum status pool_table_grow(struct pool_table *table, struct pool *pool, struct error *error);

/* Makes room for one more item, which is at items.count then. On failure the table stands. */
static inline enum status pool_table_reserve(struct pool_table *table, struct pool *pool,
                                             size_t item_bytes, struct error *error)
{
    if (table->slots.directory == NULL || table->slots.crowded_count > 0) {
        TRY(pool_table_grow(table, pool, error));
    }
    return pool_items_reserve(&table->items, pool, item_bytes, error);
}

/* The item at items.count, which has been written, is one now, found where the probe ended. */
static inline void pool_table_take(struct pool_table *table, const struct hash_probe *probe)
{
    hash_slots_put(&table->slots, probe, table->items.count++);
}

#endif
