/* Strongly connected components of a compact graph: what lies on a cycle lies in one. */
#ifndef GYRE_ENGINE_CYCLE_COMPONENT_H
#define GYRE_ENGINE_CYCLE_COMPONENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stop.h"

/* The successors of vertex v are targets[offset[v]] to before targets[offset[v + 1]]. */
struct compact_graph {
    uint32_t vertex_count;
    const uint32_t *offset;
    const uint32_t *targets;
};

enum { COMPONENT_SCRATCH_WORDS = 5 }; /* per vertex */

/* Sets `component[v]`, equal for two vertices when each can be reached from the other. `scratch`
 * holds COMPONENT_SCRATCH_WORDS words per vertex. False when `stop` ended it. Linear in vertices
 * and edges; one depth-first search (Tarjan, "Depth-first search and linear graph algorithms",
 * 1972). */
bool components_find(const struct compact_graph *graph, uint32_t *component, uint32_t *scratch,
                     struct stop *stop);

#endif
