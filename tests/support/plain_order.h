/* How rows are ordered by keys, without any cleverness. */
#ifndef GYRE_TESTS_SUPPORT_PLAIN_ORDER_H
#define GYRE_TESTS_SUPPORT_PLAIN_ORDER_H

#include "engine/operations.h"
#include "engine/order.h"

/* The next of some numbers that look random. */
static inline uint64_t plain_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

/* Ties by the row. */
static inline int plain_compare(const struct graph *graph, const struct order_key *keys,
                                uint32_t count, uint64_t left, uint64_t right)
{
    for (uint32_t i = 0; i < count; i++) {
        bool left_is_null = keys[i].nulls != NULL && keys[i].nulls[left] != 0;
        bool right_is_null = keys[i].nulls != NULL && keys[i].nulls[right] != 0;
        int order = left_is_null - right_is_null;
        if (!left_is_null && !right_is_null) {
            order = lane_compare(keys[i].type, graph, keys[i].values[left], keys[i].values[right]);
        }
        if (order != 0) {
            return keys[i].is_descending ? -order : order;
        }
    }
    return (left > right) - (left < right);
}

#endif
