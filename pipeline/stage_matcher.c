/* The first stage of a query that begins with matches: the parallel matcher finds them, its rows go
 * on one by one. */
#include "engine/match.h"
#include "numa/team.h"
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

/* One worker's block of rows. */
struct block {
    struct result *result; /* owned, but the first worker's */
    struct lanes *columns;
    uint64_t first;
    uint32_t count;
};

/* What the matcher has found, as rows. */
struct found {
    const struct stage *stage;
    struct block *blocks; /* [of workers] */
};

static enum status read_block(struct run *run, const struct found *found, uint32_t index,
                              uint64_t row, uint64_t end)
{
    const struct run_options *options = run->options;
    struct block *block = &found->blocks[index];
    struct error *error = run->source->error;
    uint64_t rest = end - row;
    if (block->result == NULL) {
        TRY(result_beside(&block->result, found->blocks[0].result, team_topology(options->team),
                          team_worker_at(options->team, index)->node, options->budget, error));
    }
    block->first = row;
    block->count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
    return result_read(block->result, row, block->count, block->columns, error);
}

static enum status read_found(struct run *run, void *context, uint32_t worker, uint64_t row,
                              uint64_t end)
{
    const struct found *found = context;
    const struct stage *stage = found->stage;
    const struct block *block = &found->blocks[worker];
    if (row - block->first >= block->count) {
        TRY(read_block(run, found, worker, row, end));
    }
    uint64_t at = row - block->first;
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        const struct lanes *column = &block->columns[i];
        bool is_null =
            column->type == TYPE_NULL || (column->is_null != NULL && column->is_null[at] != 0);
        struct value *value = &run->row[stage->slots[i]];
        *value = value_null();
        if (!is_null) {
            TRY(lane_value(run, column->type, column->values[at], value));
        }
    }
    return STATUS_OK;
}

static enum pushed push_result(struct run *run, struct pipe *pipe, struct result *result)
{
    struct error *error = run->source->error;
    uint32_t count = team_worker_count(run->options->team);
    uint32_t column_count = result_column_count(result);
    struct found found = {.stage = pipe->stage};
    struct lanes *columns =
        pool_allocate(&run->pool, (size_t)count * column_count, sizeof *columns, error);
    found.blocks = pool_allocate(&run->pool, count, sizeof *found.blocks, error);
    if (columns == NULL || found.blocks == NULL) {
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < count; i++) {
        found.blocks[i] = (struct block){.columns = columns + (size_t)i * column_count};
    }
    found.blocks[0].result = result;
    struct row_source source = {result_row_count(result), read_found, &found};
    enum pushed pushed = pipe_push_all(run, pipe->next, &source);
    for (uint32_t i = 1; i < count; i++) {
        result_close(found.blocks[i].result);
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

/* Where a match stands among all (has_places in section.c): they come by their flows' rows. */
static uint64_t place_of(const struct run *run, const struct stage *stage,
                         const struct match_batch *batch, uint32_t row)
{
    const struct edge_frame *flows = &run->entities->graph->edges;
    uint64_t place = 0;
    for (uint32_t i = 0; i < stage->matcher->edge_count; i++) {
        edge_id edge = batch->edges[i][row];
        const struct partition *partition = &flows->partitions[edge_partition(edge)];
        place = place << 32 | (uint64_t)column_integer(&partition->row, edge_position(edge));
    }
    return place;
}

static void judge_batch(void *context, uint32_t index, struct match_batch *batch)
{
    struct residual *residual = context;
    const struct stage *stage = residual->head;
    struct residual_worker *worker = residual_at(residual, index);
    uint32_t kept = 0;
    bool gathers = residual->gathers != NULL;
    if (worker != NULL && gathers && !residual_open_gathering(residual, worker)) {
        worker = NULL;
    }
    for (uint32_t row = 0; worker != NULL && row < batch->count; row++) {
        struct pool_mark mark = pool_mark(&worker->own.run.pool);
        set_row(&worker->own.run, stage, batch, row);
        bool is_kept = residual_keeps(residual, worker, STATUS_OK, 0);
        if (is_kept && gathers) {
            residual_gather(residual, worker, place_of(&worker->own.run, stage, batch, row));
        } else if (is_kept) {
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
    bool is_gathered = residual != NULL && residual->gathers != NULL;
    enum pushed pushed = is_gathered ? residual_push_gathered(residual, pipe) : PUSHED_MORE;
    if (residual != NULL && residual_finish(residual, pipe) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    if (is_gathered) {
        return pushed;
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
    if (stage->residual_count == 0 && (stage->gathers == NULL || run->is_alone)) {
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
