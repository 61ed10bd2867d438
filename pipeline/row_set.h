/* Rows that differ, in the order in which they came: what DISTINCT, UNION and grouping keep. Rows
 * are the same when their values are equivalent (value/compare.h). */
#ifndef GYRE_PIPELINE_ROW_SET_H
#define GYRE_PIPELINE_ROW_SET_H

#include "value/pool_table.h"

struct row_entry {
    void *payload; /* the caller's; NULL at first */
    struct value values[];
};

/* Zeroed but for pool and width: empty. */
struct row_set {
    struct pool *pool; /* borrowed; all that is added lies there */
    uint32_t width;    /* values a row */
    bool borrows;      /* what is added from here on lasts as long, and is not copied */
    struct pool_table table;
};

static inline size_t row_set_entry_bytes(const struct row_set *set)
{
    return sizeof(struct row_entry) + set->width * sizeof(struct value);
}

static inline uint32_t row_set_count(const struct row_set *set)
{
    return set->table.items.count;
}

/* The row that came as the `number`-th, from 0 on. Stays there until another row is added. */
static inline struct row_entry *row_set_at(const struct row_set *set, uint32_t number)
{
    return pool_items_at(&set->table.items, row_set_entry_bytes(set), number);
}

uint64_t row_hash(const struct value *values, uint32_t width);

/* The entry of a row whose hash is row_hash, which is made (mostly of copies) when there is none,
 * and stays there until another row is added; NULL with the error set. */
struct row_entry *row_set_add(struct row_set *set, const struct value *values, uint64_t hash,
                              bool *is_new, struct error *error);

#endif
