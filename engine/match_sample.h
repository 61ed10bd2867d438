/* What a sample tells of the flows that pass an edge's filter: on how many links they lie, and
 * which others they meet at their ends. Inside the engine only. */
#ifndef GYRE_ENGINE_MATCH_SAMPLE_H
#define GYRE_ENGINE_MATCH_SAMPLE_H

#include "engine/filter.h"
#include "query/plan.h"

/* Links with a flow that passes, about; at most as many as flows. Looks at some hundred links. */
double sample_links(const struct edge_frame *edges, const struct flow_filter *filter);

/* Fills in what a sample of the links and flows that pass tells of every edge: the shares whose
 * ends pass, and what other edges of the pattern find there. Looks at some thousand links for each
 * two edges that meet, and at all bits of the filters. */
void sample_meetings(const struct bound_query *query, const struct filters *filters,
                     struct plan_statistics *statistics);

#endif
