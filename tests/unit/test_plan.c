/* floor: query */
#include "query/plan.h"

#include <string.h>

#include "tests/support/suite.h"

static struct vertex_frame vertices = {.name = "IP", .key = "IPAddr", .vertex_count = 1000};
static struct edge_frame edges = {.name = "Netflow", .flow_count = 50000, .link_count = 2000};
static struct bound_query query;
static struct plan_statistics statistics;
static struct plan plan;

/* So many vertices, each with as many links and flows out as in. */
static struct degrees same_degrees(double count, double links, double flows)
{
    struct degrees degrees = {.vertices = count};
    for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
        degrees.links[d] = count * links;
        degrees.flows[d] = count * flows;
        for (uint32_t e = 0; e < DIRECTION_COUNT; e++) {
            degrees.link_pairs[d][e] = count * links * links;
            degrees.flow_pairs[d][e] = count * flows * flows;
        }
    }
    return degrees;
}

/* So many flows pass the edge's filter, each on a link of its own. */
static void set_passing(uint32_t edge, uint64_t flows)
{
    statistics.edge_pass_counts[edge] = flows;
    statistics.edge_link_counts[edge] =
        (double)(flows < edges.link_count ? flows : edges.link_count);
}

/* A pattern of `edge_count` edges given as pairs of vertices, in which everything passes. */
static void pattern(uint32_t vertex_count, uint32_t edge_count, const uint32_t (*ends)[2])
{
    edges.degrees = same_degrees(1000, 2, 50);
    memset(&query, 0, sizeof query);
    memset(&statistics, 0, sizeof statistics);
    query.vertex_count = vertex_count;
    query.edge_count = edge_count;
    for (uint32_t v = 0; v < vertex_count; v++) {
        query.vertices[v].frame = &vertices;
        statistics.vertex_pass_counts[v] = vertices.vertex_count;
        statistics.vertex_seek[v] = VERTEX_NONE;
        statistics.vertex_degrees[v] = same_degrees(1000, 2, 50);
    }
    statistics.span_ns = 3600e9;
    for (uint32_t e = 0; e < edge_count; e++) {
        query.edges[e] =
            (struct bound_edge){.frame = &edges, .source = ends[e][0], .target = ends[e][1]};
        set_passing(e, edges.flow_count);
        plan_statistics_set_ends(&statistics, e, &edges);
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
    set_passing(1, 7);
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
    statistics.vertex_degrees[2] = same_degrees(1, 2, 50);
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.steps[0].kind, STEP_SEEK_VERTEX);
    CU_ASSERT_EQUAL(plan.steps[0].vertex, 2);
}

static void set_degrees(uint32_t vertex, double links)
{
    statistics.vertex_pass_counts[vertex] = 1;
    statistics.vertex_seek[vertex] = vertex;
    statistics.vertex_degrees[vertex] = same_degrees(1, links, links * 25);
}

/* Both are at hand, and the way between them begins where fewer links are. */
static void of_two_addresses_the_one_with_fewer_links_leads_on(void)
{
    const uint32_t path[][2] = {{0, 1}, {1, 2}, {2, 3}};
    for (uint32_t hub = 0; hub <= 3; hub += 3) {
        pattern(4, 3, path);
        set_degrees(hub, 900);
        set_degrees(3 - hub, 3);
        plan_build(&plan, &query, &statistics);
        const struct plan_step *first = plan.steps;
        while (first->kind == STEP_SEEK_VERTEX) {
            first++;
        }
        CU_ASSERT_NOT_EQUAL(first, plan.steps);
        CU_ASSERT_EQUAL(first->kind, STEP_EXTEND);
        CU_ASSERT_EQUAL(first->vertex, hub == 0 ? 2 : 1);
    }
}

static void what_lies_between_two_addresses_is_in_both_their_lists(void)
{
    const uint32_t path[][2] = {{0, 1}, {1, 2}};
    pattern(3, 2, path);
    set_degrees(0, 900);
    set_degrees(2, 300);
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL_FATAL(plan.step_count, 3);
    CU_ASSERT_EQUAL(plan.steps[2].kind, STEP_EXTEND);
    CU_ASSERT_EQUAL(plan.steps[2].edge_count, 2);
}

