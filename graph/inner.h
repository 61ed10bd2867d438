/* The inner graph: the vertices that a path can go through, and the links between them. A cycle
 * consists of nothing else, nor does the middle of a path.
 *
 * In flow graphs it is a small part: of the CTU-13 capture 7 % of the vertices and 14 % of the
 * links, with 2 neighbours for a vertex that has some hundred in all. So it is kept a second time,
 * and once for each node that holds partitions: who looks for cycles goes from vertex to vertex
 * without leaving his node, and turns to a partition only for the flows of links that he has found.
 *
 * Invariants (inner_validate): lists are those of the partitions without the links that lead
 * outside, in the same order; all copies are alike. Immutable after build. */
#ifndef GYRE_GRAPH_INNER_H
#define GYRE_GRAPH_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/partition.h"

struct edge_frame;

struct inner_link {
    vertex_id vertex; /* at the other end */
    uint32_t link;    /* in the partition that owns the link's source */
};

/* Links of the inner vertices, numbered by their rank; ascending in `vertex`. */
struct inner_lists {
    const uint32_t *offset;         /* [vertex_count + 1] */
    const struct inner_link *links; /* [link_count] */
};

struct inner {
    uint32_t node; /* where the copy lies */
    uint32_t vertex_count;
    uint32_t link_count;
    const uint64_t *bits;  /* a bit per vertex of the graph */
    const uint32_t *ranks; /* by word of `bits`: inner vertices before it */
    struct inner_lists leaving;
    struct inner_lists arriving;
    struct arena *arena; /* owns the arrays; NULL: another node's copy does */
};

/* The number of an inner vertex among them. */
static inline uint32_t inner_rank(const struct inner *inner, vertex_id vertex)
{
    uint64_t before = inner->bits[vertex >> 6] & ((UINT64_C(1) << (vertex & 63)) - 1);
    return inner->ranks[vertex >> 6] + (uint32_t)__builtin_popcountll(before);
}

/* Checks all copies against the partitions, which are sound; false, and the first violation in
 * `reason`. */
bool inner_validate(const struct edge_frame *frame, char *reason);

#endif
