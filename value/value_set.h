/* A set of values by equivalence, for DISTINCT. One thread. */
#ifndef GYRE_VALUE_VALUE_SET_H
#define GYRE_VALUE_VALUE_SET_H

#include "value/pool_table.h"

/* Zeroed: empty. */
struct value_set {
    struct pool_table table; /* of values */
};

static inline struct value *value_set_at(const struct value_set *set, uint32_t number)
{
    return pool_items_at(&set->table.items, sizeof(struct value), number);
}

/* Copies the value into the pool, the same one every time, when the set has no equivalent one,
 * which `is_new` tells; `number` is that of what was added, or was there. */
enum status value_set_add(struct value_set *set, struct pool *pool, struct value value,
                          bool *is_new, uint32_t *number, struct error *error);

/* Whether it has an equivalent one. */
bool value_set_has(const struct value_set *set, struct value value);

#endif
