/* floor: pipeline */
/* What matching costs, and how it fails. */
#include "pipeline/pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/memory.h"
#include "tests/support/pattern_build.h"

enum { CHAIN_ROWS = 1500, STAR_ROWS = 400, NAME_BYTES = 16 };

static char names[CHAIN_ROWS + 1][NAME_BYTES];

static void make_names(void)
{
    for (uint32_t i = 0; i <= CHAIN_ROWS; i++) {
        (void)snprintf(names[i], NAME_BYTES, "host-%05u", i);
    }
}

static struct tiny_row row_of(uint32_t source, uint32_t target, int64_t time)
{
    return (struct tiny_row){names[source], names[target], time, 1, 1, "tcp"};
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

static void open_bench(struct plan_bench *plan, const struct tiny_row *rows, uint32_t row_count)
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
static void set_pattern(struct plan_bench *plan, uint32_t edge_count, uint32_t condition_count)
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

static void make_variable(struct plan_bench *plan, uint32_t edge, int64_t least, int64_t most)
{
    plan->edges[edge].is_variable = true;
    plan->edges[edge].least = least;
    plan->edges[edge].most = most;
}

static enum pushed count_match(struct run *run, void *context)
{
    struct plan_bench *plan = context;
    (void)run;
    return ++plan->found == plan->wanted ? PUSHED_ENOUGH : PUSHED_MORE;
}

static enum pushed match(struct plan_bench *plan)
{
    struct pattern_bench *bench = &plan->bench;
    plan->found = 0;
    if (pattern_prepare(&plan->pattern, &bench->entities, &bench->chain, &bench->error) !=
        STATUS_OK) {
        return PUSHED_FAILED;
    }
    return pattern_match(&bench->run, &plan->pattern, count_match, plan);
}

static void bind_vertex(struct plan_bench *plan, uint32_t vertex, const char *name)
{
    plan->vertices[vertex].is_bound = true;
    plan->bench.row[CASE_VERTEX_SLOT + vertex] = value_vertex(tiny_vertex(&plan->bench.tiny, name));
}

static void open_chain(struct plan_bench *plan)
{
    static struct tiny_row rows[CHAIN_ROWS];
    for (uint32_t i = 0; i < CHAIN_ROWS; i++) {
        rows[i] = row_of(i, i + 1, i);
    }
    open_bench(plan, rows, CHAIN_ROWS);
}

static void a_walk_may_be_as_long_as_the_graph(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    bind_vertex(&plan, 0, names[0]);
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == CHAIN_ROWS);
    pattern_bench_close(&plan.bench);
}

static void a_shortest_path_may_be_as_long_as_the_graph(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    bind_vertex(&plan, 0, names[0]);
    bind_vertex(&plan, 1, names[CHAIN_ROWS]);
    plan.path.shortest = AST_ALL_SHORTEST;
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 1);
    pattern_bench_close(&plan.bench);
}

static void a_vertex_is_found_by_its_key(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    plan.conditions[0].term =
        term_binary(&plan.bench, AST_EQUAL, term_key(&plan.bench, CASE_VERTEX_SLOT + 1),
                    term_literal(&plan.bench, value_text_from(names[700])));
    set_pattern(&plan, 2, 1);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 1);
    CU_ASSERT(plan.bench.run.links_visited <= 2);
    pattern_bench_close(&plan.bench);
}

/* Many flows on each of two links; the second has to follow the first within 3 ns. */
static void only_flows_of_the_window_are_visited(void)
{
    static struct tiny_row rows[STAR_ROWS];
    struct plan_bench plan = {0};
    for (uint32_t i = 0; i < STAR_ROWS; i++) {
        rows[i] = row_of(i % 2, i % 2 + 1, i);
    }
    open_bench(&plan, rows, STAR_ROWS);
    struct pattern_bench *bench = &plan.bench;
    plan.conditions[0].term = term_binary(bench, AST_LESS, term_start_time(bench, CASE_EDGE_SLOT),
                                          term_start_time(bench, CASE_EDGE_SLOT + 1));
    plan.conditions[1].term =
        term_binary(bench, AST_LESS_EQUAL, term_start_time(bench, CASE_EDGE_SLOT + 1),
                    term_binary(bench, AST_ADD, term_start_time(bench, CASE_EDGE_SLOT),
                                term_literal(bench, value_span_of(bench, 3))));
    set_pattern(&plan, 2, 2);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == STAR_ROWS - 1);
    CU_ASSERT(bench->run.flows_visited <= 3 * STAR_ROWS);
    pattern_bench_close(bench);
}