static void set_window(uint32_t earlier, uint32_t later, int64_t width)
{
    query.window.limit_ns[earlier][later] = width;
    query.window.limit_ns[later][earlier] = 0;
}

static void a_narrow_window_is_worth_more_than_a_wide_one(void)
{
    const uint32_t star[][2] = {{0, 1}, {0, 2}, {0, 3}};
    for (uint32_t narrow = 1; narrow <= 2; narrow++) {
        pattern(4, 3, star);
        set_passing(0, 50);
        set_window(0, narrow, 1000000);
        set_window(0, 3 - narrow, 600000000000);
        plan_build(&plan, &query, &statistics);
        CU_ASSERT_EQUAL_FATAL(plan.step_count, 3);
        CU_ASSERT_EQUAL(plan.steps[0].edge, 0);
        CU_ASSERT_EQUAL(plan.steps[1].edges[0], narrow);
    }
}

/* The two outer edges of a path are alike, but that of one more is asked than its number: the other
 * is the one that can be counted, and has to come last. */
static void the_edge_that_can_be_counted_comes_last(void)
{
    const uint32_t path[][2] = {{0, 1}, {2, 1}, {2, 3}};
    struct aggregate count = {.function = AGGREGATE_COUNT_ALL};
    struct expression compared = {.kind = EXPRESSION_LESS};
    struct predicate residual = {PREDICATE_RESIDUAL, &compared};
    for (uint32_t outer = 0; outer <= 2; outer += 2) {
        pattern(4, 3, path);
        query.is_grouped = true;
        query.aggregates = &count;
        query.aggregate_count = 1;
        query.predicates = &residual;
        query.predicate_count = 1;
        compared.edge_mask = 1u << 1 | 1u << outer;
        for (uint32_t v = 0; v < 4; v++) {
            statistics.vertex_degrees[v] = same_degrees(1000, 200, 5000);
        }
        plan_build(&plan, &query, &statistics);
        CU_ASSERT_EQUAL_FATAL(plan.step_count, 3);
        CU_ASSERT_TRUE(plan.steps[2].is_counted);
        CU_ASSERT_EQUAL(plan.steps[2].edges[0], 2 - outer);
    }
}

/* Edges and vertices of a pattern under other numbers, with all that is known of them. */
static void renumber(const uint32_t *vertices_to, const uint32_t *edges_to)
{
    struct bound_query written = query;
    struct plan_statistics known = statistics;
    for (uint32_t v = 0; v < written.vertex_count; v++) {
        statistics.vertex_pass_counts[vertices_to[v]] = known.vertex_pass_counts[v];
        statistics.vertex_degrees[vertices_to[v]] = known.vertex_degrees[v];
    }
    for (uint32_t e = 0; e < written.edge_count; e++) {
        query.edges[edges_to[e]].source = vertices_to[written.edges[e].source];
        query.edges[edges_to[e]].target = vertices_to[written.edges[e].target];
        statistics.edge_pass_counts[edges_to[e]] = known.edge_pass_counts[e];
        statistics.edge_link_counts[edges_to[e]] = known.edge_link_counts[e];
        memcpy(statistics.edge_ends[edges_to[e]], known.edge_ends[e], sizeof known.edge_ends[e]);
        for (uint32_t f = 0; f < written.edge_count; f++) {
            query.window.limit_ns[edges_to[e]][edges_to[f]] = written.window.limit_ns[e][f];
        }
    }
}

/* Knuth's linear congruential generator. */
static uint32_t below(uint64_t *random, uint32_t bound)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*random >> 33) % bound);
}

static void shuffle(uint32_t *numbers, uint32_t count, uint64_t *random)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = below(random, i + 1);
        numbers[i] = numbers[at];
        numbers[at] = i;
    }
}

/* The expected cost is the same however a pattern is written: its parts in any order, its path
 * begun anywhere. */
