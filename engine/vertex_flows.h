/* The flows that leave a vertex (or arrive), over all its links, in ascending time. */
#ifndef GYRE_ENGINE_VERTEX_FLOWS_H
#define GYRE_ENGINE_VERTEX_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/radix.h"
#include "base/stop.h"
#include "engine/filter.h"
#include "graph/graph.h"

/* One flow: its time, the index of its link among the vertex's partition's links (or reverse links,
 * for flows that arrive), and where it lies in the partition that holds the link (not told by
 * time_order_build_whole). */
struct timed_link {
    time_ns time;
    uint32_t link;
    uint32_t position;
};

/* Which flows of a vertex. */
struct vertex_flows {
    const struct edge_frame *frame;
    const struct flow_filter *filter;
    struct stop *stop;
    bool is_out;
};

/* How many links it has. `local` is its number in the partition that owns it. */
uint32_t vertex_flows_links(const struct vertex_flows *of, const struct partition *partition,
                            uint32_t local);

/* How many flows of the vertex pass the filter. Less than there are after a stop. */
uint64_t vertex_flows_count(const struct vertex_flows *of, const struct partition *partition,
                            uint32_t local);

/* Writes them to flows[count]; `pairs` is room for twice as many. Left undone after a stop. */
void vertex_flows_order(const struct vertex_flows *of, const struct partition *partition,
                        uint32_t local, uint64_t count, struct radix_pair *pairs,
                        struct timed_link *flows);

/* How many of them are within a time, found link by link, which is slow and needs no memory. */
uint64_t vertex_flows_within(const struct vertex_flows *of, const struct partition *partition,
                             uint32_t local, time_ns earliest, time_ns latest);

#endif
