/* Inside the sink: the steps from the workers' buffers to a result. */
#ifndef GYRE_ENGINE_FINISH_H
#define GYRE_ENGINE_FINISH_H

#include <stdatomic.h>
#include <stdint.h>

#include "engine/order.h"
#include "engine/result_state.h"
#include "engine/sink_state.h"

/* One ORDER BY item, evaluated for all rows or groups. */
struct finish_order {
    struct program *program;
    union lane *values; /* by row */
    uint8_t *nulls;
    atomic_bool has_nulls; /* set by any worker */
};

/* While finishing. Everything is allocated in `arena`, the sink's. */
struct finish {
    struct sink *sink;
    struct team *team;
    struct result *result;
    struct arena *arena;
    struct error *error;
    struct stop_patience patience;
    bool is_spilling;            /* results lie on disk, so what is as large as they are does too */
    struct spill_area area;      /* for that; moved to the result */
    struct finish_order *orders; /* [order_count] */
    uint64_t block_count;        /* of EVALUATE_LANES rows or groups */
    uint64_t group_count;
    _Atomic uint64_t next_block;
    struct error *worker_errors; /* [worker] */
};

/* Merges the workers' groups into result->keys and result->aggregates, and numbers them in
 * result->order. */
enum status finish_merge_groups(struct finish *finish);

/* The same where some are on disk. */
enum status finish_merge_runs(struct finish *finish);

/* Room for the columns of finish->group_count groups in the result, with types, not with values,
 * and for their order. */
enum status finish_open_columns(struct finish *finish);

/* Evaluates ORDER BY over all blocks, on the team. */
enum status finish_evaluate_orders(struct finish *finish);

/* Groups of different keys may show the same row: only the first of them stays. The result can be
 * read already. */
enum status finish_drop_repeated(struct finish *finish);

/* Room for something a row or group, not zeroed: in the arena or, where results lie there or the
 * memory ends, on disk. */
void *finish_room(struct finish *finish, uint64_t count, uint64_t size);

/* Copies `count` lanes of a column, or leaves half-way when finishing is given up. Whether any is
 * null. */
bool finish_copy_lanes(const struct finish *finish, const union lane *values, const uint8_t *nulls,
                       uint64_t count, union lane *to_values, uint8_t *to_nulls);

enum status finish_out_of_memory(const struct finish *finish);

/* Asked between blocks by all long loops, which then leave; whoever leads asks again and fails. */
static inline bool finish_is_given_up(const struct finish *finish)
{
    return stop_patience_is_over(&finish->patience);
}
enum status finish_given_up(const struct finish *finish);

#endif
