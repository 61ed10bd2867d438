/* Operators on lists that operator.c hands on. */
#ifndef GYRE_VALUE_OPERATOR_LIST_H
#define GYRE_VALUE_OPERATOR_LIST_H

#include "value/pool.h"

/* `left + right`, of which at least one is a list; the other one's value becomes an item. */
enum status operator_list_join(struct value left, struct value right, struct pool *pool,
                               struct value *result, struct error *error);

#endif
