/* The search for cycles from one root, over vertices: a step takes all flows of a link that can
 * follow those taken so far and still close in the window, as one list, and along with each the
 * number of ways that lead to it. Rows are unfolded (engine/cycle_leaf.h) where a path closes.
 * Inside the engine only.
 *
 * `struct cycle_search` is what all workers share, `struct cycle_searcher` is one worker's. */
#ifndef GYRE_ENGINE_CYCLE_SEARCH_H
#define GYRE_ENGINE_CYCLE_SEARCH_H

#include "engine/cycle_root.h"
#include "numa/thief.h"

/* A flow at which a path has arrived. */
struct arrival {
    uint32_t rank;
    uint32_t after; /* as slab_flow */
    uint32_t limit; /* of the latest first flow that leads here */
    uint32_t close; /* of a leaf: the earliest close on this path */
    uint64_t ways;  /* paths of flows that lead here, windows aside */
};
/* That many ways, or more. */
#define CYCLE_WAYS_MANY UINT64_MAX

/* A vertex on the path: the links that are still to be tried, and the flows by which it was
 * reached. The first one is the root. */
struct cycle_frame {
    uint32_t vertex;
    uint32_t link; /* by which it was reached */
    uint32_t next; /* links of the root's graph */
    uint32_t end;
    uint64_t list_begin; /* in the arrivals */
    uint64_t list_end;
    uint8_t met; /* needs that flows of the path meet, up to here */
};

/* A level of a closed path while its rows are unfolded: arrivals of its list still to be tried. */
struct leaf_frame {
    uint64_t next;
    uint64_t end;
    uint8_t met; /* needs that those chosen on the levels above meet */
};

enum {
    CYCLE_TASK_WORDS = 54,
    CYCLE_PROGRESS_UNITS = 1024, /* of a slab */
};

/* A range still to be tried: of a slab's roots; of the flows that a root keeps, to begin with; of
 * the links that leave the end of a path; of the flows at a level of a closed path. */
enum cycle_task_kind { CYCLE_TASK_ROOTS, CYCLE_TASK_FIRSTS, CYCLE_TASK_LINKS, CYCLE_TASK_FLOWS };

struct cycle_task {
    struct slab *slab; /* held by the task */
    uint32_t kind;
    uint32_t root;
    uint32_t begin;
    uint32_t end;
    uint16_t link_count;   /* of the path */
    uint16_t chosen_count; /* of CYCLE_TASK_FLOWS: levels above, the place of the flow of each */
    uint32_t words[CYCLE_TASK_WORDS]; /* links, then flows */
};
_Static_assert(sizeof(struct cycle_task) <= sizeof(struct deque_item), "a task fits into an item");

/* Numbers of ways, of cycle_walks.h. */
struct pool {
    struct room room;
    uint64_t *ways; /* [count] */
    uint64_t count;
};

struct cycle_searcher;

struct cycle_search {
    const struct cycle_query *query;
    const struct cycle_options *options;
    const struct bundles *bundles;
    cycle_consumer consumer;           /* NULL: cycles are counted */
    cycle_path_consumer path_consumer; /* of what is counted; NULL: all together */
    void *context;
    uint32_t slab_count;
    struct cycle_searcher **searchers; /* [worker_count]; only their deques are touched by others */
    _Atomic uint64_t *by_anchor;       /* [vertices of the graph], of all workers; NULL: not told */
    _Alignas(64) _Atomic uint64_t next_slab;
    struct thieves thieves;
};

struct cycle_searcher {
    struct cycle_search *search;
    const struct worker *worker;
    struct arena *arena; /* the worker's own */
    struct thief thief;
    struct error error; /* the first one */
    struct slab_builder builder;
    struct cycle_root root;
    struct slab *slab; /* that is searched */
    uint32_t root_next;
    uint32_t root_end;
    int32_t poll_countdown;

    struct room visited_room;
    struct room frame_room;
    struct room arrival_room;
    struct room leaf_room;
    struct room chosen_room;
    struct room edge_room;
    struct room source_room;
    struct room chain_room;
    struct room need_room;
    struct room count_room;
    struct room vertex_room;
    struct room together_room;
    struct room path_room;
    uint32_t first_next; /* of cycle_walks.h: flows still to be begun with */
    uint32_t first_end;
    struct pool pool;
    struct pool copies;
    uint8_t *visited; /* [vertices of the slab]: on the path */
    struct cycle_frame *frames;
    uint32_t frame_first; /* those before belong to somebody else */
    uint32_t frame_count;
    struct arrival *arrivals;
    uint64_t arrival_count;
    uint32_t repeat_count;     /* steps of the path over a link that it had used */
    struct leaf_frame *leaves; /* [leaf_count], by level */
    uint32_t leaf_first;
    uint32_t leaf_count;   /* 0: no closed path is unfolded */
    uint32_t *need_closes; /* by arrival and need: as its close, of what meets the need */
    uint64_t *chosen;      /* by level: an arrival */
    edge_id *edges;        /* the same */
    vertex_id *sources;

    uint64_t *by_hops; /* [hop_end] */
    uint32_t hop_end;
    struct room anchor_room;
    vertex_id *anchors; /* [anchor_count]: those that this worker was the first to count at */
    uint64_t anchor_count;
    struct cycle_statistics counters;
    struct locality locality; /* of what is read of slabs, which may be another worker's */
};

/* Runs a task to its end, or until the stop. */
void cycle_search_run(struct cycle_searcher *searcher, const struct cycle_task *task);

/* The vertex of the graph that is the root. */
static inline vertex_id cycle_anchor(const struct cycle_searcher *searcher)
{
    return searcher->slab->vertices[searcher->root.vertex];
}

/* Counts `amount` more cycles of `hops` flows that begin at `anchor`. False, and the stop is
 * requested, when there are too many to count, or no memory to do so. */
bool cycle_search_count(struct cycle_searcher *searcher, vertex_id anchor, uint32_t hops,
                        uint64_t amount);

/* Takes back `amount` of what was counted. */
void cycle_search_uncount(struct cycle_searcher *searcher, vertex_id anchor, uint32_t hops,
                          uint64_t amount);

/* The error of too many cycles. */
enum status cycle_search_many(struct error *error);

/* Ends the search for want of memory. Returns false. */
bool cycle_search_short(struct cycle_searcher *searcher);

#endif
