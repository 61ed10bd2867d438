/* A builder over a sample, for tests of the single steps of a build. */
#ifndef GYRE_TESTS_SUPPORT_BUILD_STEPS_H
#define GYRE_TESTS_SUPPORT_BUILD_STEPS_H

#include "loader/builder.h"
#include "tests/support/staging.h"

struct build_steps {
    struct builder builder;
    struct topology *topology;
    struct team *team;
    struct staging staging;
    struct graph *graph;
    struct budget budget;
    struct stop stop;
    struct error error;
    struct arena *scratch;
};

/* As graph_build opens a graph; without partitions' arenas. */
static inline void build_steps_open_on(const char *topology, struct build_steps *steps,
                                       const struct sample *sample,
                                       const struct stage_options *stage, uint32_t thread_count,
                                       uint32_t partition_count)
{
    *steps = (struct build_steps){0};
    budget_init(&steps->budget, 0);
    stop_init(&steps->stop, 0);
    CHECK(topology_open(&steps->topology, topology, NULL) == STATUS_OK);
    CHECK(team_open(&steps->team, steps->topology, thread_count, NULL) == STATUS_OK);
    sample_stage(&steps->staging, sample, stage, steps->topology, &steps->budget);
    steps->graph = memory_allocate(1, sizeof(*steps->graph));
    CHECK(steps->graph != NULL);
    steps->builder = (struct builder){.staging = &steps->staging,
                                      .graph = steps->graph,
                                      .team = steps->team,
                                      .budget = &steps->budget,
                                      .stop = &steps->stop,
                                      .error = &steps->error,
                                      .worker_count = thread_count,
                                      .node_count = topology_node_count(steps->topology),
                                      .partition_count = partition_count};
    CHECK(builder_open_arena(&steps->builder, &steps->builder.maps) == STATUS_OK);
    CHECK(builder_open_arena(&steps->builder, &steps->graph->shared) == STATUS_OK);
    CHECK(builder_open_arena(&steps->builder, &steps->scratch) == STATUS_OK);
    struct edge_frame *edges = &steps->graph->edges;
    edges->start_time = schema_find_role(&sample->schema, ROLE_START_TIME);
    edges->dictionaries = arena_allocate_zeroed(steps->graph->shared, sample->schema.property_count,
                                                sizeof(struct dictionary));
    edges->partitions =
        arena_allocate_zeroed(steps->graph->shared, partition_count, sizeof(struct partition));
    CHECK(edges->dictionaries != NULL && edges->partitions != NULL);
    edges->partition_count = partition_count;
}

/* On two nodes of two cores. */
static inline void build_steps_open(struct build_steps *steps, const struct sample *sample,
                                    const struct stage_options *stage, uint32_t thread_count,
                                    uint32_t partition_count)
{
    build_steps_open_on("synthetic:numa:2 core:2 pu:1", steps, sample, stage, thread_count,
                        partition_count);
}

static inline void build_steps_close(struct build_steps *steps)
{
    arena_close(steps->scratch);
    arena_close(steps->builder.maps);
    graph_close(steps->graph);
    staging_close(&steps->staging);
    CHECK(budget_used(&steps->budget) == 0);
    team_close(steps->team);
    topology_close(steps->topology);
}

#endif
