/* The order of found cycles: by the input rows of their flows, the first flow's first. It is that
 * of a tree of rows, and made as such: all cycles by their first row, those that share it by the
 * second, and so on, so that a cycle's later rows are looked at only where they matter. Inside the
 * engine only. */
#ifndef GYRE_ENGINE_CYCLE_ORDER_H
#define GYRE_ENGINE_CYCLE_ORDER_H

#include "base/radix.h"
#include "graph/graph.h"

/* A cycle as it is kept: flows, then as many vertices, from which they are gone along. */
struct kept_cycle {
    uint32_t hop_count;
    edge_id edges[];
};

static inline vertex_id *kept_cycle_vertices(struct kept_cycle *kept)
{
    return (vertex_id *)(kept->edges + kept->hop_count);
}

/* A cycle among others: its address beside the row by which it is being sorted, at first that of
 * its first flow. */
struct radix_pair kept_cycle_pair(const struct kept_cycle *kept, const struct graph *graph);

static inline struct kept_cycle *kept_cycle_of(const struct radix_pair *pair)
{
    return (struct kept_cycle *)(uintptr_t)pair->value;
}

/* Sorts pairs of kept_cycle_pair; their keys mean nothing then. `scratch` holds as many. False when
 * `stop` ended it, with the pairs in any order. */
bool cycles_sort(struct radix_pair *cycles, struct radix_pair *scratch, uint64_t count,
                 const struct graph *graph, struct stop *stop);

#endif
