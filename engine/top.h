/* ORDER BY with LIMIT: a worker keeps no more rows than may be shown.
 *
 * Rows are taken into chunks as always. When a worker has some more chunks than the rows that SKIP
 * and LIMIT can use would fill, it orders what it has, keeps the first of them and goes on in the
 * room of the others. So memory is bounded by the limit and not by the matches, and the order is
 * paid for once a row, by all workers at once. Inside the sink. */
#ifndef GYRE_ENGINE_TOP_H
#define GYRE_ENGINE_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/order.h"
#include "engine/rows.h"
#include "query/bound.h"

/* For all workers. */
struct top {
    uint64_t needed;           /* rows that SKIP and LIMIT can use; UINT64_MAX: all are kept */
    uint64_t chunk_limit;      /* a worker with that many full chunks drops rows */
    struct program **programs; /* [order_count] */
};

/* One worker's room for ordering, made when it drops rows first. */
struct top_buffers {
    struct registers *registers;
    struct radix_pair *pairs;
    struct radix_pair *scratch;
    union lane **values; /* [order_count][row] */
    uint8_t **nulls;
    struct order_key *keys; /* order_count, and those that break ties */
    uint32_t key_count;
    uint64_t *kept; /* a bit per row */
};

/* `top` stays empty, and all rows are kept, without ORDER BY or LIMIT, with a limit beyond what is
 * worth it, and where ORDER BY makes texts. */
enum status top_open(struct top *top, const struct bound_query *query, struct arena *arena,
                     struct error *error);

static inline bool top_is_full(const struct top *top, const struct rows *rows)
{
    return rows->chunk_count >= top->chunk_limit;
}

/* Drops rows that cannot be shown; all chunks are full. Fails when ORDER BY cannot be evaluated or
 * memory in `arena` runs out. */
enum status top_drop(const struct top *top, struct top_buffers *buffers,
                     const struct bound_query *query, struct rows *rows, struct arena *arena,
                     struct error *error);

#endif
