/* Temporal paths of any length, by their ends: which vertices paths e1 .. ek of flows lead from and
 * to, each flow starting where the one before ends, with start times that ascend and lie within a
 * window; with how many flows, and how many such paths there are. None is found one by one.
 *
 * A path may pass a vertex again, and end where it began, but takes no flow twice. */
#ifndef GYRE_ENGINE_PATHS_H
#define GYRE_ENGINE_PATHS_H

#include "engine/cycles.h"

/* Hops, window, order and direction as in struct cycle_query. */
struct path_query {
    const struct graph *graph;
    uint32_t hops_min; /* at least 1 */
    uint32_t hops_max;
    int64_t window_ns;
    bool is_strict;
    bool is_backward;
    /* How many paths of a kind there are. Else it is enough that there is one, and counts are more
     * than 0. */
    bool is_counted;
    bool tells_begin; /* what kinds of paths are told apart by */
    bool tells_end;
    bool tells_hops;
    bool tells_least; /* with tells_hops: only the kind of fewest hops need be told, not others */
    bool tells_first; /* of each kind, when the first path of it ends */
    uint64_t *const *flow_bits;  /* as flow_filter.bits: who may take part; NULL: all */
    uint64_t *const *first_bits; /* the same: who may be the first flow */
    uint64_t *const *last_bits;  /* the same: who may be the last flow */
    const uint64_t *begin_bits;  /* as vertex_filter.bits: where paths may begin; NULL: anywhere */
    const uint64_t *end_bits;    /* the same: where they may end */
};

/* Paths of one kind. What is not told is 0. */
struct path_kind {
    vertex_id begin;
    vertex_id end;
    uint32_t hops;
    uint64_t count; /* more than 0 */
    time_ns first;  /* the earliest start of a last flow */
};

/* By begin, end and hops; vertices in the order in which they appear first in the input. */
struct path_kinds {
    struct path_kind *kinds; /* [count] */
    uint64_t count;
    struct arena *arena; /* owns them */
};

struct path_statistics {
    uint64_t flows_visited;
    uint64_t links_visited;
    double seconds;
};

/* `kinds` is to be closed, whatever the status. Does not depend on the numbers of workers and
 * partitions. More paths of a kind than 64 bits can count are STATUS_LIMIT; a stop gives the status
 * that stop_error gives, and no kinds. */
enum status paths_count(struct path_kinds *kinds, const struct path_query *query,
                        const struct cycle_options *options, struct path_statistics *statistics,
                        struct error *error);
void path_kinds_close(struct path_kinds *kinds);

#endif
