/* What the handles of include/gyre.h hold; shared by the api_*.c files. */
#ifndef GYRE_REPORT_API_H
#define GYRE_REPORT_API_H

#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "engine/filter_cache.h"
#include "engine/match.h"
#include "engine/result.h"
#include "graph/graph.h"
#include "gyre.h"
#include "numa/budget.h"
#include "numa/spill.h"
#include "numa/team.h"
#include "numa/topology.h"
#include "pipeline/compiled.h"
#include "pipeline/flow_entities.h"
#include "pipeline/view.h"
#include "query/bound.h"
#include "query/chain.h"
#include "query/suggest.h"
#include "report/outcome.h"
#include "report/parameters.h"

struct gyre_engine {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct spill spill;
    struct kept_pages kept;
    char *spill_directory; /* NULL: the usual one */
    struct stop stop;
    struct progress progress;
};

struct gyre_graph {
    struct gyre_engine *engine;
    struct graph *graph;
    struct view *views; /* what INTO kept, the newest first */
    struct filter_cache *filters;
};

/* A plain query is bound and matched (`query`, `result`), any other is compiled and run
 * (`compiled`, `answer`). */
struct gyre_result {
    struct gyre_graph *graph;
    char *text; /* of the query, and its tree: the compiled query points into both */
    struct chain tree;
    const struct ast_query *asked; /* in `tree`: the query of which this is the result */
    struct parameters parameters;
    struct entities entities;
    struct bound_query *query;
    struct result *result; /* NULL: explained, not run */
    struct compiled *compiled;
    struct answer *answer;
    struct match_statistics statistics;
    struct node_work *nodes; /* [nodes of the engine]; NULL: explained, not run */
    double plan_seconds;
    double query_seconds;
    uint64_t peak_budget_bytes;
    uint64_t peak_spill_bytes;
    bool is_partial;
    bool is_kept;
    enum gyre_query_mode mode;

    char advice[SUGGEST_TEXT_BYTES]; /* what gyre_result_advice gave */

    /* What gyre_result_value reads: a block of rows. */
    struct sheet sheet;
    struct lanes *lanes;
    uint64_t block_first;
    uint32_t block_count;
    char *value_text; /* the last value's, with a NUL behind it */
    size_t value_text_room;
};

/* What the result has to show; only when it was run. */
static inline struct outcome api_outcome(const struct gyre_result *result)
{
    return (struct outcome){result->result, result->answer, result->graph->graph};
}

static inline bool api_has_rows(const struct gyre_result *result)
{
    return result->result != NULL || result->answer != NULL;
}

/* api_run.c: parses and runs the queries of a text; the result is that of the last. */
enum status api_run(struct gyre_result *result, const char *text,
                    const struct gyre_query_options *options, struct error *error);

/* Plans without running. */
enum status api_explain(struct gyre_result *result, const char *text,
                        const struct gyre_query_options *options, struct error *error);

/* The plan as text or JSON; NULL without memory. */
char *api_plan_text(const struct gyre_result *result, bool as_json);

/* The same bytes: gyre.h's error is base/status.h's. */
struct error *api_error(struct gyre_error *error);

/* Around everything that the engine runs. A stop that came in between ends the run that follows;
 * one that ended a run is used up by it; a deadline stays. */
void api_run_begin(struct gyre_engine *engine);
enum status api_run_end(struct gyre_engine *engine, enum status status);

/* Seconds since `start_ns` on the monotonic clock. */
double api_seconds_since(int64_t start_ns);

#endif
