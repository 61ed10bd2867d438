/* For each vertex, the flows that leave it (or arrive) in ascending time, over all its links: where
 * a window is narrow and a vertex has many links, most links hold nothing in the window, and this
 * finds those that do.
 *
 * Built on demand for one step of a plan, from the flows that pass the edge's filter; 16 bytes a
 * flow, on the node of the partition that owns the vertex. Immutable after build. */
#ifndef GYRE_ENGINE_TIME_ORDER_H
#define GYRE_ENGINE_TIME_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stop.h"
#include "engine/filter.h"
#include "graph/graph.h"
#include "numa/budget.h"
#include "numa/team.h"

/* One flow: its time, and the index of its link among the vertex's partition's links (or reverse
 * links, for flows that arrive). */
struct timed_link {
    time_ns time;
    uint32_t link;
};

/* The first flow of `begin` .. end - 1 that is not before `least`, or `end`; galloping. */
static inline uint64_t timed_link_seek(const struct timed_link *flows, uint64_t begin, uint64_t end,
                                       time_ns least)
{
    uint64_t stride = 1;
    uint64_t probe = begin;
    while (probe < end && flows[probe].time < least) {
        begin = probe + 1;
        probe = end - probe > stride ? probe + stride : end;
        stride *= 2;
    }
    end = probe;
    while (begin < end) {
        uint64_t middle = begin + (end - begin) / 2;
        if (flows[middle].time < least) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

struct time_order_part {
    uint64_t *offset;         /* [vertex_count + 1], by vertex - vertex_base */
    struct timed_link *flows; /* [offset[vertex_count]] */
    struct arena *arena;
};

struct time_order {
    bool is_out;
    uint32_t part_count;
    struct time_order_part *parts; /* [partition_count of the frame] */
};

/* `order` is zeroed by the caller; close accepts it zeroed, or after a failed build. */
enum status time_order_build(struct time_order *order, const struct edge_frame *frame,
                             const struct flow_filter *filter, bool is_out, struct team *team,
                             struct budget *budget, struct stop *stop, struct error *error);
/* The same over all flows that pass, whatever their ends: one part with one entry, whose flows name
 * their links as numbered over all partitions by `link_base`. STATUS_LIMIT when those do not fit
 * into 32 bits. */
enum status time_order_build_whole(struct time_order *order, const struct graph *graph,
                                   const struct flow_filter *filter, const uint64_t *link_base,
                                   struct team *team, struct budget *budget, struct stop *stop,
                                   struct error *error);
void time_order_close(struct time_order *order);

#endif
