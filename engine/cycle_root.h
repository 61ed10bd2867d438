/* What can lie on a cycle that begins at one vertex of a slab, the *root*.
 *
 * Backwards from the flows that arrive at the root, the *earliest close* of each flow is found: the
 * rank of the earliest last flow of a cycle that goes on with it. A flow can be on a cycle whose
 * first flow is f only if its earliest close is within the window of f: one table serves all first
 * flows, where a table of latest departures would be needed for each. (The idea is that of the
 * cycle-union of Blanusa, Atasu and Ienne, "Fast Parallel Algorithms for Enumeration of Simple,
 * Temporal, and Hop-Constrained Cycles", 2023.) Forwards, the latest first flow that leads to each
 * flow is found. What passes both is on a closed walk within the window, and becomes a graph of its
 * own: a search in it wanders only where a walk would have to repeat a vertex.
 *
 * With at most ROOT_HOPS_MAX hops the earliest close is kept per number of hops left; and where
 * many flows lead back to the root, those are left out first that hops alone exclude
 * (cycle_reach.h). One worker's own, for one root at a time. */
#ifndef GYRE_ENGINE_CYCLE_ROOT_H
#define GYRE_ENGINE_CYCLE_ROOT_H

#include "engine/cycle_marks.h"
#include "engine/cycle_reach.h"
#include "engine/cycle_slab.h"

enum { ROOT_HOPS_MAX = 8 };

struct root_flow {
    uint32_t rank;
    uint32_t after; /* as slab_flow */
    uint32_t close; /* earliest, with as many hops as may be */
};

struct root_link {
    uint32_t target;
    uint32_t begin; /* flows[begin .. end - 1], by rank */
    uint32_t end;
    uint32_t uses; /* on the path; the search's */
};

/* Of a vertex of the slab. */
struct root_vertex {
    uint32_t begin; /* links[begin .. begin + count - 1] leave it */
    uint32_t count;
    uint32_t marked_from;  /* flows that arrive are marked from this place of in_ranks on */
    uint32_t latest_first; /* 1 + rank of the latest first flow that leads here; 0: none */
};

/* What a flow says of a vertex, to be heard by flows of another time only. */
struct pending {
    uint32_t vertex;
    uint32_t rank;
};

struct cycle_root {
    const struct cycle_query *query;
    struct arena *arena;
    struct stop *stop;
    const struct slab *slab;
    uint32_t slab_serial; /* of `slab`: another one may lie where it lay */
    uint32_t vertex;
    uint32_t lanes; /* entries per flow and vertex: 1, or as many hops as may be and more */
    uint32_t most;  /* the lane of as many hops as may be */
    uint64_t flows_visited;
    uint32_t look_max; /* flows that are looked at before hops alone are */
    bool is_too_wide;  /* too many flows lead back to the root to look at each */

    struct root_vertex *vertices; /* [vertex_count of the slab] */
    struct root_link *links;
    struct root_flow *flows;
    uint32_t *closes; /* [flow_count * lanes]: by rank; lane i is of at most i + 1 hops */

    struct cycle_reach reach;
    struct marks marks;
    uint32_t *vertex_closes; /* [vertex_count * lanes] */
    uint32_t *slot_of;       /* [link_count] */
    uint32_t *reached;       /* [reached_count], by rank, descending */
    uint32_t reached_count;
    uint32_t *kept; /* [kept_count], by rank, ascending */
    uint32_t kept_count;
    uint32_t *touched; /* [touched_count]: vertices with something to be cleared */
    uint32_t touched_count;
    struct pending *pending;
    uint32_t pending_count;
    struct root_slot *slots;
    uint32_t slot_count;
    struct room rooms[12];
};

/* `root` is zero before. `arena` is the worker's own; `is_test`: hops are always looked at. */
void root_init(struct cycle_root *root, const struct cycle_query *query, struct arena *arena,
               struct stop *stop, bool is_test);

/* Makes ready for roots of the slab, and does nothing when it is. False without memory, or when the
 * stop is requested. */
bool root_enter(struct cycle_root *root, const struct slab *slab);

/* Finds what can lie on a cycle that begins at `vertex`; false when there is nothing, or when the
 * stop ended it. The same slab and vertex give the same links and flows, in the same order. */
bool root_explore(struct cycle_root *root, uint32_t vertex);

/* The earliest close of the flow of a rank. */
static inline uint32_t root_close_of(const struct cycle_root *root, uint32_t rank)
{
    return root->closes[(uint64_t)rank * root->lanes + root->most];
}

/* The earliest close of a flow with at most `hops` hops, its own included. */
static inline uint32_t root_close(const struct cycle_root *root, const struct root_flow *flow,
                                  uint32_t hops)
{
    return root->lanes == 1 ? flow->close
                            : root->closes[(uint64_t)flow->rank * root->lanes + hops - 1];
}

#endif
