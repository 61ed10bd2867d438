/* The first stage of a query that begins with matches: the parallel matcher finds them, its rows go
 * on one by one. */
#include "engine/match.h"
#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/residual.h"
#include "value/temporal.h"

/* The value of a lane; what it points to lasts until the next block of rows is read. */
static enum status lane_value(struct run *run, enum type type, union lane lane, struct value *value)
{
    struct error *error = run->source->error;
    switch (type) {
    case TYPE_NULL:
        *value = value_null();
        return STATUS_OK;
    case TYPE_BOOL:
        *value = value_bool(lane.integer != 0);
        return STATUS_OK;
    case TYPE_INTEGER:
        *value = value_integer(lane.integer);
        return STATUS_OK;
    case TYPE_FLOAT:
        *value = value_float(lane.real);
        return STATUS_OK;
    case TYPE_TEXT:
        *value = value_text_of(text_view(lane.text));
        return STATUS_OK;
    case TYPE_VERTEX:
        *value = value_vertex(lane.vertex);
        return STATUS_OK;
    case TYPE_EDGE:
        *value = value_edge(lane.edge);
        return STATUS_OK;
    case TYPE_TIME:
        return temporal_from_ns(lane.integer, &run->pool, value, error);
    case TYPE_DURATION:
        return temporal_duration_from_ns(lane.integer, &run->pool, value, error);
    case TYPE_ADDRESS:
        break;
    }
    const struct vertex_frame *frame = &run->entities->graph->vertices;
    char *text = pool_allocate(&run->pool, graph_address_text_bytes(frame), 1, error);
    if (text == NULL) {
        return error->status;
    }
    uint32_t size = graph_format_address(frame, *lane.address, text);
    *value = value_text_of(bytes_view(text, size));
    return STATUS_OK;
}

static enum pushed push_rows(struct run *run, struct pipe *pipe, const struct lanes *columns,
                             uint32_t count)
{
    const struct stage *stage = pipe->stage;
    enum pushed pushed = PUSHED_MORE;
    for (uint32_t row = 0; row < count && pushed == PUSHED_MORE; row++) {
        struct pool_mark mark = pool_mark(&run->pool);
        for (uint32_t i = 0; i < stage->slot_count; i++) {
            const struct lanes *column = &columns[i];
            bool is_null =
                column->type == TYPE_NULL || (column->is_null != NULL && column->is_null[row] != 0);
            struct value *value = &run->row[stage->slots[i]];
            *value = value_null();
            if (!is_null &&
                lane_value(run, column->type, column->values[row], value) != STATUS_OK) {
                return PUSHED_FAILED;
            }
        }
        pushed = pipe_push(run, pipe->next);
        pool_release(&run->pool, mark);
    }
    return pushed;
}

static enum pushed push_result(struct run *run, struct pipe *pipe, struct result *result)
{
    uint32_t column_count = result_column_count(result);
    struct lanes *columns =
        pool_allocate(&run->pool, column_count, sizeof *columns, run->source->error);
    enum pushed pushed = columns == NULL ? PUSHED_FAILED : PUSHED_MORE;
    uint64_t row_count = result_row_count(result);
    for (uint64_t first = 0; first < row_count && pushed == PUSHED_MORE; first += EVALUATE_LANES) {
        uint64_t rest = row_count - first;
        uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
        pushed = result_read(result, first, count, columns, run->source->error) == STATUS_OK
                     ? push_rows(run, pipe, columns, count)
                     : PUSHED_FAILED;
    }
    return pushed;
}

/* A query may have several matchers, one a branch. */
static void add_statistics(struct match_statistics *total, const struct match_statistics *part)
{
    total->matches += part->matches;
    total->flows_visited += part->flows_visited;
    total->flows_scanned += part->flows_scanned;
    total->links_visited += part->links_visited;
    thief_counts_sum(&total->work, &part->work);
    locality_sum(&total->locality, &part->locality);
    locality_sum(&total->filter_locality, &part->filter_locality);
    total->filter_seconds += part->filter_seconds;
    total->search_seconds += part->search_seconds;
    total->finish_seconds += part->finish_seconds;
}

static void note(struct run *run, const struct stage *stage, const struct match_statistics *own,
                 uint64_t bytes)
{
    *stage->plan = own->plan;
    if (stage->externals != NULL) {
        stage->externals->are_filters = own->plan.has_externals;
    }
    add_statistics(run->matching, own);
    if (run->profile != NULL) {
        run->profile->stages[stage->index].flows_visited += own->flows_visited;
        run->profile->stages[stage->index].links_visited += own->links_visited;
        profile_hold(run, stage->index, bytes);
    }
}

