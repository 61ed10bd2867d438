/* Rows that differ, in the order in which they came: what DISTINCT, UNION and grouping keep. Rows
 * are the same when their values are equivalent (value/compare.h). */
#ifndef GYRE_PIPELINE_ROW_SET_H
#define GYRE_PIPELINE_ROW_SET_H

#include "value/pool.h"

struct row_entry {
    struct row_entry *next; /* the one that came after it */
    uint64_t hash;
    void *payload; /* the caller's; NULL at first */
    struct value values[];
};

/* Zeroed but for pool.budget and width: empty. */
struct row_set {
    struct pool pool;
    uint32_t width; /* values a row */
    struct row_entry *first;
    struct row_entry *last;
    uint64_t count;
    struct row_entry **slots;
    uint64_t slot_count; /* a power of two */
};

/* The entry of a row, which is made (of copies) when there is none; NULL with the error set. */
struct row_entry *row_set_add(struct row_set *set, const struct value *values, bool *is_new,
                              struct error *error);
void row_set_close(struct row_set *set);

#endif
