/* floor: pipeline */
/* Conditions on times and on hops keep what cannot match from being visited. */
#include "pipeline/pattern_plan.h"

#include "tests/support/plan_bench.h"
#include "tests/support/suite.h"

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

/* Cycles of four hops at one vertex. */
static void open_ring(struct plan_bench *plan)
{
    static struct tiny_row rows[STAR_ROWS];
    for (uint32_t i = 0; i < STAR_ROWS; i++) {
        rows[i] = row_of(i % 4, (i + 1) % 4, i);
    }
    open_bench(plan, rows, STAR_ROWS);
    make_variable(plan, 0, 4, 4);
    plan->edges[0].right = 0;
    bind_vertex(plan, 0, plan_names[0]);
}

/* Finds what is within 3 ns, and little else. */
static void expect_windows(struct plan_bench *plan, uint32_t condition_count)
{
    set_pattern(plan, 1, condition_count);
    plan->pattern.vertex_count = 1;
    CU_ASSERT(match(plan) == PUSHED_MORE);
    CU_ASSERT(plan->found == STAR_ROWS / 4);
    CU_ASSERT(plan->bench.run.flows_visited <= 2 * STAR_ROWS);
    pattern_bench_close(&plan->bench);
}

static void a_walk_within_a_window_visits_the_window_only(void)
{
    struct plan_bench plan = {0};
    open_ring(&plan);
    plan.edges[0].is_ascending = true;
    plan.edges[0].window_ns = 3;
    expect_windows(&plan, 0);
}

static struct term *time_of_end(struct pattern_bench *bench, const char *function)
{
    struct term *term = term_start_time(bench, 0);
    term->children[0] =
        term_call(bench, &value_functions, function, term_slot(bench, CASE_EDGE_SLOT));
    return term;
}

static void conditions_on_times_of_a_walk_are_windows(void)
{
    struct plan_bench plan = {0};
    open_ring(&plan);
    struct pattern_bench *bench = &plan.bench;
    plan.conditions[0].term =
        term_call(bench, &entity_functions, "ascending", term_slot(bench, CASE_EDGE_SLOT));
    plan.conditions[1].term =
        term_binary(bench, AST_LESS_EQUAL, time_of_end(bench, "last"),
                    term_binary(bench, AST_ADD, time_of_end(bench, "head"),
                                term_literal(bench, value_span_of(bench, 3))));
    expect_windows(&plan, 2);
}

/* The span of a walk that goes from the right to the left, with a function over its path. */
static void the_span_of_a_path_is_a_window(void)
{
    struct plan_bench plan = {0};
    open_ring(&plan);
    struct pattern_bench *bench = &plan.bench;
    plan.path.slot = CASE_PATH_SLOT;
    plan.edges[0].direction = AST_LEFT;
    plan.conditions[0].term = term_call(
        bench, &entity_functions, "ascending",
        term_call(bench, &entity_functions, "relationships", term_slot(bench, CASE_PATH_SLOT)));
    plan.conditions[1].term =
        term_binary(bench, AST_EQUAL,
                    term_call(bench, &entity_functions, "span",
                              term_call(bench, &entity_functions, "relationships",
                                        term_slot(bench, CASE_PATH_SLOT))),
                    term_literal(bench, value_span_of(bench, 9)));
    set_pattern(&plan, 1, 2);
    plan.pattern.vertex_count = 1;
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found > 0);
    CU_ASSERT(bench->run.flows_visited <= 12 * STAR_ROWS);
    pattern_bench_close(bench);
}

static void a_condition_on_all_hops_ends_the_walk_where_it_fails(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    struct pattern_bench *bench = &plan.bench;
    struct term *none =
        term_binary(bench, AST_NONE, term_slot(bench, CASE_EDGE_SLOT),
                    term_binary(bench, AST_GREATER_EQUAL, term_start_time(bench, CASE_HOP_SLOT),
                                term_literal(bench, value_time_of(bench, 10))));
    none->slot = CASE_HOP_SLOT;
    plan.conditions[0].term = none;
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    bind_vertex(&plan, 0, plan_names[0]);
    set_pattern(&plan, 1, 1);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 10);
    CU_ASSERT(bench->run.flows_visited == 11);
    pattern_bench_close(bench);
}

int main(void)
{
    make_names();
    CU_TestInfo cases[] = {
        CASE(only_flows_of_the_window_are_visited),
        CASE(an_edge_of_an_earlier_clause_bounds_the_window),
        CASE(a_walk_within_a_window_visits_the_window_only),
        CASE(conditions_on_times_of_a_walk_are_windows),
        CASE(the_span_of_a_path_is_a_window),
        CASE(a_condition_on_all_hops_ends_the_walk_where_it_fails),
        CU_TEST_INFO_NULL,
    };
    return suite_run("pattern hop", NULL, NULL, cases);
}
