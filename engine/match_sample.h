/* What a sample tells of the flows that pass an edge's filter: on how many links they lie, and how
 * busy the vertices at their ends are. Inside the engine only. */
#ifndef GYRE_ENGINE_MATCH_SAMPLE_H
#define GYRE_ENGINE_MATCH_SAMPLE_H

#include "engine/filter.h"

/* Links with a flow that passes, about; at most as many as flows. Looks at some hundred links. */
double sample_links(const struct edge_frame *edges, const struct flow_filter *filter);

/* ends[DIRECTION_OUT] is the source's, ends[DIRECTION_IN] the target's: means over the links and
 * over the flows that pass. Looks at all bits of the filter, and at some hundred vertices; without
 * a flow that passes, leaves `ends` as they are. */
void sample_ends(const struct edge_frame *edges, const struct flow_filter *filter,
                 struct degree *ends);

#endif
