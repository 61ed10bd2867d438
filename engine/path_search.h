/* The search for temporal paths, hop by hop: from the flows with which paths of so many flows end,
 * to those with which paths of one more do. Inside the engine only.
 *
 * What paths that arrive at a vertex have in common is one record, an arrival: of paths that are
 * counted, one for each last flow, with their number; where it is enough that there are some, only
 * those that nobody else does better than, who comes sooner and has begun no earlier. So a hop
 * takes as long as there are flows between the vertices that were reached, at most, and not as
 * there are paths. Where a window limits paths that are counted, they are followed from one first
 * flow at a time.
 *
 * Paths are searched from their beginning or from their end, whichever is told by less; here `near`
 * is that side, `far` the other one. From the end times descend: then everything below is the same
 * with times turned round (path_time). */
#ifndef GYRE_ENGINE_PATH_SEARCH_H
#define GYRE_ENGINE_PATH_SEARCH_H

#include "engine/cycle_room.h"
#include "engine/paths.h"
#include "engine/time_order.h"

/* The flows of one instant with which paths end, the last one first: they may not take any of them
 * again. */
struct path_trail {
    edge_id edge;
    const struct path_trail *before;
};

/* Paths whose last flow arrives at the same vertex at the same time. */
struct path_arrival {
    time_ns time;
    union {
        time_ns first; /* of the latest first flow among them; 0 where there is no window */
        uint64_t ways; /* where they are counted: of this arrival and those before at the vertex */
    };
    union {
        edge_id edge; /* where they are counted: the last flow; or, if the one before was not */
        const struct path_trail *trail; /* earlier, all of that instant */
    };
    vertex_id vertex;
    bool has_trail; /* where they are not counted: the last two are of one instant */
};

/* Links of a vertex to be gone along, and its arrivals. */
struct path_unit {
    vertex_id vertex;
    uint32_t link_begin; /* of its partition's links, or reverse links */
    uint32_t link_end;
    uint32_t flow_begin; /* path_step_one: of the first link, and of the last one */
    uint32_t flow_end;
    uint64_t begin; /* arrivals of the lane; none before the first hop */
    uint64_t end;
};

struct path_list {
    struct room room;
    struct path_arrival *items;
    uint64_t count;
};

struct kind_list {
    struct room room;
    struct path_kind *items;
    uint64_t count;
    uint64_t final_count; /* items up to here are of other kinds than those behind */
    uint64_t tidy_count;  /* items behind these, up to here, are in order, no two of a kind */
};

/* What every worker needs to know of the search. */
struct path_search {
    const struct path_query *query;
    const struct cycle_options *options;
    const struct edge_frame *edges;
    bool is_leaving;    /* goes along links that leave */
    bool is_descending; /* in time */
    bool is_counted;    /* paths are counted, for the sake of their number or not */
    bool tells_near;
    bool tells_far;
    uint64_t *const *near_bits; /* flows */
    uint64_t *const *far_bits;
    const uint64_t *near_vertices;
    const uint64_t *far_vertices;

    struct flow_filter flows; /* of `order` */
    struct time_order order;  /* of the flows that the search goes along, where a window is open */

    struct path_lane **lanes; /* [lane_count], one for each worker */
    uint32_t lane_count;
    bool is_over;          /* set by worker 0 between barriers */
    _Atomic uint64_t next; /* vertices or units to begin with */
};

enum { PATH_TRAILS = 128 };

/* What one worker holds: the vertices that are its own, of those that all workers reach together,
 * or everything, where it follows paths alone. */
struct path_lane {
    struct path_search *search;
    const struct worker *worker;
    struct arena *arena;
    struct path_lane **lanes; /* [lane_count]: who have the other vertices; alone: itself */
    uint32_t lane_count;
    uint32_t index; /* of it among them */
    struct path_lane *self;
    struct path_list *emitted; /* [lane_count]: arrivals by the hop, for each lane */
    struct kind_list *ended;   /* [lane_count]: the same of paths that end there */
    struct path_list arrivals; /* own, by vertex and time */
    struct path_list known;    /* own, over all hops, by vertex and time */
    struct path_list spare;    /* room for what will be known */
    struct path_list gathered; /* what others emitted for it, by vertex and time */
    struct path_list sorted;   /* room to put lists in order */
    struct kind_list kinds;    /* own */
    struct path_unit *units;   /* [unit_count] */
    uint64_t unit_count;
    struct room unit_room;
    struct room pair_room;
    struct room kind_room;
    struct path_unit *dealt; /* [dealt_count]: units that any worker may take */
    uint64_t dealt_count;
    _Alignas(64) _Atomic uint64_t next_dealt;
    vertex_id near;        /* where paths begin that it follows alone; 0 where that is not told */
    time_ns limit;         /* of times of flows that are counted */
    struct path_kind here; /* paths that end with the hop, where their far ends are not told */
    struct path_trail **trails; /* [.. / PATH_TRAILS], in blocks of PATH_TRAILS */
    struct room trail_room;
    uint64_t trail_count;
    uint64_t trail_blocks; /* that there are */
    struct order_room order_room;
    uint64_t links_tried; /* of vertices whose flows were not in order */
    uint32_t poll_countdown;
    bool is_full;     /* more paths than can be counted */
    bool is_short;    /* of memory */
    bool has_repeats; /* where paths are not counted: some may have taken a flow twice */
    uint64_t flows_visited;
    uint64_t links_visited;
};

/* Whether who arrives after `hops` flows, no sooner and having begun no later than another one that
 * took no more, need not go on. */
static inline bool path_prunes(const struct path_query *query, uint32_t hops)
{
    return (!query->tells_hops || query->tells_least) && hops + 1 >= query->hops_min;
}

/* The lane that holds what is known of a vertex, among so many. */
static inline uint32_t path_owner(vertex_id vertex, uint32_t lane_count)
{
    return (uint32_t)((vertex * UINT64_C(0x9e3779b1) & UINT32_MAX) * lane_count >> 32);
}

/* To be called in every loop that may be long. */
static inline bool path_is_stopped(struct path_lane *lane, uint32_t steps)
{
    if (lane->poll_countdown > steps) {
        lane->poll_countdown -= steps;
        return stop_is_requested(lane->search->options->stop);
    }
    lane->poll_countdown = 4096;
    return stop_poll(lane->search->options->stop);
}

#endif
