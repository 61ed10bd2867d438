/* For each vertex, the flows that leave it (or arrive) in ascending time, over all its links: where
 * a window is narrow and a vertex has many links, most links hold nothing in the window, and this
 * finds those that do.
 *
 * Made for one step of a plan, from the flows that pass the edge's filter; 16 bytes a flow, on the
 * node of the partition that owns the vertex. A vertex's flows are ordered by the first who asks
 * for them, so that a question that leads to few vertices does not wait for all. */
#ifndef GYRE_ENGINE_TIME_ORDER_H
#define GYRE_ENGINE_TIME_ORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/vertex_flows.h"
#include "numa/budget.h"
#include "numa/team.h"

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

/* A vertex's flows. */
struct timed_flows {
    uint64_t count;
    const struct timed_link *flows;
};

struct ordered_vertex {
    _Atomic(const struct timed_link *) flows; /* NULL: nobody has asked; or why there are none */
    uint64_t count;
};

/* The vertices of a partition. */
struct time_order_part {
    struct arena *arena;
    struct ordered_vertex *vertices; /* [vertex_count] */
};

struct time_order {
    struct vertex_flows of;
    uint32_t part_count;
    struct time_order_part *parts; /* [partition_count of the frame] */
    struct timed_flows whole;      /* of time_order_build_whole: there are no parts */
    struct arena *arena;           /* its */
};

/* `order` is zeroed by the caller; close accepts it zeroed, or after a failure. `filter` and `stop`
 * must outlive it. */
enum status time_order_open(struct time_order *order, const struct edge_frame *frame,
                            const struct flow_filter *filter, bool is_out, struct team *team,
                            struct budget *budget, struct stop *stop, struct error *error);

/* A worker's room to order in. Zeroed but for the arenas. */
struct order_room {
    struct arena *arena;
    struct radix_pair *pairs; /* [2 * capacity] */
    uint64_t capacity;
    struct arena *kept; /* for vertices of few flows; lasts as long as the order */
    char *chunk;
    uint64_t chunk_left; /* bytes */
};

enum time_order_state {
    TIME_ORDER_FOUND,
    TIME_ORDER_AWAITED,    /* someone else is at it */
    TIME_ORDER_IMPOSSIBLE, /* for want of memory, or after a stop; for good */
};

/* The flows of a vertex of the partition, which are ordered now if they were not. */
enum time_order_state time_order_find(const struct time_order *order,
                                      const struct partition *partition, uint32_t local,
                                      struct order_room *room, struct timed_flows *found);

/* Whether they are there. */
static inline bool time_order_has(const struct time_order *order, const struct partition *partition,
                                  uint32_t local)
{
    const struct ordered_vertex *vertices = order->parts[partition->index].vertices;
    return atomic_load_explicit(&vertices[local].flows, memory_order_relaxed) != NULL;
}

/* Orders the flows of all vertices at which links both leave and arrive, where most of these will
 * be asked for: workers that come to one together would wait for it. What cannot be ordered is left
 * to those who ask. */
void time_order_fill(const struct time_order *order, struct team *team, struct budget *budget);

/* All flows that pass, whatever their ends, in `order->whole`; they name their links as numbered
 * over all partitions by `link_base`. STATUS_LIMIT when those do not fit into 32 bits. */
enum status time_order_build_whole(struct time_order *order, const struct graph *graph,
                                   const struct flow_filter *filter, const uint64_t *link_base,
                                   struct team *team, struct budget *budget, struct stop *stop,
                                   struct error *error);
void time_order_close(struct time_order *order);

#endif
