/* Runs a query's pattern over a graph: filters, plan, work-stealing search, sink. */
#ifndef GYRE_ENGINE_MATCH_H
#define GYRE_ENGINE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/stop.h"
#include "engine/filter_external.h"
#include "engine/node_work.h"
#include "engine/result.h"
#include "engine/sink.h"
#include "numa/budget.h"
#include "numa/team.h"
#include "query/bound.h"
#include "query/plan.h"

/* What a run did. Counters are sums over workers. */
struct filter_cache;

struct match_statistics {
    uint64_t matches;
    uint64_t flows_visited; /* flows looked at by the search, after unary filters */
    uint64_t flows_scanned; /* flows whose columns the unary filters read */
    uint64_t links_visited;
    struct thief_counts work;
    struct locality locality; /* of filters and search */
    struct locality filter_locality;
    double filter_seconds;
    double search_seconds;
    double finish_seconds; /* merge, grouping, order */
    struct plan plan;      /* what was run, with visited counts per step */
};

/* Takes out of a batch what is not to be kept; the rest closes the gaps. Called by worker `worker`,
 * by several at once. */
typedef void match_judge(void *context, uint32_t worker, struct match_batch *batch);

/* Where a pattern is a temporal cycle (query/ring.h), whether it is searched for as such. */
enum match_cycles { MATCH_CYCLES_BY_COST, MATCH_CYCLES_NEVER, MATCH_CYCLES_ALWAYS };

struct match_options {
    uint64_t row_limit; /* 0: none */
    /* For tests: split at every step, as if somebody were always idle. */
    bool splits_always;
    /* For tests: rehearse whatever the plan is expected to cost. */
    bool rehearses_always;
    /* For perf/bench_schedule and perf/locality: the workers of a partition's node search equal
     * shares of its candidates of the first step, and nobody steals. */
    bool has_fixed_shares;
    /* Counts what is read of lists of neighbours too, for `locality`; a search that does little
     * else takes some percent longer. */
    bool counts_reads;
    struct node_work *nodes;            /* [nodes of the topology], added to; NULL: not wanted */
    struct filter_cache *filters;       /* of the graph; NULL: none */
    enum match_cycles cycles;           /* for tests */
    struct filter_externals *externals; /* of the query; NULL: it has none */
    /* Only matches that it keeps become rows; NULL: all. STOP_ROWS ends the search for it. The
     * query returns rows, ungrouped. */
    match_judge *judge;
    void *judge_context;
};

/* `*result` is set whenever anything can be shown, also when a limit or an interrupt ended the run
 * early (status STATUS_LIMIT or STATUS_INTERRUPTED): then it is partial. */
enum status match_run(struct result **result, const struct bound_query *query, struct team *team,
                      struct budget *budget, struct stop *stop, struct progress *progress,
                      const struct match_options *options, struct match_statistics *statistics,
                      struct error *error);

/* Filters and plans, without searching. */
enum status match_explain(struct plan *plan, const struct bound_query *query, struct team *team,
                          struct budget *budget, struct stop *stop, struct filter_cache *filters,
                          struct filter_externals *externals, struct error *error);

#endif
