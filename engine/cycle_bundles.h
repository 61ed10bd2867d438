/* The flows that may lie on a cycle, divided by time: a bundle is the flows of one link that start
 * within one interval, and the bundles of an interval are contiguous.
 *
 * Intervals are as long as the window, or longer where they would be too many, so that a cycle
 * whose first flow lies in one ends in it or in the next. A flow is left out when its source or
 * target has nothing that arrives or nothing that leaves. Immutable after build; interleaved over
 * nodes. */
#ifndef GYRE_ENGINE_CYCLE_BUNDLES_H
#define GYRE_ENGINE_CYCLE_BUNDLES_H

#include "engine/cycles.h"

struct bundle {
    vertex_id source;
    vertex_id target;
    uint32_t first; /* position in the source's partition */
    uint32_t count; /* of positions; some flows among them may not pass the filter, one does */
};

struct bundles {
    time_ns origin;
    uint64_t interval_ns; /* at least 1 */
    uint32_t interval_count;
    uint64_t *offset; /* [interval_count + 1] */
    struct bundle *bundles;
    struct arena *arena;
};

/* Called for each flow that is a cycle by itself, where only such matter: with simple vertices a
 * flow from a vertex to itself is on no other cycle, and is in no bundle. */
typedef void (*bundle_loop)(const struct worker *worker, void *context, vertex_id vertex,
                            edge_id edge);

/* `bundles` is zeroed by the caller; close accepts it zeroed, or after a failed build. */
enum status bundles_build(struct bundles *bundles, const struct cycle_query *query,
                          const struct cycle_options *options, bundle_loop loop, void *context,
                          struct error *error);
void bundles_close(struct bundles *bundles);

#endif
