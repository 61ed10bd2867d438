/* A set of values by equivalence, for DISTINCT. One thread. */
#ifndef GYRE_VALUE_VALUE_SET_H
#define GYRE_VALUE_VALUE_SET_H

#include "value/pool_table.h"

/* Zeroed: empty. */
struct value_set {
    struct pool_table table; /* of values */
};

/* Copies the value into the pool, the same one every time, when the set has no equivalent one,
 * which `is_new` tells; then `copy` is what was added, else what was there. */
enum status value_set_add(struct value_set *set, struct pool *pool, struct value value,
                          bool *is_new, struct value *copy, struct error *error);

#endif
