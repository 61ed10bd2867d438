/* What the handles of include/gyre.h hold; shared by the api_*.c files. */
#ifndef GYRE_REPORT_API_H
#define GYRE_REPORT_API_H

#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "engine/match.h"
#include "engine/result.h"
#include "graph/graph.h"
#include "gyre.h"
#include "numa/budget.h"
#include "numa/spill.h"
#include "numa/team.h"
#include "numa/topology.h"
#include "query/bound.h"

struct gyre_engine {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct spill spill;
    char *spill_directory; /* NULL: the usual one */
    struct stop stop;
    struct progress progress;
};

struct gyre_graph {
    struct gyre_engine *engine;
    struct graph *graph;
};

struct gyre_result {
    struct gyre_graph *graph;
    struct bound_query *query;
    struct result *result; /* NULL: explained, not run */
    struct match_statistics statistics;
    struct match_node *nodes; /* [nodes of the engine]; NULL: explained, not run */
    double plan_seconds;
    double query_seconds;
    uint64_t peak_budget_bytes;
    uint64_t peak_spill_bytes;
    bool is_partial;
    enum gyre_query_mode mode;

    /* The block of rows that gyre_result_value read last, and room for the text of a value. */
    struct lanes *columns;
    uint64_t block_first;
    uint32_t block_count;
    char *value_scratch;
};

/* The same bytes: gyre.h's error is base/status.h's. */
struct error *api_error(struct gyre_error *error);

/* Around everything that the engine runs. A stop that came in between ends the run that follows;
 * one that ended a run is used up by it; a deadline stays. */
void api_run_begin(struct gyre_engine *engine);
enum status api_run_end(struct gyre_engine *engine, enum status status);

/* Seconds since `start_ns` on the monotonic clock. */
double api_seconds_since(int64_t start_ns);

#endif
