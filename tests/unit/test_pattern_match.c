/* floor: pipeline */
/* What matching costs, and how it fails. */
#include "pipeline/pattern_match.h"

#include "base/memory.h"
#include "tests/support/plan_bench.h"
#include "tests/support/suite.h"

static void a_walk_may_be_as_long_as_the_graph(void)
{
    struct plan_bench plan = {0};
    open_chain(&plan);
    make_variable(&plan, 0, 1, AST_HOPS_UNBOUNDED);
    bind_vertex(&plan, 0, plan_names[0]);
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
    bind_vertex(&plan, 0, plan_names[0]);
    bind_vertex(&plan, 1, plan_names[CHAIN_ROWS]);
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
                    term_literal(&plan.bench, value_text_from(plan_names[700])));
    set_pattern(&plan, 2, 1);
    CU_ASSERT(match(&plan) == PUSHED_MORE);
    CU_ASSERT(plan.found == 1);
    CU_ASSERT(plan.bench.run.links_visited <= 2);
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
    bind_vertex(&plan, 0, plan_names[0]);
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
    bind_vertex(&plan, 0, plan_names[0]);
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
    make_names();
    CU_TestInfo cases[] = {
        CASE(a_walk_may_be_as_long_as_the_graph),
        CASE(a_shortest_path_may_be_as_long_as_the_graph),
        CASE(a_vertex_is_found_by_its_key),
        CASE(walks_that_cannot_come_back_are_not_begun),
        CASE(memory_does_not_grow_with_the_matches),
        CASE(a_stop_ends_the_matching),
        CASE(too_little_memory_is_an_error),
        CASE(what_is_bound_to_something_else_is_an_error),
        CASE(properties_that_are_no_map_are_an_error),
        CASE(what_nothing_has_matches_nothing_but_no_hops),
        CASE(failing_allocations_are_errors),
        CU_TEST_INFO_NULL,
    };
    return suite_run("pattern match", NULL, NULL, cases);
}
