/* Unary filters: conjuncts become tests over raw columns where they can, one program for what is
 * left, and run block by block, a partition's blocks on its own node's workers first. */
#include "engine/filter.h"

#include <string.h>

#include "engine/filter_class.h"

static bool has_work(const struct filter_build *build);
static enum status first_worker_error(const struct filter_build *build, uint32_t worker_count);
static enum status publish(struct filter_build *build);

enum status filters_build(struct filters *filters, const struct bound_query *query,
                          struct team *team, struct arena *arena, struct arena *const *node_arenas,
                          struct filter_cache *cache, struct stop *stop, struct error *error)
{
    *filters = (struct filters){.cache = cache};
    struct filter_build build = {.filters = filters,
                                 .query = query,
                                 .arena = arena,
                                 .node_arenas = node_arenas,
                                 .stop = stop,
                                 .error = error};
    memset(build.class_of, 0xff, sizeof build.class_of);
    TRY(filter_evaluate_constants(&build));
    if (!filters->is_false) {
        TRY(filter_make_flow_classes(&build));
        TRY(filter_make_vertex_classes(&build));
    }
    if (has_work(&build)) {
        uint32_t worker_count = team_worker_count(team);
        build.worker_errors =
            arena_allocate_zeroed(arena, worker_count, sizeof *build.worker_errors);
        filters->localities =
            arena_allocate_zeroed(arena, worker_count, sizeof *filters->localities);
        if (build.worker_errors == NULL || filters->localities == NULL) {
            return arena_error(arena, "filtering", error);
        }
        team_run(team, filter_run_worker, &build);
        TRY(first_worker_error(&build, worker_count));
        TRY(stop_error(stop, "filtering", error));
    }
    return publish(&build);
}

void filters_close(struct filters *filters)
{
    for (uint32_t i = 0; i < filters->held_count; i++) {
        filter_cache_release(filters->cache, filters->held[i]);
    }
    filters->held_count = 0;
}

static bool has_work(const struct filter_build *build)
{
    bool has_work = build->vertex_class_count > 0;
    for (uint32_t i = 0; i < build->flow_class_count; i++) {
        has_work = has_work || !build->flows[i].is_known;
    }
    return has_work;
}

static enum status out_of_memory(const struct filter_build *build)
{
    return arena_error(build->arena, "filtering", build->error);
}

static enum status first_worker_error(const struct filter_build *build, uint32_t worker_count)
{
    for (uint32_t i = 0; i < worker_count; i++) {
        if (build->worker_errors[i].status != STATUS_OK) {
            if (build->error != NULL && build->error->status == STATUS_OK) {
                *build->error = build->worker_errors[i];
            }
            return build->worker_errors[i].status;
        }
    }
    return STATUS_OK;
}

/* Fills what an edge's filter says, sharing the class's arrays. */
static enum status publish_edge(struct filter_build *build, uint32_t edge)
{
    const struct edge_frame *frame = build->query->edges[edge].frame;
    struct flow_filter *filter = &build->filters->edges[edge];
    filter->pass_counts =
        arena_allocate(build->arena, frame->partition_count, sizeof *filter->pass_counts);
    if (filter->pass_counts == NULL) {
        return out_of_memory(build);
    }
    const struct flow_class *class =
        build->class_of[edge] == FILTER_CLASS_NONE ? NULL : &build->flows[build->class_of[edge]];
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        filter->pass_counts[i] = class == NULL ? frame->partitions[i].flow_count : class->passed[i];
        filter->pass_count += filter->pass_counts[i];
    }
    filter->bits = class == NULL ? NULL : class->bits;
    filter->key = class == NULL ? filter_key_begin(build->arena) : class->key;
    if (class != NULL && class->cached != NULL) {
        class->cached->is_whole = true;
    }
    return STATUS_OK;
}

static enum status publish(struct filter_build *build)
{
    for (uint32_t edge = 0; edge < build->query->edge_count; edge++) {
        TRY(publish_edge(build, edge));
    }
    for (uint32_t vertex = 0; vertex < build->query->vertex_count; vertex++) {
        build->filters->vertices[vertex].pass_count =
            build->query->vertices[vertex].frame->vertex_count;
    }
    for (uint32_t i = 0; i < build->vertex_class_count; i++) {
        struct vertex_filter *filter = &build->filters->vertices[build->vertices[i].vertex];
        filter->bits = build->vertices[i].bits;
        filter->pass_count = build->vertices[i].passed;
    }
    return STATUS_OK;
}
