/* The last edge of a pattern where nobody reads it or its own far end, nor asks anything of them
 * (plan_step.is_counted): the edge is not laid on links. The flows that it can be are
 * all those that leave its near vertex, or arrive there, in the order of time, so that beside flows
 * chosen for all other edges they are a range, found by search, whose length is the count: two
 * sorted lists instead of all pairs of links.
 *
 * docs/PERFORMANCE.md ("Counting without finding") tells what it wins. */
#ifndef GYRE_ENGINE_COUNTED_FLOWS_H
#define GYRE_ENGINE_COUNTED_FLOWS_H

#include "engine/search.h"

/* The vertices of all other edges are bound: sets the flows to count among. */
void counted_flows_enter(struct searcher *searcher);

/* How many of them can stand beside the flows that are chosen for the other edges. Cost:
 * logarithmic in the distance from the range that was counted last. */
uint64_t counted_flows_count(struct searcher *searcher, uint32_t chosen_edges);

#endif
