/* The first stage of a query for the ends of temporal paths of variable length. */
#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "value/temporal.h"

/* Kinds of paths, as rows. */
struct ends {
    const struct stage *stage;
    const struct path_kinds *kinds;
};

static enum status read_kind(struct run *run, void *context, uint32_t worker, uint64_t row,
                             uint64_t end)
{
    const struct ends *ends = context;
    const struct stage_cycle *cycle = ends->stage->cycle;
    const struct path_kind *kind = &ends->kinds->kinds[row];
    (void)worker;
    (void)end;
    if (cycle->told.count && kind->count > INT64_MAX) {
        return source_error(run->source, ends->stage->place, "more rows than 64 bits can count");
    }
    run->row[cycle->vertex_slot] = cycle->told.begin ? value_vertex(kind->begin) : value_null();
    run->row[cycle->end_slot] = cycle->told.end ? value_vertex(kind->end) : value_null();
    run->row[cycle->hops_slot] = value_integer(kind->hops);
    run->row[cycle->weight_slot] =
        cycle->told.count ? value_integer((int64_t)kind->count) : value_null();
    return cycle->told.first ? temporal_from_ns(kind->first, &run->pool,
                                                &run->row[cycle->first_slot], run->source->error)
                             : STATUS_OK;
}

static void add_statistics(struct run *run, const struct stage *stage,
                           const struct match_statistics *before)
{
    if (run->profile != NULL) {
        struct stage_profile *profile = &run->profile->stages[stage->index];
        profile->flows_visited += run->matching->flows_visited - before->flows_visited;
        profile->links_visited += run->matching->links_visited - before->links_visited;
    }
}

static enum pushed push_ends(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    const struct stage_cycle *cycle = stage->cycle;
    const struct run_options *options = run->options;
    const struct cycle_options chosen = {.team = options->team,
                                         .budget = options->budget,
                                         .stop = options->stop,
                                         .progress = options->progress,
                                         .filters = options->filters,
                                         .nodes = options->nodes};
    const struct match_statistics before = *run->matching;
    struct path_kinds kinds;
    enum status status =
        path_match_count(&kinds, &cycle->pattern, &cycle->told, run->entities->graph, &chosen,
                         run->matching, run->source->error);
    add_statistics(run, stage, &before);
    enum pushed pushed = PUSHED_FAILED;
    if (status == STATUS_OK) {
        struct ends ends = {stage, &kinds};
        struct row_source source = {kinds.count, read_kind, &ends};
        pushed = pipe_push_all(run, pipe->next, &source);
    }
    path_kinds_close(&kinds);
    return pushed;
}

const struct stage_methods stage_ends = {.push = push_ends};
