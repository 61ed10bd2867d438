/* Difference constraints between the start times of a pattern's edges. */
#ifndef GYRE_QUERY_DIFFERENCE_H
#define GYRE_QUERY_DIFFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "query/bound.h"

/* No bounds. */
void difference_init(struct window *window);

/* time[to] - time[from] <= limit_ns. */
void difference_add(struct window *window, uint32_t from, uint32_t to, int64_t limit_ns);

/* Takes a comparison over start times and constants into the window: a difference of two start
 * times, or one of them, in any shape that + and - can give it. False when it is no such thing, or
 * its constants do not fit; then nothing is changed. */
bool difference_take(struct window *window, const struct bound_query *query,
                     const struct expression *comparison);

/* All bounds that follow from those that were added, over the first `edge_count` edges and the
 * origin: shortest paths between all pairs (R. W. Floyd, "Algorithm 97: Shortest Path", 1962). A
 * contradiction is a cycle of negative length. */
void difference_derive(struct window *window, uint32_t edge_count);

#endif
