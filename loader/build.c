#include "loader/build.h"

#include "base/check.h"
#include "base/memory.h"
#include "loader/adjacency.h"
#include "loader/builder.h"
#include "loader/exchange.h"
#include "loader/gather.h"
#include "loader/inner_copies.h"
#include "loader/merge_address.h"
#include "loader/merge_text.h"
#include "loader/reverse.h"

/* Where the number of partitions is not given, a partition is to hold at most half of what it can,
 * since a source is not divided. */
#define PARTITION_FLOWS_WANTED (PARTITION_FLOWS_MAX / 2)

enum { SURVEY_VERTICES = 4096 }; /* that a worker takes at once */

static enum status choose_partitions(struct builder *builder, uint32_t partition_count);
static enum status open_graph(struct builder *builder);
static enum status open_partitions(struct builder *builder);
static enum status build_flows(struct builder *builder);
static enum status mark_through(struct builder *builder);
static enum status survey_degrees(struct builder *builder);
static void close_counts(struct graph *graph);

static const char what[] = "building the graph";

enum status graph_build(struct graph **graph, struct staging *staging, struct team *team,
                        uint32_t partition_count, struct budget *budget, struct stop *stop,
                        struct progress *progress, struct error *error)
{
    *graph = NULL;
    struct builder builder = {
        .staging = staging,
        .team = team,
        .budget = budget,
        .stop = stop,
        .progress = progress,
        .error = error,
        .worker_count = team_worker_count(team),
        .node_count = topology_node_count(team_topology(team)),
    };
    if (progress != NULL) {
        /* Each row is sorted once and gathered once. */
        progress_phase(progress, "building", staging->row_count * 2);
    }
    enum status status;
    TRY_DONE(choose_partitions(&builder, partition_count));
    TRY_DONE(open_graph(&builder));
    TRY_DONE(builder_open_arena(&builder, &builder.maps));
    TRY_DONE(merge_texts(&builder));
    TRY_DONE(merge_addresses(&builder));
    TRY_DONE(open_partitions(&builder));
    staging_release_addresses(staging);
    TRY_DONE(build_flows(&builder));
    TRY_DONE(mark_through(&builder));
    TRY_DONE(inner_copies_build(&builder));
    TRY_DONE(survey_degrees(&builder));
    close_counts(builder.graph);
    *graph = builder.graph;
    builder.graph = NULL;
done:
    arena_close(builder.maps);
    graph_close(builder.graph);
    return status;
}

static enum status choose_partitions(struct builder *builder, uint32_t partition_count)
{
    uint64_t count = partition_count;
    if (partition_count == 0) {
        uint64_t home_count = topology_home_count(team_topology(builder->team));
        uint64_t home_flows = builder->staging->row_count / home_count;
        count = home_count * (home_flows / PARTITION_FLOWS_WANTED + 1);
    }
    if (count > GRAPH_PARTITIONS_MAX) {
        return error_set(builder->error, partition_count == 0 ? STATUS_LIMIT : STATUS_USAGE,
                         "%llu partitions are more than the %d that gyre makes",
                         (unsigned long long)count, GRAPH_PARTITIONS_MAX);
    }
    builder->partition_count = (uint32_t)count;
    return STATUS_OK;
}

static enum status copy_schema(struct schema *copy, const struct schema *schema,
                               struct error *error)
{
    for (uint32_t index = 0; index < schema->property_count; index++) {
        const struct property *property = &schema->properties[index];
        TRY(schema_add(copy, bytes_of(property->name), property->type, property->role, error));
    }
    for (uint32_t index = 0; index < schema->alias_count; index++) {
        const struct schema_alias *alias = &schema->aliases[index];
        TRY(schema_add_alias(copy, bytes_of(alias->name), alias->property, error));
    }
    return STATUS_OK;
}

static enum status open_graph(struct builder *builder)
{
    const struct schema *schema = &builder->staging->schema;
    struct graph *graph = memory_allocate(1, sizeof(*graph));
    if (graph == NULL) {
        return error_set_memory(builder->error, what);
    }
    builder->graph = graph;
    graph->vertices.name = "IP";
    graph->vertices.key = "IPAddr";
    struct edge_frame *edges = &graph->edges;
    edges->name = "Netflow";
    edges->source = &graph->vertices;
    edges->target = &graph->vertices;
    edges->start_time = schema_find_role(schema, ROLE_START_TIME);
    CHECK(edges->start_time != PROPERTY_NONE);
    TRY(copy_schema(&edges->schema, schema, builder->error));
    TRY(builder_open_arena(builder, &graph->shared));
    TRY(builder_allocate_zeroed(builder, graph->shared, &edges->dictionaries,
                                schema->property_count, sizeof(struct dictionary), what));
    edges->partition_count = builder->partition_count;
    return builder_allocate_zeroed(builder, graph->shared, &edges->partitions,
                                   builder->partition_count, sizeof(struct partition), what);
}

