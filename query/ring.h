/* Patterns that are one temporal cycle, as (a)-[e1]->(b)-[e2]->(c)-[e3]->(a), each flow later than
 * the one before and the last within a window of the first: engine/cycles.h finds them too. */
#ifndef GYRE_QUERY_RING_H
#define GYRE_QUERY_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "query/bound.h"

struct ring {
    uint32_t hop_count;                  /* 0: none */
    uint8_t edges[PATTERN_EDGES_MAX];    /* pattern edge of each hop, in the order of time */
    uint8_t vertices[PATTERN_EDGES_MAX]; /* pattern vertex that each hop goes from */
    int64_t window_ns;
    bool is_strict;   /* each flow is later than the one before, else not earlier */
    bool is_simple;   /* all vertices differ, else any may be the same */
    bool is_backward; /* hops go from target to source */
};

/* Whether the pattern is such a cycle and nothing else is said of several of its flows or vertices,
 * wherever it begins and whichever way round it is written; no undirected edge is. Filters are left
 * out of account. */
bool ring_find(struct ring *ring, const struct bound_query *query);

#endif
