/* From parsed batches to a partitioned graph: merge dictionaries, number vertices, exchange by
 * source, sort by (source, target, time, row), and gather every column, all on the team. */
#ifndef GYRE_LOADER_BUILD_H
#define GYRE_LOADER_BUILD_H

#include "base/progress.h"
#include "base/stop.h"
#include "graph/graph.h"
#include "loader/batch.h"
#include "numa/budget.h"
#include "numa/team.h"

/* Builds `*graph` from `staging`, which is used up, also where the build fails: what the graph
 * holds already is released as it goes, and the caller has only to close it. `partition_count` 0:
 * one per home of the topology (more when a home's flows would pass PARTITION_FLOWS_MAX).
 * Partitions lie on the homes in turn. Addresses are divided as
 * loader/partition_map.h says. The graph's content, up to the numbering of vertices, does not
 * depend on the team or the partition count.
 *
 * Errors: STATUS_LIMIT when the budget is used up; STATUS_FAILED without memory; the stop's reason
 * as a status when `stop` is requested. */
enum status graph_build(struct graph **graph, struct staging *staging, struct team *team,
                        uint32_t partition_count, struct budget *budget, struct stop *stop,
                        struct progress *progress, struct error *error);

#endif
