/* Sorting of rows and groups by any number of keys, on the team.
 *
 * Most significant digit first: a key gives 64-bit digits whose order is the key's (a number, eight
 * bytes of a text, an address's text in four bits a character), rows are radix-sorted by the first
 * digit, and only runs with the same digit look at the next one. Where there are many rows, the
 * first digit holds as many keys as fit (engine/order_pack.h). Ties after all keys keep their
 * order. Cost: about that of one radix sort, unless what does not fit decides about many rows. */
#ifndef GYRE_ENGINE_ORDER_H
#define GYRE_ENGINE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/radix.h"
#include "engine/rows.h"
#include "numa/team.h"

/* Values by row: lanes, or with `rows` the flow or vertex `variable` of each. Null is last when
 * ascending and first when descending. Flows are ordered by their row in the input, vertices by the
 * bytes of their address, addresses by their text, NaN is the greatest number. */
struct order_key {
    enum type type;
    bool is_descending;
    const union lane *values;
    const uint8_t *nulls; /* NULL: none */
    const struct rows *rows;
    uint32_t variable;
};

/* Sorts `pairs` (their `value` is a row) so that the first `needed` are in their place; the rest
 * follow in any order. `scratch` holds as many pairs, `buckets` as many bytes. Fails without memory
 * in `arena`, of which it wants a few dozen kilobytes a worker, and with STATUS_INTERRUPTED when
 * `patience` is over. */
enum status order_sort(const struct graph *graph, const struct order_key *keys, uint32_t key_count,
                       struct radix_pair *pairs, struct radix_pair *scratch, uint8_t *buckets,
                       uint64_t count, uint64_t needed, struct team *team,
                       const struct stop_patience *patience, struct arena *arena,
                       struct error *error);

/* As order_sort, on the calling thread, without memory of its own. */
void order_sort_alone(const struct graph *graph, const struct order_key *keys, uint32_t key_count,
                      struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count,
                      uint64_t needed);

/* The keys that follow ORDER BY and leave no ties but between rows that show the same: the flows'
 * rows in pattern order, then the vertices that these do not tell. At most as many as the pattern
 * has flows and vertices; returns how many. */
uint32_t order_add_row_keys(const struct bound_query *query, const struct rows *rows,
                            struct order_key *keys);

#endif