/* The same, where the first is of an earlier clause. */
static void an_edge_of_an_earlier_clause_bounds_the_window(void)
{
    static struct tiny_row rows[STAR_ROWS];
    struct plan_bench plan = {0};
    for (uint32_t i = 0; i < STAR_ROWS; i++) {
        rows[i] = row_of(0, 1, i);
    }
    open_bench(&plan, rows, STAR_ROWS);
    struct pattern_bench *bench = &plan.bench;
    uint32_t earlier = CASE_EDGE_SLOT + 1;
    bench->row[earlier] = value_edge(tiny_edge(&bench->tiny, 100));
    plan.conditions[0].term =
        term_binary(bench, AST_GREATER, term_start_time(bench, CASE_EDGE_SLOT),
                    term_start_time(bench, earlier));
    plan.conditions[1].term =
        term_binary(bench, AST_EQUAL,
                    term_binary(bench, AST_SUBTRACT, term_start_time(bench, CASE_EDGE_SLOT),
                                term_start_time(bench, earlier)),
                    term_literal(bench, value_span_of(bench, 5)));
    set_pattern(&plan, 1, 2);
    plan.conditions[0].edges = 1;
    plan.conditions[1].edges = 1;
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 1);
    CU_ASSERT(bench->run.flows_visited == 1);
    pattern_bench_close(bench);
}

static void a_walk_within_a_window_visits_the_window_only(void)
{
    static struct tiny_row rows[STAR_ROWS];
    struct plan_bench plan = {0};
    for (uint32_t i = 0; i < STAR_ROWS; i++) {
        rows[i] = row_of(i % 4, (i + 1) % 4, i);
    }
    open_bench(&plan, rows, STAR_ROWS);
    make_variable(&plan, 0, 4, 4);
    plan.edges[0].is_ascending = true;
    plan.edges[0].window_ns = 3;
    plan.edges[0].right = 0;
    bind_vertex(&plan, 0, names[0]);
    set_pattern(&plan, 1, 0);
    plan.pattern.vertex_count = 1;
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == STAR_ROWS / 4);
    CU_ASSERT(plan.bench.run.flows_visited <= 2 * STAR_ROWS);
    pattern_bench_close(&plan.bench);
}

/* From the root of a tree nothing leads back, however many ways lead away. */
static void walks_that_cannot_come_back_are_not_begun(void)
{
    static struct tiny_row rows[STAR_ROWS];
    struct plan_bench plan = {0};
    for (uint32_t i = 0; i < STAR_ROWS - 1; i++) {
        rows[i] = row_of(i / 3, i + 1, i);
    }
    rows[STAR_ROWS - 1] = row_of(STAR_ROWS - 1, 0, 0); /* one way back, from one leaf */
    open_bench(&plan, rows, STAR_ROWS);
    make_variable(&plan, 0, 1, 8);
    plan.edges[0].right = 0;
    bind_vertex(&plan, 0, names[0]);
    set_pattern(&plan, 1, 0);
    plan.pattern.vertex_count = 1;
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 1);
    CU_ASSERT(plan.bench.run.links_visited < 60);
    pattern_bench_close(&plan.bench);
}

/* All pairs of flows at a hub: 160000 matches in the memory of one. */
static void memory_does_not_grow_with_the_matches(void)
{
    static struct tiny_row rows[STAR_ROWS];
    struct plan_bench plan = {0};
    for (uint32_t i = 0; i < STAR_ROWS; i++) {
        rows[i] = row_of(0, i + 1, i);
    }
    open_bench(&plan, rows, STAR_ROWS);
    make_variable(&plan, 0, 0, 2);
    plan.edges[0].direction = AST_UNDIRECTED;
    plan.edges[1].direction = AST_UNDIRECTED;
    plan.path.slot = CASE_PATH_SLOT;
    set_pattern(&plan, 2, 0);
    plan.wanted = 10;
    CU_ASSERT(match(&plan) == PUSHED_ENOUGH);
    CU_ASSERT(plan.found == 10);
    uint64_t before = budget_peak(&plan.bench.tiny.budget);
    plan.wanted = 100000;
    CU_ASSERT(match(&plan) == PUSHED_ENOUGH);
    CU_ASSERT(budget_peak(&plan.bench.tiny.budget) <= before + (4 << 10));
    pattern_bench_close(&plan.bench);
}

static void a_stop_ends_the_matching(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    set_pattern(&plan, 1, 0);
    stop_request(&plan.bench.tiny.stop, STOP_INTERRUPTED);
    CU_ASSERT(match(&plan) == PUSHED_FAILED);
    CU_ASSERT(plan.bench.error.status == STATUS_OK);
    pattern_bench_close(&plan.bench);
}

static void too_little_memory_is_an_error(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    bind_vertex(&plan, 0, names[0]);
    set_pattern(&plan, 1, 0);
    plan.bench.tiny.budget.limit_bytes = budget_used(&plan.bench.tiny.budget) + (16 << 10);
    CU_ASSERT(match(&plan) == PUSHED_FAILED);
    CU_ASSERT(plan.bench.error.status == STATUS_LIMIT);
    CU_ASSERT(plan.found > 1);
    pattern_bench_close(&plan.bench);
}

static const char *error_of(struct plan_bench *plan, uint32_t slot, struct value bound)
{
    plan->bench.row[slot] = bound;
    set_pattern(plan, 1, 0);
    CU_ASSERT(match(plan) == PUSHED_FAILED);
    return plan->bench.error.text;
}

