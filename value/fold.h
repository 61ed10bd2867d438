/* The aggregates of the language over values: count, sum, avg, min, max, collect, stDev, stDevP,
 * percentileCont, percentileDisc. */
#ifndef GYRE_VALUE_FOLD_H
#define GYRE_VALUE_FOLD_H

#include "base/stop.h"
#include "value/pool.h"

struct fold_kind; /* a row of the table */

/* NULL when there is no aggregate of that name (case is ignored). `parameters`: arguments beyond
 * the first (percentileCont has one), which must be the same in every row. */
const struct fold_kind *fold_find(struct bytes name, uint32_t *parameters);
const char *fold_name(const struct fold_kind *kind);
/* All of them, by numbers from 0 on; NULL behind the last. */
const struct fold_kind *fold_at(uint32_t index);

/* One running aggregate; lives in the pool given to fold_begin. */
struct fold_state;

/* NULL without memory. `is_distinct`: equivalent values count once. */
struct fold_state *fold_begin(const struct fold_kind *kind, bool is_distinct, struct pool *pool,
                              struct error *error);

/* A part of an aggregate that several workers share, each taking some of the rows, in any order;
 * `place` tells where among all rows the next one stands. No two parts have rows of one place;
 * those of one part stand as they are taken. */
struct fold_state *fold_begin_part(const struct fold_kind *kind, bool is_distinct,
                                   const uint64_t *place, struct pool *pool, struct error *error);

/* Makes parts[0], perhaps the only one, the aggregate of what all parts took, as if one had taken
 * the rows in order, but for errors: it may fail otherwise, with STATUS_USAGE. From then on it
 * lives in `pool`. Looks at `stop`. */
enum status fold_merge(struct fold_state **parts, uint32_t count, struct pool *pool,
                       struct stop *stop, struct error *error);

/* Takes one row's argument (and parameter); copies what it keeps into the pool. Null is passed over
 * (not by count(*), which is given `true`). STATUS_USAGE for what it cannot take: a sum of texts.
 */
enum status fold_take(struct fold_state *state, struct value argument, struct value parameter,
                      struct error *error);

/* The result, in the state's pool. Without any value: 0 (count, sum), [] (collect), else null. What
 * takes long looks at `stop` (NULL: never) and fails with what it means. Once for each state. */
enum status fold_finish(struct fold_state *state, struct stop *stop, struct value *result,
                        struct error *error);

#endif
