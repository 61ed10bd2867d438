/* A set of values by equivalence, for DISTINCT: open addressing with linear probing, in a pool. One
 * thread. Values are borrowed; the caller copies those that are new. */
#ifndef GYRE_VALUE_VALUE_SET_H
#define GYRE_VALUE_VALUE_SET_H

#include "value/pool.h"

struct value_set_slot;

/* Zeroed but for the pool: empty. */
struct value_set {
    struct pool *pool;
    struct value_set_slot *slots;
    uint64_t count;
    uint64_t capacity; /* a power of two, or 0 */
};

/* Copies the value into the pool when the set has no equivalent one, which `is_new` tells; then
 * `copy` is what was added, else what was there. */
enum status value_set_add(struct value_set *set, struct value value, bool *is_new,
                          struct value *copy, struct error *error);

#endif
