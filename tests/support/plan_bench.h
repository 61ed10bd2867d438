/* One path of up to two edges, in the slots of cases, over graphs that are large enough for their
 * cost to be seen. */
#ifndef GYRE_TESTS_SUPPORT_PLAN_BENCH_H
#define GYRE_TESTS_SUPPORT_PLAN_BENCH_H

#include <stdio.h>

#include "pipeline/entity_functions.h"
#include "tests/support/pattern_build.h"

enum { CHAIN_ROWS = 1500, STAR_ROWS = 400, NAME_BYTES = 16 };

static char plan_names[CHAIN_ROWS + 1][NAME_BYTES];

static inline void make_names(void)
{
    for (uint32_t i = 0; i <= CHAIN_ROWS; i++) {
        (void)snprintf(plan_names[i], NAME_BYTES, "host-%05u", i);
    }
}

static inline struct tiny_row row_of(uint32_t source, uint32_t target, int64_t time)
{
    return (struct tiny_row){plan_names[source], plan_names[target], time, 1, 1, "tcp"};
}

/* A pattern of up to three vertices and two edges, in the slots of cases. */
struct plan_bench {
    struct pattern_bench bench;
    struct pattern_vertex vertices[3];
    struct pattern_edge edges[2];
    struct pattern_path path;
    struct pattern_condition conditions[2];
    struct pattern pattern;
    uint64_t found;
    uint64_t wanted; /* ends after so many */
};

static inline void open_bench(struct plan_bench *plan, const struct tiny_row *rows,
                              uint32_t row_count)
{
    pattern_bench_open(&plan->bench, rows, row_count, 2);
    for (uint32_t i = 0; i < 3; i++) {
        plan->vertices[i] = (struct pattern_vertex){.slot = CASE_VERTEX_SLOT + i};
    }
    for (uint32_t i = 0; i < 2; i++) {
        plan->edges[i] = (struct pattern_edge){.slot = CASE_EDGE_SLOT + i,
                                               .left = i,
                                               .right = i + 1,
                                               .least = 1,
                                               .most = 1,
                                               .window_ns = INT64_MAX,
                                               .hop_slot = CASE_HOP_SLOT + i};
    }
    plan->path = (struct pattern_path){.slot = SLOT_NONE};
    plan->found = 0;
    plan->wanted = UINT64_MAX;
}

/* One path of so many edges. */
static inline void set_pattern(struct plan_bench *plan, uint32_t edge_count,
                               uint32_t condition_count)
{
    plan->path.edge_count = edge_count;
    plan->pattern = (struct pattern){.vertex_count = edge_count + 1,
                                     .vertices = plan->vertices,
                                     .edge_count = edge_count,
                                     .edges = plan->edges,
                                     .path_count = 1,
                                     .paths = &plan->path,
                                     .condition_count = condition_count,
                                     .conditions = plan->conditions};
    for (uint32_t i = 0; i < condition_count; i++) {
        plan->conditions[i].vertices = 0;
        plan->conditions[i].edges = 0;
    }
    pattern_set_reads(&plan->pattern);
}

static inline void make_variable(struct plan_bench *plan, uint32_t edge, int64_t least,
                                 int64_t most)
{
    plan->edges[edge].is_variable = true;
    plan->edges[edge].least = least;
    plan->edges[edge].most = most;
}

static inline enum pushed count_match(struct run *run, void *context)
{
    struct plan_bench *plan = context;
    (void)run;
    return ++plan->found == plan->wanted ? PUSHED_ENOUGH : PUSHED_MORE;
}

static inline enum pushed match(struct plan_bench *plan)
{
    struct pattern_bench *bench = &plan->bench;
    plan->found = 0;
    if (pattern_prepare(&plan->pattern, &bench->entities, &bench->chain, &bench->error) !=
        STATUS_OK) {
        return PUSHED_FAILED;
    }
    return pattern_match(&bench->run, &plan->pattern, count_match, plan);
}

static inline void bind_vertex(struct plan_bench *plan, uint32_t vertex, const char *name)
{
    plan->vertices[vertex].is_bound = true;
    plan->bench.row[CASE_VERTEX_SLOT + vertex] = value_vertex(tiny_vertex(&plan->bench.tiny, name));
}

static inline void open_chain(struct plan_bench *plan)
{
    static struct tiny_row rows[CHAIN_ROWS];
    for (uint32_t i = 0; i < CHAIN_ROWS; i++) {
        rows[i] = row_of(i, i + 1, i);
    }
    open_bench(plan, rows, CHAIN_ROWS);
}

#endif
