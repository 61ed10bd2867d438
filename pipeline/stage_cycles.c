/* The first stage of a query for temporal cycles of variable length. */
#include "engine/match.h"
#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/residual.h"

static struct cycle_options options_of(const struct run *run)
{
    const struct run_options *options = run->options;
    return (struct cycle_options){.team = options->team,
                                  .budget = options->budget,
                                  .stop = options->stop,
                                  .progress = options->progress,
                                  .filters = options->filters,
                                  .nodes = options->nodes};
}

static void add_statistics(struct run *run, const struct stage *stage,
                           const struct cycle_statistics *statistics)
{
    if (run->profile != NULL) {
        run->profile->stages[stage->index].flows_visited += statistics->flows_visited;
        run->profile->stages[stage->index].links_visited += statistics->links_visited;
    }
    struct match_statistics *matching = run->matching;
    matching->matches += statistics->cycles;
    matching->flows_visited += statistics->flows_visited;
    matching->flows_scanned += statistics->flows_scanned;
    matching->links_visited += statistics->links_visited;
    thief_counts_sum(&matching->work, &statistics->work);
    matching->search_seconds += statistics->prepare_seconds + statistics->search_seconds;
}

/* What the group stage would have handed on. */
static enum pushed push_counts(struct run *run, struct pipe *group, bool by_hops,
                               const struct cycle_counts *counts)
{
    if (!by_hops) {
        return pipe_push_count(run, group, counts->total, 0);
    }
    group->is_given = true;
    enum pushed pushed = PUSHED_MORE;
    for (uint32_t hops = 0; hops < counts->hop_end && pushed == PUSHED_MORE; hops++) {
        if (counts->by_hops[hops] > 0) {
            pushed = pipe_push_count(run, group, counts->by_hops[hops], hops);
        }
    }
    return pushed;
}

/* Nothing else is known of the externals of a search than what it said last. */
static void note_externals(const struct stage *stage, const struct cycle_options *options)
{
    if (stage->externals != NULL) {
        stage->externals->are_filters =
            options->externals != NULL && options->externals->are_filters;
    }
}

/* Where cycles begin, as rows. */
struct begun {
    const struct stage *stage;
    const struct cycle_counts *counts;
};

static enum status read_anchor(struct run *run, void *context, uint32_t worker, uint64_t row,
                               uint64_t end)
{
    const struct begun *begun = context;
    const struct stage_cycle *cycle = begun->stage->cycle;
    const struct anchor *anchor = &begun->counts->anchors[row];
    (void)worker;
    (void)end;
    if (anchor->cycle_count > INT64_MAX) {
        return source_error(run->source, begun->stage->place, "more rows than 64 bits can count");
    }
    run->row[cycle->vertex_slot] = value_vertex(anchor->vertex);
    run->row[cycle->end_slot] = value_vertex(anchor->vertex);
    run->row[cycle->weight_slot] = value_integer((int64_t)anchor->cycle_count);
    return STATUS_OK;
}

static enum pushed push_anchors(struct run *run, const struct stage *stage, struct pipe *behind,
                                const struct cycle_counts *counts)
{
    struct begun begun = {stage, counts};
    struct row_source source = {counts->anchor_count, read_anchor, &begun};
    return pipe_push_all(run, behind, &source);
}

/* Nothing is counted, and *is_counted false, where there are residual externals. */
static enum pushed count_cycles(struct run *run, struct pipe *pipe, struct residual *residual,
                                bool *is_counted)
{
    const struct stage *stage = pipe->stage;
    const struct stage_cycle *cycle = stage->cycle;
    struct cycle_options options = options_of(run);
    options.externals = residual == NULL ? NULL : &residual->externals;
    options.counts_anchors = cycle->is_by_anchor;
    struct cycle_statistics statistics = {0};
    struct cycle_counts counts;
    enum status status = cycle_match_count(&counts, &cycle->pattern, run->entities->graph, &options,
                                           &statistics, run->source->error);
    add_statistics(run, stage, &statistics);
    note_externals(stage, &options);
    *is_counted = status != STATUS_OK || stage->externals == NULL || stage->externals->are_filters;
    enum pushed pushed = PUSHED_FAILED;
    struct pipe *behind = pipe_behind(pipe, stage->residual_count + 1);
    if (status == STATUS_OK && *is_counted) {
        pushed = cycle->is_by_anchor ? push_anchors(run, stage, behind, &counts)
                                     : push_counts(run, behind, stage->counts_by_hops, &counts);
    }
    cycle_counts_close(&counts);
    return pushed;
}

static enum status set_row(struct run *run, const struct stage_cycle *stage,
                           const struct cycle *cycle)
{
    struct error *error = run->source->error;
    struct value *items = pool_allocate(&run->pool, cycle->hop_count, sizeof *items, error);
    struct value_path *path = pool_allocate(&run->pool, 1, sizeof *path, error);
    uint32_t *vertices =
        pool_allocate(&run->pool, (size_t)cycle->hop_count + 1, sizeof *vertices, error);
    if (items == NULL || path == NULL || vertices == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < cycle->hop_count; i++) {
        items[i] = value_edge(cycle->edges[i]);
        vertices[i] = cycle->vertices[i];
    }
    vertices[cycle->hop_count] = cycle->vertices[0];
    *path = (struct value_path){cycle->hop_count, vertices, cycle->edges};
    run->row[stage->vertex_slot] = value_vertex(vertices[0]);
    run->row[stage->end_slot] = value_vertex(vertices[0]);
    run->row[stage->list_slot] = value_list_of(items, cycle->hop_count);
    if (stage->is_by_anchor) {
        run->row[stage->weight_slot] = value_integer(1);
    }
    if (stage->path_slot != SLOT_NONE) {
        run->row[stage->path_slot] = (struct value){.kind = VALUE_PATH, .path = path};
    }
    return STATUS_OK;
}

