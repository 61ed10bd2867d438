/* The search: finds all matches of a plan, structure first, then time. Inside the engine only.
 *
 * `struct search` is what all workers share; after search_open only what is marked below is
 * written. `struct searcher` is one worker's partial match, with a frame per level: structure steps
 * 0 .. step_count-1, then flow levels 0 .. edge_count-1. A frame holds the range of candidates that
 * is still to be tried, which is what a split gives away. */
#ifndef GYRE_ENGINE_SEARCH_H
#define GYRE_ENGINE_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/stop.h"
#include "engine/evaluate.h"
#include "engine/filter.h"
#include "engine/match.h"
#include "engine/neighbours.h"
#include "engine/sink.h"
#include "engine/time_order.h"
#include "numa/team.h"
#include "numa/thief.h"
#include "query/bound.h"
#include "query/plan.h"

enum {
    /* Flows that a level holds checked at once; more gives away less when a search is split. */
    SEARCH_BLOCK = 256,
    SEARCH_PREDICATES_MAX = 256,
    /* A vertex with fewer links than this walks them all, whatever the window. */
    TIMED_LINKS_MIN = 16,
};

/* A residual or structural conjunct, compiled. */
struct search_predicate {
    struct program *program; /* NULL for a plain inequality of two vertices */
    uint32_t edge_mask;
    uint32_t vertex_mask; /* for structural ones: when these are bound it can be decided */
    uint32_t step;        /* structural: the step after which it can be decided */
    uint32_t left;        /* the two vertices of a plain inequality */
    uint32_t right;
    uint32_t turned; /* holds only where these edges are turned round; 0: everywhere */
};

/* A partial match and a range still to be tried: the unit of stealing. */
struct task {
    uint8_t
        is_flow; /* the range is of flows at flow level `level`, else of structure step `level` */
    uint8_t level;
    uint8_t walked;    /* the pattern edge whose list a STEP_EXTEND walks */
    uint8_t is_listed; /* the range is of the links that it listed by time */
    uint8_t orientation;
    uint8_t order[PATTERN_EDGES_MAX];
    uint64_t begin;
    uint64_t end;
    vertex_id vertices[PATTERN_VERTICES_MAX];
    uint32_t links[PATTERN_EDGES_MAX];
    uint32_t positions[PATTERN_EDGES_MAX];
};

_Static_assert(UNDIRECTED_EDGES_MAX <= 8, "an orientation is told by a byte");
_Static_assert(sizeof(struct task) <= sizeof(struct deque_item), "a task fits into a deque's item");

/* Candidates of the first step, dealt out in runs: a counter for each worker and partition of its
 * node, so that workers start on their node's data, each on its own share. */
struct search_root {
    _Alignas(64) _Atomic uint64_t next;
    uint64_t begin; /* in candidates of the first step */
    uint64_t end;
    uint64_t grain;
    uint32_t node;
    uint32_t rank; /* of the worker among those of the node that begins with it */
    uint32_t partition;
    uint32_t orientation;
};

/* Where matches that differ in nothing that is read are found once (engine/search_once.h). */
struct search_once {
    bool is_on;
    uint32_t step_count;     /* first steps, which bind what is read; UINT32_MAX: all, and flows */
    uint32_t vertex;         /* the only one that is read, and nothing else is */
    _Atomic uint64_t *found; /* a bit per vertex of the graph: found as that one; NULL: not kept */
};

struct search {
    const struct bound_query *query;
    const struct edge_frame *edges; /* the frame of all pattern edges */
    const struct vertex_frame *vertices;
    const struct filters *filters;
    struct plan *plan;
    struct sink *sink;
    struct team *team;
    struct stop *stop;
    struct progress *progress;
    bool counts_only;
    struct query_reads reads; /* of the query */
    uint32_t countable_edges; /* mask: nobody reads their flows, nor do residual conjuncts */
    struct search_once once;
    bool has_windows;
    bool is_straight;   /* flows go straight from their links into the batch */
    bool has_limit;     /* enough rows may end the search: they are handed over often */
    match_judge *judge; /* as match_options */
    void *judge_context;

    struct search_predicate structural[SEARCH_PREDICATES_MAX];
    uint32_t structural_count;
    struct search_predicate residual[SEARCH_PREDICATES_MAX];
    uint32_t residual_count;

    uint64_t *link_base; /* [partition_count + 1]: links numbered over all partitions */
    vertex_id seek[PATTERN_VERTICES_MAX]; /* as plan_statistics.vertex_seek */

    struct orientation *orientations; /* [orientation_count] */
    uint32_t orientation_count;
    uint32_t laid_step_count; /* steps that lay edges on links: all but one that is counted */
    uint32_t counted_edge;    /* of the step behind them; UINT32_MAX: none */

    struct search_root
        *roots; /* [root_count], by node and rank; `next` is written by all workers */
    uint32_t root_count;
    struct searcher **searchers; /* [worker_count]; only their deques are touched by others */
    struct thieves thieves;
};

