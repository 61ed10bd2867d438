/* Unary filters: the conjuncts that read one flow or one vertex, evaluated once over the columns,
 * in parallel, into one bit per flow or vertex. */
#ifndef GYRE_ENGINE_FILTER_H
#define GYRE_ENGINE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stop.h"
#include "engine/evaluate.h"
#include "engine/filter_key.h"
#include "engine/locality.h"
#include "numa/team.h"
#include "query/bound.h"

struct cached_filter;
struct filter_cache;

/* Of one pattern edge. Without conjuncts `bits` is NULL and everything passes. */
struct flow_filter {
    uint64_t **bits;       /* [partition]: bit i & 63 of word i >> 6; bits past the end are 0 */
    uint64_t *pass_counts; /* [partition] flows that pass */
    uint64_t pass_count;   /* over all partitions */
    struct filter_key key; /* of `bits`; empty: reads the ends of a flow, and is not shared */
};

/* Of one pattern vertex, over all vertices of its frame. NULL bits: everything passes. */
struct vertex_filter {
    uint64_t *bits;
    uint64_t pass_count;
};

struct filters {
    struct flow_filter edges[PATTERN_EDGES_MAX];
    struct vertex_filter vertices[PATTERN_VERTICES_MAX];
    uint64_t flows_scanned;      /* flows whose columns were read, over all filters */
    struct locality *localities; /* [worker]; NULL: nothing was read */
    bool is_false;               /* a constant conjunct is not true: no match */
    struct filter_cache *cache;
    struct cached_filter
        *held[2 * PATTERN_EDGES_MAX]; /* of the cache: with externals, and without */
    uint32_t held_count;
};

/* Evaluates all PREDICATE_CONSTANT, PREDICATE_VERTEX and PREDICATE_EDGE conjuncts, and the absolute
 * time bounds of the window as well. Comparisons of one column with literals are ranges over the
 * column's raw values (or a table over dictionary codes), and touch nothing else; equality of a
 * vertex's key with a literal is a look-up. Pattern edges with the same conjuncts share their bits.
 * Bits of a partition are written by workers of its node and lie in that node's of `node_arenas`
 * (one per node; NULL: none of its own), everything else in `arena`. With a `cache` of the graph
 * filters of flows are looked for there first, and kept there. Whatever it returns, filters_close
 * follows, before the arenas go. */
enum status filters_build(struct filters *filters, const struct bound_query *query,
                          struct team *team, struct arena *arena, struct arena *const *node_arenas,
                          struct filter_cache *cache, struct stop *stop, struct error *error);

/* Lets go of what is the cache's. Filters that are zero hold nothing. */
void filters_close(struct filters *filters);

/* Words of a bit for each of `count` flows or vertices. */
static inline uint64_t filter_word_count(uint64_t count)
{
    return (count + 63) / 64;
}

static inline bool bit_is_set(const uint64_t *bits, uint64_t index)
{
    return (bits[index >> 6] >> (index & 63) & 1) != 0;
}

#endif
