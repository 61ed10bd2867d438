/* Sorts each bucket of flows and makes the partitions' links. Internal to the loader. */
#ifndef GYRE_LOADER_ADJACENCY_H
#define GYRE_LOADER_ADJACENCY_H

#include "loader/builder.h"
#include "loader/exchange.h"

/* Fills link_offset, link_target, flow_offset and flow_time of all partitions, and gives each
 * record of the exchange its flow's position.
 *
 * A bucket is sorted by (source, target) with a stable radix sort, which leaves the flows of a link
 * in order of the input; they are sorted by time only where that is not the order of time. A bucket
 * is one worker's, so a source with very many flows is sorted by one worker alone. */
enum status adjacency_build(struct builder *builder, struct exchange *exchange);

#endif
