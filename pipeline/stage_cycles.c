/* The first stage of a query for temporal cycles of variable length. */
#include "engine/match.h"
#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"

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

static enum pushed push_count(struct run *run, struct pipe *pipe, uint64_t count, uint32_t hops)
{
    const struct stage *group = pipe->stage;
    if (count > INT64_MAX) {
        (void)source_error(run->source, group->place, "more cycles than 64 bits can count");
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < group->item_count; i++) {
        run->row[group->items[i].slot] = value_integer(hops);
    }
    for (uint32_t i = 0; i < group->fold_count; i++) {
        run->row[group->folds[i].slot] = value_integer((int64_t)count);
    }
    return pipe_push(run, pipe->next);
}

/* What the group stage would have handed on. */
static enum pushed push_counts(struct run *run, struct pipe *pipe,
                               const struct cycle_counts *counts)
{
    struct pipe *group = pipe->next;
    group->is_given = true;
    if (!pipe->stage->cycle->counts_by_hops) {
        return push_count(run, group, counts->total, 0);
    }
    enum pushed pushed = PUSHED_MORE;
    for (uint32_t hops = 0; hops < counts->hop_end && pushed == PUSHED_MORE; hops++) {
        if (counts->by_hops[hops] > 0) {
            pushed = push_count(run, group, counts->by_hops[hops], hops);
        }
    }
    return pushed;
}

static enum pushed count_cycles(struct run *run, struct pipe *pipe)
{
    const struct stage_cycle *cycle = pipe->stage->cycle;
    struct cycle_options options = options_of(run);
    struct cycle_statistics statistics = {0};
    struct cycle_counts counts;
    enum status status = cycle_match_count(&counts, &cycle->pattern, run->entities->graph, &options,
                                           &statistics, run->source->error);
    add_statistics(run, pipe->stage, &statistics);
    enum pushed pushed = status == STATUS_OK ? push_counts(run, pipe, &counts) : PUSHED_FAILED;
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
    if (stage->path_slot != SLOT_NONE) {
        run->row[stage->path_slot] = (struct value){.kind = VALUE_PATH, .path = path};
    }
    return STATUS_OK;
}

static enum pushed push_list(struct run *run, struct pipe *pipe, const struct cycle_list *list)
{
    enum pushed pushed = PUSHED_MORE;
    uint64_t count = cycle_list_count(list);
    for (uint64_t i = 0; i < count && pushed == PUSHED_MORE; i++) {
        struct cycle cycle = cycle_list_at(list, i);
        struct pool_mark mark = pool_mark(&run->pool);
        pushed = set_row(run, pipe->stage->cycle, &cycle) == STATUS_OK ? pipe_push(run, pipe->next)
                                                                       : PUSHED_FAILED;
        pool_release(&run->pool, mark);
    }
    return pushed;
}

/* One more than a limit of rows, so that who keeps it sees that there are more. */
static uint64_t limit_of(const struct run *run, const struct stage_cycle *cycle)
{
    uint64_t rows = run->options->row_limit;
    bool is_less = cycle->is_row_each && rows != 0 && rows < cycle->limit;
    return is_less ? rows + 1 : cycle->limit;
}

static enum pushed push_cycles(struct run *run, struct pipe *pipe)
{
    const struct stage_cycle *cycle = pipe->stage->cycle;
    if (cycle->counts != NULL) {
        return count_cycles(run, pipe);
    }
    struct cycle_options options = options_of(run);
    struct cycle_statistics statistics = {0};
    struct cycle_list *list = NULL;
    enum status status =
        cycle_match_find(&list, &cycle->pattern, run->entities->graph, limit_of(run, cycle),
                         &options, &statistics, run->source->error);
    add_statistics(run, pipe->stage, &statistics);
    enum pushed pushed = status == STATUS_OK ? push_list(run, pipe, list) : PUSHED_FAILED;
    cycle_list_close(list);
    return pushed;
}

const struct stage_methods stage_cycles = {.push = push_cycles};
