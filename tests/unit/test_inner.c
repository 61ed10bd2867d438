/* floor: loader */
/* The copies of the inner graph: where they are kept, and that a wrong one is refused. */
#include "loader/inner_copies.h"

#include <string.h>

#include "loader/build.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

struct built {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct graph *graph;
};

static void built_open(struct built *built, const char *description, uint64_t rows,
                       uint32_t addresses)
{
    struct sample sample;
    struct staging staging;
    char path[512];
    const char *slash = strrchr(__FILE__, '/');
    bool is_file = strncmp(description, "synthetic:", strlen("synthetic:")) != 0;
    snprintf(path, sizeof(path), "%.*s/../numa/%s", (int)(slash - __FILE__), __FILE__, description);
    budget_init(&built->budget, 0);
    stop_init(&built->stop, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&built->topology, is_file ? path : description, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&built->team, built->topology, 3, NULL), STATUS_OK);
    sample_random(&sample, &(struct sample_options){5, rows, addresses, 3, true, false, false});
    sample_stage(&staging, &sample, &(struct stage_options){5, 2, 500, false}, built->topology,
                 &built->budget);
    CU_ASSERT_EQUAL_FATAL(graph_build(&built->graph, &staging, built->team, 0, &built->budget,
                                      &built->stop, NULL, NULL),
                          STATUS_OK);
    staging_close(&staging);
    sample_close(&sample);
}

static void built_close(struct built *built)
{
    graph_close(built->graph);
    CU_ASSERT_EQUAL(budget_used(&built->budget), 0);
    team_close(built->team);
    topology_close(built->topology);
}

static void homes_have_copies_and_other_nodes_share_the_nearest(void)
{
    static const struct {
        const char *description;
        uint32_t node_count;
        uint32_t copies[4]; /* by node, whose copy it uses */
    } rows[] = {
        {"synthetic:numa:1 core:2 pu:1", 1, {0}},
        {"synthetic:numa:4 core:2 pu:1", 4, {0, 1, 2, 3}},
        {"two_sockets_two_threads.xml", 2, {0, 1}},
        {"unequal_sockets.xml", 2, {0, 1}},
        {"node_without_memory.xml", 3, {0, 0, 2}},
        {"memory_without_processors.xml", 4, {0, 1, 0, 1}},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct built built;
        char reason[256];
        built_open(&built, rows[row].description, 20000, 60);
        const struct edge_frame *edges = &built.graph->edges;
        CU_ASSERT_EQUAL_FATAL(topology_node_count(built.topology), rows[row].node_count);
        CU_ASSERT_EQUAL_FATAL(edges->inner_count, rows[row].node_count);
        CU_ASSERT_TRUE(graph_validate(built.graph, reason));
        for (uint32_t node = 0; node < rows[row].node_count; node++) {
            CU_ASSERT_EQUAL(edges->inner[node].node, rows[row].copies[node]);
            CU_ASSERT_EQUAL(edges->inner[node].arena != NULL, rows[row].copies[node] == node);
            CU_ASSERT_TRUE(edges->inner[node].link_count > 0);
        }
        built_close(&built);
    }
}

/* One flow for each link, and all links inside: copies for four nodes would be half of the graph.
 */
static void copies_that_would_take_too_much_are_not_made(void)
{
    struct built built;
    built_open(&built, "synthetic:numa:4 core:1 pu:1", 20000, 2000);
    CU_ASSERT_EQUAL(built.graph->edges.inner_count, 0);
    CU_ASSERT_PTR_NULL(built.graph->edges.inner);
    built_close(&built);
}

/* Adds to one value of a copy, looks, and takes it away again. */
static void expect_refusal(const struct graph *graph, const void *value)
{
    char reason[256];
    uint8_t *byte = (uint8_t *)(uintptr_t)value;
    *byte ^= 1;
    CU_ASSERT_FALSE(graph_validate(graph, reason));
    CU_ASSERT_EQUAL(strncmp(reason, "inner: ", strlen("inner: ")), 0);
    *byte ^= 1;
}

static void wrong_copies_are_refused(void)
{
    struct built built;
    built_open(&built, "synthetic:numa:2 core:1 pu:1", 3000, 20);
    CU_ASSERT_EQUAL_FATAL(built.graph->edges.inner_count, 2);
    const struct inner *inner = &built.graph->edges.inner[1];
    expect_refusal(built.graph, inner->bits);
    expect_refusal(built.graph, inner->ranks);
    expect_refusal(built.graph, &inner->vertex_count);
    expect_refusal(built.graph, &inner->link_count);
    const struct inner_lists *const lists[] = {&inner->leaving, &inner->arriving};
    for (size_t side = 0; side < 2; side++) {
        for (uint32_t rank = 0; rank <= inner->vertex_count; rank++) {
            expect_refusal(built.graph, &lists[side]->offset[rank]);
        }
        for (uint32_t link = 0; link < inner->link_count; link++) {
            expect_refusal(built.graph, &lists[side]->links[link].vertex);
            expect_refusal(built.graph, &lists[side]->links[link].link);
        }
    }
    char reason[256];
    CU_ASSERT_TRUE(graph_validate(built.graph, reason));
    built_close(&built);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(homes_have_copies_and_other_nodes_share_the_nearest),
        CASE(copies_that_would_take_too_much_are_not_made),
        CASE(wrong_copies_are_refused),
        CU_TEST_INFO_NULL,
    };
    return suite_run("inner", NULL, NULL, cases);
}