/* Only ids are returned where filters are behind the matcher. */
static void set_row(struct run *run, const struct stage *stage, const struct match_batch *batch,
                    uint32_t row)
{
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        const struct expression *output = stage->matcher->outputs[i].expression;
        run->row[stage->slots[i]] = output->kind == EXPRESSION_VERTEX
                                        ? value_vertex(batch->vertices[output->variable][row])
                                        : value_edge(batch->edges[output->variable][row]);
    }
}

static void move_row(const struct bound_query *query, struct match_batch *batch, uint32_t from,
                     uint32_t to)
{
    for (uint32_t i = 0; i < query->vertex_count; i++) {
        batch->vertices[i][to] = batch->vertices[i][from];
    }
    for (uint32_t i = 0; i < query->edge_count; i++) {
        batch->edges[i][to] = batch->edges[i][from];
    }
}

static void judge_batch(void *context, uint32_t index, struct match_batch *batch)
{
    struct residual *residual = context;
    const struct stage *stage = residual->head;
    struct residual_worker *worker = residual_at(residual, index);
    uint32_t kept = 0;
    for (uint32_t row = 0; worker != NULL && row < batch->count; row++) {
        struct pool_mark mark = pool_mark(&worker->own.run.pool);
        set_row(&worker->own.run, stage, batch, row);
        if (residual_keeps(residual, worker, STATUS_OK, 0)) {
            move_row(stage->matcher, batch, row, kept++);
        }
        pool_release(&worker->own.run.pool, mark);
    }
    batch->count = kept;
}

static enum pushed push_kept(struct run *run, struct pipe *pipe, struct result *result,
                             struct residual *residual)
{
    const struct stage *stage = pipe->stage;
    if (residual != NULL && residual_finish(residual, pipe) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return residual != NULL && stage->counts != NULL
               ? pipe_push_count(run, pipe_behind(pipe, stage->residual_count + 1),
                                 residual->counts.total, 0)
               : push_result(run, pipe, result);
}

/* With `residual` filters in the search, or NULL. Matches that a limit cut off are not gone on
 * with: what is computed from them would be wrong. */
static enum pushed run_matcher(struct run *run, struct pipe *pipe, const struct bound_query *query,
                               struct residual *residual)
{
    const struct run_options *options = run->options;
    struct result *result = NULL;
    struct match_statistics own;
    uint64_t used = options->budget == NULL ? 0 : budget_used(options->budget);
    struct match_options chosen = {.counts_reads = options->counts_reads,
                                   .nodes = options->nodes,
                                   .filters = options->filters,
                                   .externals = residual == NULL ? NULL : &residual->externals,
                                   .judge = residual == NULL ? NULL : judge_batch,
                                   .judge_context = residual};
    enum status status = match_run(&result, query, options->team, options->budget, options->stop,
                                   options->progress, &chosen, &own, run->source->error);
    stop_resume(options->stop);
    bool is_short =
        status == STATUS_OK && residual != NULL && result_row_count(result) < query->limit;
    if (is_short && residual_is_costly(residual)) {
        result_close(result);
        residual_begin_again(residual);
        return run_matcher(run, pipe, query, residual);
    }
    if (is_short && residual_has_failed(residual)) {
        struct bound_query whole = *query;
        whole.limit = UINT64_MAX;
        result_close(result);
        return run_matcher(run, pipe, &whole, NULL);
    }
    uint64_t used_now = options->budget == NULL ? 0 : budget_used(options->budget);
    note(run, pipe->stage, &own, used_now > used ? used_now - used : 0);
    enum pushed pushed =
        status == STATUS_OK ? push_kept(run, pipe, result, residual) : PUSHED_FAILED;
    result_close(result);
    return pushed;
}

static enum pushed push_matcher(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    if (stage->residual_count == 0) {
        return run_matcher(run, pipe, stage->matcher, NULL);
    }
    struct residual residual;
    enum pushed pushed = PUSHED_FAILED;
    if (residual_open(&residual, run, stage, stage->matcher->limit != UINT64_MAX) == STATUS_OK) {
        pushed = run_matcher(run, pipe, stage->matcher, &residual);
    }
    residual_close(&residual);
    return pushed;
}

const struct stage_methods stage_matcher = {.push = push_matcher};
