/* Temporal cycles of any length: paths e1 .. ek of flows, each starting where the one before ends,
 * from a vertex `a` back to it, with start times that ascend and lie within a window.
 *
 * A cycle is anchored: its first flow is the one that leaves `a`. With strictly ascending times
 * every ring of flows is therefore one cycle; where equal times may follow each other its rotations
 * are different cycles. Flows in parallel make different cycles. */
#ifndef GYRE_ENGINE_CYCLES_H
#define GYRE_ENGINE_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/stop.h"
#include "engine/node_work.h"
#include "graph/graph.h"
#include "numa/budget.h"
#include "numa/team.h"

#define CYCLE_HOPS_ANY UINT32_MAX
#define CYCLE_WINDOW_ANY INT64_MAX
enum { CYCLE_NEEDS_MAX = 4 };

struct filter_externals;

struct cycle_query {
    const struct graph *graph;
    uint32_t hops_min; /* at least 1 */
    uint32_t hops_max; /* CYCLE_HOPS_ANY: no bound */
    int64_t window_ns; /* the last flow starts at most this after the first; not negative */
    bool is_strict;    /* each flow starts later than the one before, not at the same time */
    bool is_simple;    /* no vertex twice but for the ends; else no flow twice */
    bool is_backward;  /* flows are gone along from target to source, ascending in time as else */
    uint64_t *const *flow_bits;  /* as flow_filter.bits: who may take part; NULL: all */
    uint64_t *const *first_bits; /* the same: who may be the first flow; NULL: all */
    const uint64_t *anchor_bits; /* as vertex_filter.bits: who may be `a`; NULL: all */
    /* Each of these passes some flow of a cycle, the same or another; as flow_filter.bits. */
    uint64_t *const *need_bits[CYCLE_NEEDS_MAX];
    uint32_t need_count;
};

struct cycle_options {
    struct team *team;
    struct budget *budget;
    struct stop *stop;
    struct progress *progress;    /* NULL: nobody looks */
    bool splits_always;           /* for tests: split at every step, slabs as short as can be */
    struct node_work *nodes;      /* as match_options */
    struct filter_cache *filters; /* of the graph, for engine/cycle_match.h; NULL: none */
    struct filter_externals *externals; /* for engine/cycle_match.h, as match_options */
    bool counts_anchors; /* of cycles_count: tells too how many cycles begin at each vertex */
};

/* What a run did; counters are sums over workers. */
struct cycle_statistics {
    uint64_t cycles;
    uint64_t slabs;
    uint64_t slab_flows;    /* flows that slabs kept, after trimming; a flow may be in two */
    uint64_t roots;         /* vertices of slabs from which a cycle was looked for */
    uint64_t flows_visited; /* flows looked at from those, and on paths */
    uint64_t flows_scanned; /* flows whose columns the filters of cycle_match read */
    uint64_t links_visited; /* steps tried on paths */
    struct thief_counts work;
    double prepare_seconds; /* dividing the flows by time */
    double search_seconds;  /* slabs and search */
};

/* A vertex, and how many cycles begin there. */
struct anchor {
    vertex_id vertex;
    uint64_t cycle_count;
};

/* The number of cycles, and by number of flows: by_hops[k] for k < hop_end. */
struct cycle_counts {
    uint64_t total;
    uint32_t hop_end;
    uint64_t *by_hops;
    /* Where counts_anchors says so, the vertices at which cycles begin, in the order of the first
     * rows of the input that leave them. */
    struct anchor *anchors; /* [anchor_count] */
    uint64_t anchor_count;
    struct arena *arena; /* owns them */
};

/* One cycle: `edges` in order, and the vertex that each is gone along from. Valid during the call
 * only. */
struct cycle {
    uint32_t hop_count;
    const edge_id *edges;
    const vertex_id *vertices;
};

/* Called by worker `worker`, by several workers at once. False: enough; the search ends. */
typedef bool (*cycle_consumer)(void *context, uint32_t worker, const struct cycle *cycle);

/* The same for all cycles that go along the same vertices, or for some of them: `count`, more than
 * 0, of which `cycle` has no edges. */
typedef bool (*cycle_path_consumer)(void *context, uint32_t worker, const struct cycle *cycle,
                                    uint64_t count);

/* Counts without finding each one. `counts` is to be closed, whatever the status. Does not depend
 * on the numbers of workers and partitions. More cycles than 64 bits can count are STATUS_LIMIT; a
 * stop gives the status that stop_error gives, and what was counted before. */
enum status cycles_count(struct cycle_counts *counts, const struct cycle_query *query,
                         const struct cycle_options *options, struct cycle_statistics *statistics,
                         struct error *error);
void cycle_counts_close(struct cycle_counts *counts);

/* Hands each cycle to `consumer`, in no particular order. When the consumer has enough, STOP_ROWS
 * is requested and the status is STATUS_OK. */
enum status cycles_find(const struct cycle_query *query, const struct cycle_options *options,
                        cycle_consumer consumer, void *context, struct cycle_statistics *statistics,
                        struct error *error);

/* As cycles_find, without finding each one of those that go along the same vertices. */
enum status cycles_find_paths(const struct cycle_query *query, const struct cycle_options *options,
                              cycle_path_consumer consumer, void *context,
                              struct cycle_statistics *statistics, struct error *error);

#endif
