/* floor: engine. Components of random graphs are those that reaching each other makes. */
#include "engine/cycle_component.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

enum { VERTICES_MAX = 12, EDGES_MAX = 40, CASES = 2000 };

static uint32_t below(uint64_t *state, uint32_t bound)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % bound;
}

struct random_graph {
    uint32_t offset[VERTICES_MAX + 1];
    uint32_t targets[EDGES_MAX];
    bool reaches[VERTICES_MAX][VERTICES_MAX];
    uint32_t vertex_count;
};

static void draw(struct random_graph *graph, uint64_t *state)
{
    uint32_t edges = 0;
    memset(graph, 0, sizeof *graph);
    graph->vertex_count = 1 + below(state, VERTICES_MAX);
    uint32_t most = below(state, 4);
    for (uint32_t v = 0; v < graph->vertex_count; v++) {
        graph->reaches[v][v] = true;
        for (uint32_t i = below(state, most + 1); i > 0 && edges < EDGES_MAX; i--) {
            uint32_t target = below(state, graph->vertex_count);
            graph->targets[edges++] = target;
            graph->reaches[v][target] = true;
        }
        graph->offset[v + 1] = edges;
    }
    for (uint32_t middle = 0; middle < graph->vertex_count; middle++) {
        for (uint32_t from = 0; from < graph->vertex_count; from++) {
            for (uint32_t to = 0; to < graph->vertex_count; to++) {
                graph->reaches[from][to] =
                    graph->reaches[from][to] ||
                    (graph->reaches[from][middle] && graph->reaches[middle][to]);
            }
        }
    }
}

static void components_are_vertices_that_reach_each_other(void)
{
    uint64_t state = 1;
    struct stop stop;
    stop_init(&stop, 0);
    for (uint32_t i = 0; i < CASES; i++) {
        struct random_graph drawn;
        uint32_t component[VERTICES_MAX];
        uint32_t scratch[VERTICES_MAX * COMPONENT_SCRATCH_WORDS];
        draw(&drawn, &state);
        struct compact_graph graph = {drawn.vertex_count, drawn.offset, drawn.targets};
        CU_ASSERT_TRUE(components_find(&graph, component, scratch, &stop));
        bool agrees = true;
        for (uint32_t v = 0; v < drawn.vertex_count; v++) {
            for (uint32_t w = 0; w < drawn.vertex_count; w++) {
                bool is_same = drawn.reaches[v][w] && drawn.reaches[w][v];
                agrees = agrees && (component[v] == component[w]) == is_same;
            }
        }
        CU_ASSERT_TRUE(agrees);
    }
}

static void long_ring_is_one_component(void)
{
    enum { COUNT = 200000 };
    struct stop stop;
    stop_init(&stop, 0);
    uint32_t *words = calloc((size_t)COUNT * (COMPONENT_SCRATCH_WORDS + 3) + 1, sizeof *words);
    CU_ASSERT_PTR_NOT_NULL_FATAL(words);
    uint32_t *offset = words;
    uint32_t *targets = offset + COUNT + 1;
    uint32_t *component = targets + COUNT;
    for (uint32_t v = 0; v < COUNT; v++) {
        targets[v] = (v + 1) % COUNT;
        offset[v + 1] = v + 1;
    }
    struct compact_graph graph = {COUNT, offset, targets};
    CU_ASSERT_TRUE(components_find(&graph, component, component + COUNT, &stop));
    bool is_one = true;
    for (uint32_t v = 0; v < COUNT; v++) {
        is_one = is_one && component[v] == component[0];
    }
    CU_ASSERT_TRUE(is_one);

    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_FALSE(components_find(&graph, component, component + COUNT, &stop));
    free(words);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(components_are_vertices_that_reach_each_other),
        CASE(long_ring_is_one_component),
        CU_TEST_INFO_NULL,
    };
    return suite_run("cycle_component", NULL, NULL, cases);
}
