/* Temporal cycles of a query's pattern: filters first, then the search of engine/cycles.h, and the
 * cycles in one order, whatever the threads and partitions. */
#ifndef GYRE_ENGINE_CYCLE_MATCH_H
#define GYRE_ENGINE_CYCLE_MATCH_H

#include "engine/cycles.h"
#include "query/bound.h"

struct cycle_pattern {
    uint32_t hops_min;
    uint32_t hops_max;
    int64_t window_ns;
    bool is_strict;
    bool is_simple;
    bool is_backward;
    /* A query of unary conditions: all of its edges' conditions, and those of their ends, hold for
     * each flow of a cycle; but those of the source of its first edge for where it begins. NULL:
     * everything may take part. */
    const struct bound_query *conditions;
    /* Bits of its edges whose conditions and ends' hold for some flow of a cycle instead, those of
     * different edges for the same or for different ones. At most CYCLE_NEEDS_MAX. */
    uint32_t some_edges;
    /* Bits of its edges whose conditions hold for the first flow of a cycle instead. */
    uint32_t first_edges;
    /* The same for the last flow, of a path that need not come back (engine/path_match.h). */
    uint32_t last_edges;
};

/* How many, by number of flows; see cycle_counts. Where externals did not become filters, nothing
 * is counted: they are conditions on what is found. */
enum status cycle_match_count(struct cycle_counts *counts, const struct cycle_pattern *pattern,
                              const struct graph *graph, const struct cycle_options *options,
                              struct cycle_statistics *statistics, struct error *error);

/* Whether the externals would become filters, in options->externals. */
enum status cycle_match_explain(const struct cycle_pattern *pattern, const struct graph *graph,
                                const struct cycle_options *options, bool has_limit,
                                struct error *error);

/* Whether a found cycle is to be kept. Called by worker `worker`, by several at once. */
typedef bool cycle_judge(void *context, uint32_t worker, const struct cycle *cycle);

/* Which of the found cycles are kept. */
struct cycle_choice {
    uint64_t limit;     /* this many at most, which ones is not said; UINT64_MAX: all */
    cycle_judge *judge; /* only those that it keeps; NULL: any. STOP_ROWS ends the search for it */
    void *context;      /* of the judge */
};

/* Kept cycles, ascending in the input rows of their flows, in turn. */
struct cycle_list;

enum status cycle_match_find(struct cycle_list **list, const struct cycle_pattern *pattern,
                             const struct graph *graph, const struct cycle_choice *choice,
                             const struct cycle_options *options,
                             struct cycle_statistics *statistics, struct error *error);

uint64_t cycle_list_count(const struct cycle_list *list);
struct cycle cycle_list_at(const struct cycle_list *list, uint64_t index);

/* NULL is accepted. */
void cycle_list_close(struct cycle_list *list);

#endif
