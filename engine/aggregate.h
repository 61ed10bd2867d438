/* Aggregates folded group by group: count, sum, min, max and avg, as states that merge in any order
 * to the same result. Integers sum in 128 bits, floats in double-double arithmetic (T. J. Dekker,
 * "A Floating-Point Technique for Extending the Available Precision", 1971), whose error is far
 * below the rounding of the result. */
#ifndef GYRE_ENGINE_AGGREGATE_H
#define GYRE_ENGINE_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/evaluate.h"
#include "engine/scratch.h"

/* Zeroed: of no values. */
struct aggregate_state {
    union {
        __int128 sum;
        struct {
            double high;
            double low;
        } real;
        union lane lane; /* the least or greatest so far */
    } value;
    uint64_t count; /* values that are not null; rows for count(*) */
};

/* One aggregate over all groups of a worker. */
struct aggregate_column {
    const struct aggregate *aggregate;
    const struct graph *graph;
    enum type type;                 /* of the argument */
    bool copies_text;               /* texts do not last */
    struct aggregate_state *states; /* [capacity] */
    uint32_t capacity;
    uint32_t count; /* states that were made, zeroed: the others' memory is not touched yet */
};

/* Grows to `count` groups, the new ones zeroed, in memory for `capacity`. False when that runs out.
 */
bool aggregate_reserve(struct aggregate_column *column, struct arena *arena, uint32_t capacity,
                       uint32_t count);

/* Gives all groups back, with their memory. */
void aggregate_drop(struct aggregate_column *column, struct arena *arena);

/* Folds lane i into group groups[i], weights[i] times; `values` is NULL for count(*), and `weights`
 * where each counts once. False when memory for a text runs out, which loses values. Sums are right
 * as long as the weights of a group have a sum below 2^64. */
bool aggregate_fold(struct aggregate_column *column, struct scratch *texts, const uint32_t *groups,
                    const struct lanes *values, const uint64_t *weights, uint32_t count);

/* Folds another worker's state into a group's. Texts stay where they are. */
void aggregate_merge(struct aggregate_column *column, uint32_t group,
                     const struct aggregate_state *from);

/* The result of a group. STATUS_USAGE when a sum does not fit. */
enum status aggregate_result(const struct aggregate_column *column, const struct bound_query *query,
                             uint32_t group, union lane *value, uint8_t *is_null,
                             struct error *error);

#endif