static enum status open_partitions(struct builder *builder)
{
    const uint32_t *bases = builder->graph->vertices.partition_base;
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        partition->index = index;
        partition->node = builder_node(builder, index);
        partition->vertex_base = bases[index];
        partition->vertex_count = bases[index + 1] - bases[index];
        TRY(arena_open(&partition->arena, team_topology(builder->team), partition->node,
                       builder->budget, builder->error));
    }
    return STATUS_OK;
}

static void release_role(struct builder *builder, enum role role)
{
    staging_release_column(builder->staging,
                           (uint32_t)schema_find_role(&builder->staging->schema, role));
}

/* The records of the exchange live until the columns are gathered by them; columns of the staging
 * that the graph holds in another form are released. */
static enum status build_flows(struct builder *builder)
{
    struct exchange exchange = {0};
    struct arena *scratch;
    enum status status = builder_open_arena(builder, &scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(exchange_flows(&exchange, builder, scratch));
    release_role(builder, ROLE_SOURCE);
    release_role(builder, ROLE_TARGET);
    TRY_DONE(adjacency_build(builder, &exchange));
    release_role(builder, ROLE_START_TIME);
    TRY_DONE(reverse_build(builder));
    TRY_DONE(gather_columns(builder, &exchange));
done:
    arena_close(scratch);
    return status;
}

/* Which vertices a path can go through. */
static enum status mark_through(struct builder *builder)
{
    struct graph *graph = builder->graph;
    uint64_t words = ((uint64_t)graph->vertices.vertex_count + 63) / 64;
    uint64_t *through = arena_allocate_zeroed(graph->shared, words, sizeof(*through));
    if (through == NULL) {
        return arena_error(graph->shared, what, builder->error);
    }
    for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
        const struct partition *partition = &graph->edges.partitions[index];
        for (uint32_t local = 0; local < partition->vertex_count; local++) {
            uint64_t vertex = (uint64_t)partition->vertex_base + local;
            uint64_t is_through = partition_is_through(partition, local);
            through[vertex >> 6] |= is_through << (vertex & 63);
        }
    }
    graph->edges.through = through;
    return STATUS_OK;
}

struct survey {
    const struct edge_frame *edges;
    struct degrees *degrees; /* [worker_count] */
    _Atomic uint64_t next;   /* vertex */
};

static void survey_vertices(const struct worker *worker, void *context)
{
    struct survey *survey = context;
    struct degrees degrees = {0};
    uint64_t begin;
    uint64_t end;
    while (team_next(&survey->next, survey->edges->source->vertex_count, SURVEY_VERTICES, &begin,
                     &end)) {
        degrees_add_range(&degrees, survey->edges, (vertex_id)begin, (vertex_id)end);
    }
    survey->degrees[worker->index] = degrees;
}

static enum status survey_degrees(struct builder *builder)
{
    struct edge_frame *edges = &builder->graph->edges;
    struct survey survey = {.edges = edges};
    TRY(builder_allocate_zeroed(builder, builder->maps, &survey.degrees, builder->worker_count,
                                sizeof(struct degrees), what));
    team_run(builder->team, survey_vertices, &survey);
    for (uint32_t index = 0; index < builder->worker_count; index++) {
        degrees_add_all(&edges->degrees, &survey.degrees[index]);
    }
    return STATUS_OK;
}

static void close_counts(struct graph *graph)
{
    graph->bytes = sizeof(*graph) + arena_bytes(graph->shared);
    for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
        const struct partition *partition = &graph->edges.partitions[index];
        graph->edges.flow_count += partition->flow_count;
        graph->edges.link_count += partition->link_count;
        graph->bytes += arena_bytes(partition->arena);
    }
    for (uint32_t index = 0; index < graph->edges.inner_count; index++) {
        struct arena *arena = graph->edges.inner[index].arena;
        graph->bytes += arena == NULL ? 0 : arena_bytes(arena);
    }
}