/* What is feasible for a bound pattern edge: its link's flows from `first` to before `last`, and
 * the earliest and latest times that the windows of the other bound edges leave. */
struct feasible {
    uint32_t first;
    uint32_t last;
    time_ns earliest;
    time_ns latest;
};

/* A structure level. `next` and `end` count candidates of the step. */
struct structure_frame {
    uint64_t next;
    uint64_t end;
    uint32_t walked;   /* STEP_EXTEND: the pattern edge whose neighbours are walked */
    vertex_id scanned; /* STEP_SCAN_LINKS: source of the link looked at last */
    bool is_listed;    /* STEP_EXTEND by time: candidates are indices into `listed` */
    uint32_t *listed;  /* [listed_count]: links that have a flow in the window */
    uint32_t listed_count;
    uint64_t listed_capacity;
    struct neighbours neighbours[PATTERN_EDGES_MAX]; /* STEP_EXTEND, STEP_CLOSE; by pattern edge */
    struct feasible saved[PATTERN_EDGES_MAX];        /* before this step bound its edges */
};

/* A flow level: a block of candidates that passed, and the range still to be looked at. */
struct flow_frame {
    uint32_t next; /* in the partition's positions */
    uint32_t end;
    uint32_t hint;          /* where the range began for the flow before of the level above */
    uint32_t counted_begin; /* the range whose passing flows were counted last, and their number */
    uint32_t counted_end;
    uint64_t counted;
    uint32_t block_next;
    uint32_t block_count;
    uint32_t chosen_edges; /* mask of the levels above */
    uint32_t positions[SEARCH_BLOCK];
};

/* A link to a vertex that the counted edge's far end is not; `first` == `last`: there is none. */
struct excluded_link {
    vertex_id vertex;
    const struct partition *partition;
    uint32_t first; /* positions */
    uint32_t last;
    uint32_t hint;
};

/* The flows that the counted edge can be, in the order of time, and its window of last. */
struct counted_flows {
    struct timed_flows flows; /* NULL: there was no memory to order them */
    uint64_t begin;
    uint64_t end;
    const struct partition *partition; /* of the near vertex */
    uint32_t local;                    /* that vertex in it */
    struct excluded_link excluded[PATTERN_VERTICES_MAX];
    uint32_t excluded_count;
};

struct searcher {
    struct search *search;
    const struct orientation *orientation; /* of the task that runs */
    const struct worker *worker;
    struct registers *registers;
    struct arena *arena; /* the worker's own */
    uint64_t *marks;     /* scratch of timed_links.c: a bit per link of a vertex, all 0 */
    uint64_t marks_capacity;
    struct order_room order_room;
    bool has_walked; /* links that timed_links.c could have listed, had it ordered their flows */
    struct thief thief;
    struct error error; /* of an evaluation; the first one is kept */

    uint32_t node;             /* the worker's */
    const struct inner *inner; /* the node's copy; NULL: none */
    bool counts_reads;         /* as match_options */
    uint32_t bound_edges;      /* mask, of structure */
    uint32_t structure_first;  /* levels first .. active-1 belong to the task that runs */
    uint32_t structure_active;
    uint32_t flow_first;
    uint32_t flow_active;
    uint32_t poll_countdown;
    uint32_t clock_countdown;
    uint32_t first_root;  /* the first of the worker's own */
    uint64_t root_weight; /* of the roots taken last, which count as done when they are */
    uint32_t live_root;   /* counted from there: those before it are used up */

    vertex_id vertices[PATTERN_VERTICES_MAX];
    const struct partition *partitions[PATTERN_EDGES_MAX]; /* of the bound link */
    uint32_t links[PATTERN_EDGES_MAX];
    struct feasible feasible[PATTERN_EDGES_MAX];
    uint32_t positions[PATTERN_EDGES_MAX]; /* chosen flows */
    edge_id edge_ids[PATTERN_EDGES_MAX];
    uint8_t order[PATTERN_EDGES_MAX]; /* pattern edge of each flow level */

    struct structure_frame structure[PLAN_STEPS_MAX];
    struct flow_frame flows[PATTERN_EDGES_MAX];
    struct counted_flows counted;

    struct inputs inputs; /* points at the arrays above, stride 0 */
    struct match_batch batch;
    bool has_lane;        /* the batch's last lane has the vertices that are bound now */
    bool has_found;       /* a match, since the choice that is being tried was made */
    uint32_t once_levels; /* first flow levels, with all flows that are read */
    edge_id block_edges[SEARCH_BLOCK];
    uint16_t selected[SEARCH_BLOCK];

    struct match_statistics counters;
};

/* Counts what is read of a partition. */
static inline void search_touch(struct searcher *searcher, const struct partition *partition,
                                uint64_t flows, uint64_t bytes)
{
    locality_add(&searcher->counters.locality, partition->node != searcher->node, flows, bytes);
}

#endif
