/* floor: query */
#include "query/plan.h"

#include <string.h>

#include "tests/support/suite.h"

static struct vertex_frame vertices = {.name = "IP", .key = "IPAddr", .vertex_count = 1000};
static struct edge_frame edges = {.name = "Netflow", .flow_count = 50000, .link_count = 2000};
static struct bound_query query;
static struct plan_statistics statistics;
static struct plan plan;

/* A pattern of `edge_count` edges given as pairs of vertices, in which everything passes. */
static void pattern(uint32_t vertex_count, uint32_t edge_count, const uint32_t (*ends)[2])
{
    memset(&query, 0, sizeof query);
    memset(&statistics, 0, sizeof statistics);
    query.vertex_count = vertex_count;
    query.edge_count = edge_count;
    for (uint32_t v = 0; v < vertex_count; v++) {
        query.vertices[v].frame = &vertices;
        statistics.vertex_pass_counts[v] = vertices.vertex_count;
        statistics.vertex_seek[v] = VERTEX_NONE;
    }
    for (uint32_t e = 0; e < edge_count; e++) {
        query.edges[e] =
            (struct bound_edge){.frame = &edges, .source = ends[e][0], .target = ends[e][1]};
        statistics.edge_pass_counts[e] = edges.flow_count;
    }
    for (uint32_t i = 0; i < WINDOW_NODES; i++) {
        for (uint32_t j = 0; j < WINDOW_NODES; j++) {
            query.window.limit_ns[i][j] = i == j ? 0 : WINDOW_NONE;
        }
    }
}

static const uint32_t triangle[][2] = {{0, 1}, {1, 2}, {2, 0}};

static void the_rarest_edge_comes_first(void)
{
    pattern(3, 3, triangle);
    statistics.edge_pass_counts[1] = 7;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.steps[0].kind, STEP_SCAN_LINKS);
    CU_ASSERT_EQUAL(plan.steps[0].edge, 1);
    CU_ASSERT_FALSE(plan.is_empty);
}

static void a_vertex_between_two_bound_ones_takes_both_its_edges_at_once(void)
{
    pattern(3, 3, triangle);
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL_FATAL(plan.step_count, 2);
    CU_ASSERT_EQUAL(plan.steps[1].kind, STEP_EXTEND);
    CU_ASSERT_EQUAL(plan.steps[1].vertex, 2);
    CU_ASSERT_EQUAL(plan.steps[1].edge_count, 2);
}

static void an_edge_back_closes(void)
{
    const uint32_t ends[][2] = {{0, 1}, {1, 0}};
    pattern(2, 2, ends);
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL_FATAL(plan.step_count, 2);
    CU_ASSERT_EQUAL(plan.steps[1].kind, STEP_CLOSE);
}

static void a_named_address_is_where_to_start(void)
{
    pattern(3, 3, triangle);
    statistics.vertex_pass_counts[2] = 1;
    statistics.vertex_seek[2] = 77;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.steps[0].kind, STEP_SEEK_VERTEX);
    CU_ASSERT_EQUAL(plan.steps[0].vertex, 2);
}

static void what_nothing_passes_matches_nothing(void)
{
    pattern(3, 3, triangle);
    statistics.edge_pass_counts[2] = 0;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_TRUE(plan.is_empty);
    pattern(3, 3, triangle);
    query.window.is_impossible = true;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_TRUE(plan.is_empty);
}

/* Every edge and every vertex is bound exactly once, whatever the shape. */
static void every_pattern_is_bound_whole(void)
{
    const uint32_t shapes[][4][2] = {
        {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {{0, 1}, {0, 2}, {0, 3}, {0, 4}},
        {{0, 1}, {2, 3}, {3, 4}, {1, 0}}, {{0, 0}, {0, 0}, {0, 1}, {1, 1}},
        {{1, 0}, {1, 2}, {3, 2}, {3, 0}},
    };
    for (uint32_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++) {
        pattern(5, 4, shapes[shape]);
        plan_build(&plan, &query, &statistics);
        uint32_t bound[4] = {0};
        uint32_t seen = 0;
        for (uint32_t s = 0; s < plan.step_count; s++) {
            const struct plan_step *step = &plan.steps[s];
            for (uint32_t i = 0; i < step->edge_count; i++) {
                bound[step->edges[i]]++;
            }
            if (step->kind == STEP_SCAN_LINKS) {
                seen |= 1u << query.edges[step->edge].source | 1u << query.edges[step->edge].target;
            } else if (step->kind != STEP_CLOSE) {
                CU_ASSERT_FALSE(seen >> step->vertex & 1);
                seen |= 1u << step->vertex;
            }
        }
        CU_ASSERT_EQUAL(seen, 0x1f);
        for (uint32_t e = 0; e < 4; e++) {
            CU_ASSERT_EQUAL(bound[e], 1);
        }
    }
}

static void undirected_edges_are_planned_for_all_orientations_at_once(void)
{
    struct plan directed;
    char text[2048];
    pattern(3, 3, triangle);
    plan_build(&directed, &query, &statistics);
    query.edges[0].is_undirected = true;
    query.edges[2].is_undirected = true;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.orientation_count, 4);
    CU_ASSERT_EQUAL_FATAL(plan.step_count, directed.step_count);
    for (uint32_t s = 0; s < plan.step_count; s++) {
        CU_ASSERT_EQUAL(plan.steps[s].kind, directed.steps[s].kind);
        CU_ASSERT_EQUAL(plan.steps[s].edge, directed.steps[s].edge);
        CU_ASSERT_EQUAL(plan.steps[s].vertex, directed.steps[s].vertex);
        CU_ASSERT_DOUBLE_EQUAL(plan.steps[s].estimate, 4 * directed.steps[s].estimate, 1e-6);
    }
    CU_ASSERT_TRUE(plan_format(&plan, &query, false, text, sizeof text) < sizeof text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "4 orientations"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "()-[edge 1]-()"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "()-[edge 2]->()"));
}

static void the_text_is_cut_to_its_room(void)
{
    char text[64];
    pattern(3, 3, triangle);
    plan_build(&plan, &query, &statistics);
    uint32_t wanted = plan_format(&plan, &query, true, text, sizeof text);
    CU_ASSERT_TRUE(wanted > sizeof text);
    CU_ASSERT_EQUAL(strlen(text), sizeof text - 1);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(the_rarest_edge_comes_first),
        CASE(a_vertex_between_two_bound_ones_takes_both_its_edges_at_once),
        CASE(an_edge_back_closes),
        CASE(a_named_address_is_where_to_start),
        CASE(what_nothing_passes_matches_nothing),
        CASE(every_pattern_is_bound_whole),
        CASE(undirected_edges_are_planned_for_all_orientations_at_once),
        CASE(the_text_is_cut_to_its_room),
        CU_TEST_INFO_NULL,
    };
    return suite_run("plan", NULL, NULL, cases);
}
