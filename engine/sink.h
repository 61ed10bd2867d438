/* Where matches go: rows are kept as ids, aggregates are folded, in buffers of the worker's own;
 * merged at the end (engine/result.h). */
#ifndef GYRE_ENGINE_SINK_H
#define GYRE_ENGINE_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stop.h"
#include "engine/evaluate.h"
#include "numa/budget.h"
#include "numa/team.h"
#include "query/bound.h"

/* Matches found by one worker: column per pattern variable, `count` values each (at most
 * EVALUATE_LANES). What the query reads is set (query_reads). */
struct match_batch {
    uint32_t count;
    vertex_id *vertices[PATTERN_VERTICES_MAX];
    edge_id *edges[PATTERN_EDGES_MAX];
    uint64_t *weights; /* of each lane, the matches that it stands for; NULL: one */
};

/* The matches that all lanes stand for. */
static inline uint64_t match_batch_weight(const struct match_batch *batch)
{
    uint64_t weight = batch->weights == NULL ? batch->count : 0;
    for (uint32_t i = 0; batch->weights != NULL && i < batch->count; i++) {
        weight += batch->weights[i];
    }
    return weight;
}

struct sink;
struct result;

/* `row_limit`: rows (or groups) kept at most over all workers, 0: no limit; passing it requests
 * STOP_ROWS on `stop`, as does enough rows (with DISTINCT: different ones) for a LIMIT without
 * ORDER BY or grouping (the result is then not partial). The budget being used up requests
 * STOP_MEMORY: what was taken before is kept. An evaluation error requests STOP_FAILED and is kept
 * for sink_finish. */
enum status sink_open(struct sink **sink, const struct bound_query *query, struct team *team,
                      struct budget *budget, struct stop *stop, uint64_t row_limit,
                      struct error *error);
void sink_close(struct sink *sink);

/* To be told before anything is taken: a worker finds the matches of one pattern vertex `leader`
 * after the other, most often all of one. Where it is among the keys, groups are looked for among
 * those of the vertex only. */
void sink_set_leader(struct sink *sink, uint32_t leader);

/* True when only the number of matches matters: RETURN of nothing but count(*), without keys. */
bool sink_counts_only(const struct sink *sink);

/* Called by worker `worker` only, as often as it likes. Failures set the stop. */
void sink_take(struct sink *sink, uint32_t worker, const struct match_batch *batch);

/* For sink_counts_only: `count` more matches. */
void sink_take_count(struct sink *sink, uint32_t worker, uint64_t count);

/* Matches taken so far, over all workers (a guess while they run). */
uint64_t sink_match_count(const struct sink *sink);

/* Whether `row_limit` cut rows or groups off, so that the result is partial. To be asked after
 * sink_finish, which may find out. */
bool sink_is_partial(const struct sink *sink);

/* Merges all workers' buffers on the team into a result that does not depend on their number or
 * timing: rows in ascending order of their flows' rows in the input (pattern order), groups in the
 * order of their keys, then ORDER BY (ties broken by that order), SKIP, LIMIT. Returns the error of
 * a failed evaluation. The result takes what it needs from the sink, which is then only closed. */
enum status sink_finish(struct sink *sink, struct team *team, struct result **result,
                        struct error *error);

#endif