static void what_is_bound_to_something_else_is_an_error(void)
{
    struct plan_bench plan = {0};
    struct tiny_row row = row_of(0, 1, 0);
    struct value items[] = {value_integer(1)};
    open_bench(&plan, &row, 1);
    plan.vertices[0].is_bound = true;
    CU_ASSERT_STRING_EQUAL(error_of(&plan, CASE_VERTEX_SLOT, value_integer(1)),
                           "a pattern wants a vertex here, but the variable is an integer");
    error_clear(&plan.bench.error);
    plan.vertices[0].is_bound = false;
    plan.edges[0].is_bound = true;
    CU_ASSERT_STRING_EQUAL(error_of(&plan, CASE_EDGE_SLOT, value_integer(1)),
                           "a pattern wants a relationship here, but the variable is an integer");
    error_clear(&plan.bench.error);
    make_variable(&plan, 0, 0, 5);
    CU_ASSERT_STRING_EQUAL(
        error_of(&plan, CASE_EDGE_SLOT, value_integer(1)),
        "a pattern wants a list of relationships here, but the variable is an integer");
    error_clear(&plan.bench.error);
    CU_ASSERT_STRING_EQUAL(
        error_of(&plan, CASE_EDGE_SLOT, value_list_of(items, 1)),
        "a pattern wants a list of relationships here, but the list holds an integer");
    pattern_bench_close(&plan.bench);
}

static void properties_that_are_no_map_are_an_error(void)
{
    struct plan_bench plan = {0};
    struct tiny_row row = row_of(0, 1, 0);
    open_bench(&plan, &row, 1);
    plan.vertices[0].properties.map = term_literal(&plan.bench, value_integer(1));
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_FAILED);
    CU_ASSERT_STRING_EQUAL(plan.bench.error.text,
                           "the properties of a pattern have to be a map, but are an integer");
    plan.vertices[0].properties.map = term_literal(&plan.bench, value_null());
    error_clear(&plan.bench.error);
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE && plan.found == 0);
    pattern_bench_close(&plan.bench);
}

static void what_nothing_has_matches_nothing_but_no_hops(void)
{
    struct plan_bench plan = {0};
    struct tiny_row row = row_of(0, 1, 0);
    uint32_t none = HANDLE_NONE;
    open_bench(&plan, &row, 1);
    plan.edges[0].types = &none;
    plan.edges[0].type_count = 1;
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE && plan.found == 0);
    make_variable(&plan, 0, 0, 3);
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE && plan.found == 2);
    plan.vertices[1].labels = &none;
    plan.vertices[1].label_count = 1;
    set_pattern(&plan, 1, 0);
    CU_ASSERT(match(&plan) == PUSHED_MORE && plan.found == 0);
    pattern_bench_close(&plan.bench);
}

/* Every allocation in turn; the drawn cases have all that allocates. */
static void failing_allocations_are_errors(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct pattern_case drawn;
        pattern_case_draw(&drawn, seed);
        bool has_failed = true;
        for (uint64_t after = 1; has_failed; after++) {
            struct plan_bench plan = {.wanted = 2000};
            pattern_bench_open(&plan.bench, drawn.rows, drawn.row_count, 2);
            plan.pattern = *pattern_build(&plan.bench, &drawn);
            struct pool values = plan.bench.run.pool;
            plan.bench.run.pool = (struct pool){.budget = values.budget};
            memory_fault_set(after);
            enum pushed pushed = match(&plan);
            has_failed = memory_fault_count() >= after;
            memory_fault_set(0);
            CU_ASSERT((pushed == PUSHED_FAILED) == (plan.bench.error.status != STATUS_OK));
            CU_ASSERT(!has_failed || plan.bench.error.status == STATUS_FAILED);
            pool_close(&values);
            pattern_bench_close(&plan.bench);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a walk may be as long as the graph", a_walk_may_be_as_long_as_the_graph},
        {"a shortest path may be as long as the graph",
         a_shortest_path_may_be_as_long_as_the_graph},
        {"a vertex is found by its key", a_vertex_is_found_by_its_key},
        {"only flows of the window are visited", only_flows_of_the_window_are_visited},
        {"an edge of an earlier clause bounds the window",
         an_edge_of_an_earlier_clause_bounds_the_window},
        {"a walk within a window visits the window only",
         a_walk_within_a_window_visits_the_window_only},
        {"walks that cannot come back are not begun", walks_that_cannot_come_back_are_not_begun},
        {"memory does not grow with the matches", memory_does_not_grow_with_the_matches},
        {"a stop ends the matching", a_stop_ends_the_matching},
        {"too little memory is an error", too_little_memory_is_an_error},
        {"what is bound to something else is an error",
         what_is_bound_to_something_else_is_an_error},
        {"properties that are no map are an error", properties_that_are_no_map_are_an_error},
        {"what nothing has matches nothing but no hops",
         what_nothing_has_matches_nothing_but_no_hops},
        {"failing allocations are errors", failing_allocations_are_errors},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"pattern match", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    make_names();
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