static void a_plan_does_not_depend_on_how_the_pattern_is_written(void)
{
    const uint32_t shapes[][4][2] = {
        {{0, 1}, {1, 2}, {2, 3}, {3, 4}}, {{0, 1}, {0, 2}, {0, 3}, {0, 4}},
        {{0, 1}, {1, 2}, {2, 0}, {3, 4}}, {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
        {{0, 1}, {2, 1}, {2, 3}, {4, 3}}, {{0, 1}, {0, 1}, {1, 2}, {3, 2}},
    };
    uint64_t random = 7;
    for (uint32_t round = 0; round < 600; round++) {
        uint32_t vertex_count = round % 6 == 3 || round % 6 == 5 ? 4 : 5;
        uint32_t numbers[5];
        uint32_t edge_numbers[4];
        pattern(vertex_count, 4, shapes[round % 6]);
        for (uint32_t i = 0; i < 4; i++) {
            set_passing(i, 1 + below(&random, 50000));
            double links = 1 + below(&random, 300);
            statistics.vertex_degrees[i] = same_degrees(1000, links, links * 20);
        }
        set_window(0, 1, 1 + (int64_t)below(&random, 1 << 30) * 1000);
        set_window(2, 3, 1 + (int64_t)below(&random, 1 << 30) * 1000);
        plan_build(&plan, &query, &statistics);
        double estimate = plan_estimate(&plan);
        shuffle(numbers, vertex_count, &random);
        shuffle(edge_numbers, 4, &random);
        renumber(numbers, edge_numbers);
        plan_build(&plan, &query, &statistics);
        CU_ASSERT_DOUBLE_EQUAL(plan_estimate(&plan) / estimate, 1, 1e-9);
    }
}

static void what_nothing_passes_matches_nothing(void)
{
    pattern(3, 3, triangle);
    set_passing(2, 0);
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

/* A graph in which a hub lies where edge 0 leads, so that a million links go on from there. */
static struct plan_outcome try_beside_a_hub(void *context, uint32_t sample,
                                            const struct plan_trial *trial)
{
    (void)context;
    bool is_scan = trial->kind == STEP_SCAN_LINKS;
    double neighbours = is_scan ? statistics.edge_link_counts[__builtin_ctz(trial->edges)]
                                : (sample == 1 ? 1e6 : 1);
    return (struct plan_outcome){.sample = is_scan ? 1 + (uint32_t)__builtin_ctz(trial->edges) : 9,
                                 .starts = 100,
                                 .neighbours = neighbours,
                                 .candidates = neighbours,
                                 .tried = 100,
                                 .passed = is_scan ? 1 : 0.01,
                                 .is_tried = true};
}

static double try_no_flows(void *context, uint32_t sample)
{
    (void)context;
    (void)sample;
    return 0;
}

static double total_effort;

static void add_effort(void *context, double effort)
{
    (void)context;
    total_effort += effort;
}

static void what_was_tried_is_believed_where_there_is_much_to_lose(void)
{
    struct plan_sampler sampler = {.begin = add_effort,
                                   .try_step = try_beside_a_hub,
                                   .try_flows = try_no_flows,
                                   .effort_cost = 1e5};
    pattern(3, 3, triangle);
    set_passing(0, 7);
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.steps[0].edge, 0);
    statistics.sampler = &sampler;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_NOT_EQUAL(plan.steps[0].edge, 0);
    CU_ASSERT_TRUE(total_effort > 3);
    CU_ASSERT_TRUE(plan.cost < 1e5);
    sampler.effort_cost = 1e9;
    plan_build(&plan, &query, &statistics);
    CU_ASSERT_EQUAL(plan.steps[0].edge, 0);
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
        CASE(of_two_addresses_the_one_with_fewer_links_leads_on),
        CASE(what_lies_between_two_addresses_is_in_both_their_lists),
        CASE(a_narrow_window_is_worth_more_than_a_wide_one),
        CASE(the_edge_that_can_be_counted_comes_last),
        CASE(a_plan_does_not_depend_on_how_the_pattern_is_written),
        CASE(what_nothing_passes_matches_nothing),
        CASE(every_pattern_is_bound_whole),
        CASE(undirected_edges_are_planned_for_all_orientations_at_once),
        CASE(what_was_tried_is_believed_where_there_is_much_to_lose),
        CASE(the_text_is_cut_to_its_room),
        CU_TEST_INFO_NULL,
    };
    return suite_run("plan", NULL, NULL, cases);
}
