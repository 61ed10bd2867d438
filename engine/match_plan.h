/* The plan of a query whose filters are known. Inside the engine only. */
#ifndef GYRE_ENGINE_MATCH_PLAN_H
#define GYRE_ENGINE_MATCH_PLAN_H

#include "engine/rehearsal.h"
#include "query/plan.h"

/* The plan that the counts of the filters lead to; where that is expected to cost more than some
 * milliseconds, the one that does best in a rehearsal (engine/rehearsal.h), which is left out where
 * there is no memory for it. seek[v], by pattern vertex: as plan_statistics.vertex_seek. */
void match_plan(struct plan *plan, const struct bound_query *query, const struct filters *filters,
                const struct rehearsal_means *means, vertex_id *seek);

/* What the search takes where all of its matches are judged (engine/filter_external.h), in
 * candidates; 0 where enough rows may end it at any time. */
double match_cost(const struct plan *plan, const struct bound_query *query,
                  const struct filters *filters);

#endif
