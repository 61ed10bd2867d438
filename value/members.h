/* The items of a list that is asked often whether it has a value, found by their hash. */
#ifndef GYRE_VALUE_MEMBERS_H
#define GYRE_VALUE_MEMBERS_H

#include "value/value_set.h"

/* Immutable once made; lives in a pool. */
struct members {
    struct value_set values; /* those that are equal to anything */
    bool has_null;
};

/* Of a list that is not empty. NULL in `members` where lists or maps are in it, which may be equal
 * for all that is known. */
enum status members_make(struct members **members, struct value list, struct pool *pool,
                         struct error *error);

/* What value_in (value/compare.h) says of the list. Any number of threads. */
struct value members_has(const struct members *members, struct value item);

#endif
