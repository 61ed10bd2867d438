/* Time: all pattern edges lie on links; finds the flows within them, level by level.
 *
 * The link with the fewest feasible flows comes first, each next one within the window that the
 * chosen flows leave: of two links with 3 and 100,000 flows, 3 are walked. */
#ifndef GYRE_ENGINE_SEARCH_FLOWS_H
#define GYRE_ENGINE_SEARCH_FLOWS_H

#include "engine/search.h"

/* All edges lie on links; finds the flows. */
void flows_run(struct searcher *searcher);

/* Runs a task whose range is of a flow level. */
void flows_run_task(struct searcher *searcher, const struct task *task);

/* Narrows every edge's flows to its feasible times and orders the edges by how many are left; one
 * that is counted comes last. False when one has none. */
bool flows_order(struct searcher *searcher);

/* The range of the level's flows beside the flows that are chosen at the levels above. */
void flows_enter(struct searcher *searcher, uint32_t level);

#endif