/* The cycles that were found, as rows. */
struct found {
    const struct stage_cycle *stage;
    const struct cycle_list *list;
};

static enum status read_cycle(struct run *run, void *context, uint32_t worker, uint64_t row,
                              uint64_t end)
{
    const struct found *found = context;
    struct cycle cycle = cycle_list_at(found->list, row);
    (void)worker;
    (void)end;
    return set_row(run, found->stage, &cycle);
}

static enum pushed push_list(struct run *run, struct pipe *pipe, const struct cycle_list *list)
{
    struct found found = {pipe->stage->cycle, list};
    struct row_source source = {cycle_list_count(list), read_cycle, &found};
    return pipe_push_all(run, pipe->next, &source);
}

/* One more than a limit of rows, so that who keeps it sees that there are more. */
static uint64_t limit_of(const struct run *run, const struct stage_cycle *cycle)
{
    uint64_t rows = run->options->row_limit;
    bool is_less = cycle->is_row_each && rows != 0 && rows < cycle->limit;
    return is_less ? rows + 1 : cycle->limit;
}

static bool judge_cycle(void *context, uint32_t index, const struct cycle *cycle)
{
    struct residual *residual = context;
    struct residual_worker *worker = residual_at(residual, index);
    if (worker == NULL) {
        return false;
    }
    struct pool_mark mark = pool_mark(&worker->own.run.pool);
    enum status status = set_row(&worker->own.run, residual->head->cycle, cycle);
    bool is_kept = residual_keeps(residual, worker, status, cycle->hop_count);
    pool_release(&worker->own.run.pool, mark);
    return is_kept;
}

static enum pushed push_kept(struct run *run, struct pipe *pipe, const struct cycle_list *list,
                             struct residual *residual)
{
    const struct stage *stage = pipe->stage;
    if (residual != NULL && residual_finish(residual, pipe) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return residual != NULL && stage->counts != NULL
               ? push_counts(run, pipe_behind(pipe, stage->residual_count + 1),
                             stage->counts_by_hops, &residual->counts)
               : push_list(run, pipe, list);
}

static enum pushed search_cycles(struct run *run, struct pipe *pipe, struct residual *residual,
                                 uint64_t limit);

/* With `residual` filters in the search, or NULL: all that are found go through the stages. */
static enum pushed find_cycles(struct run *run, struct pipe *pipe, struct residual *residual,
                               uint64_t limit)
{
    struct cycle_choice choice = {
        .limit = limit, .judge = residual == NULL ? NULL : judge_cycle, .context = residual};
    struct cycle_options options = options_of(run);
    options.externals = residual == NULL ? NULL : &residual->externals;
    struct cycle_statistics statistics = {0};
    struct cycle_list *list = NULL;
    enum status status = cycle_match_find(&list, &pipe->stage->cycle->pattern, run->entities->graph,
                                          &choice, &options, &statistics, run->source->error);
    bool is_short = status == STATUS_OK && residual != NULL && cycle_list_count(list) < limit;
    if (is_short && residual_is_costly(residual)) {
        cycle_list_close(list);
        residual_begin_again(residual);
        return search_cycles(run, pipe, residual, limit);
    }
    if (is_short && residual_has_failed(residual)) {
        cycle_list_close(list);
        return find_cycles(run, pipe, NULL, UINT64_MAX);
    }
    add_statistics(run, pipe->stage, &statistics);
    note_externals(pipe->stage, &options);
    enum pushed pushed = status == STATUS_OK ? push_kept(run, pipe, list, residual) : PUSHED_FAILED;
    cycle_list_close(list);
    return pushed;
}

/* Counts where that is all that is wanted of what passes the filters. */
static enum pushed search_cycles(struct run *run, struct pipe *pipe, struct residual *residual,
                                 uint64_t limit)
{
    const struct stage *stage = pipe->stage;
    uint32_t external_count = stage->externals == NULL ? 0 : stage->externals->count;
    bool is_counted = false;
    enum pushed pushed = PUSHED_FAILED;
    bool is_wanted = stage->counts != NULL || stage->cycle->is_by_anchor;
    if (is_wanted && stage->residual_count == external_count) {
        pushed = count_cycles(run, pipe, residual, &is_counted);
    }
    return is_counted ? pushed : find_cycles(run, pipe, residual, limit);
}

static enum pushed push_cycles(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    uint64_t limit = limit_of(run, stage->cycle);
    if (stage->residual_count == 0) {
        return search_cycles(run, pipe, NULL, limit);
    }
    struct residual residual;
    enum pushed pushed = PUSHED_FAILED;
    if (residual_open(&residual, run, stage, limit != UINT64_MAX) == STATUS_OK) {
        pushed = search_cycles(run, pipe, &residual, limit);
    }
    residual_close(&residual);
    return pushed;
}

const struct stage_methods stage_cycles = {.push = push_cycles};
