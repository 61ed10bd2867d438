/* Inside the result: what sink_finish fills and result_read reads. */
#ifndef GYRE_ENGINE_RESULT_STATE_H
#define GYRE_ENGINE_RESULT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/radix.h"
#include "engine/result.h"
#include "engine/rows.h"

/* How a column of the result is had. */
struct result_output {
    struct program *program;     /* NULL: it is key `key` itself */
    struct registers *registers; /* its own: all columns of a block last together */
    uint32_t key;
};

struct result {
    const struct bound_query *query;
    struct arena **arenas; /* owned: all that the rest lies in */
    uint32_t arena_count;
    struct spill_area *areas; /* owned: rows and their order, where they lie on disk */
    uint32_t area_count;
    struct arena *arena;

    struct radix_pair *order; /* `value` is a row or group; those shown begin at `first` */
    uint64_t first;
    uint64_t row_count;

    struct rows rows; /* of matches; without chunks where there are groups */

    uint32_t key_count; /* groups, in columns */
    uint32_t aggregate_count;
    struct lanes *keys;
    struct lanes *aggregates;

    struct result_output *outputs;
    struct inputs inputs;           /* the block at hand: pointers to what follows */
    struct lanes *block_keys;       /* [key_count], of EVALUATE_LANES each */
    struct lanes *block_aggregates; /* [aggregate_count] */
};

/* Compiles the outputs and makes room for a block, once rows or groups are there. */
enum status result_prepare(struct result *result, struct error *error);

#endif
