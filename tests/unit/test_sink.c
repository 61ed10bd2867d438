/* floor: engine */
#include "engine/sink.h"

#include <stdio.h>
#include <string.h>

#include "numa/spill.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_sink.h"

static void make_rows(struct tiny *tiny)
{
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_return(tiny, "a", tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
    tiny_return(tiny, "packets", tiny_packets(tiny));
}
static void make_ordered_rows(struct tiny *tiny)
{
    tiny_return(tiny, "packets", tiny_packets(tiny));
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_order(tiny, tiny_output(tiny, 0), false);
}
static void make_descending_rows(struct tiny *tiny)
{
    make_ordered_rows(tiny);
    tiny->query.orders[0].is_descending = true;
    tiny_order(tiny, tiny_key_of(tiny, 1), false);
}
static void make_rows_by_made_text(struct tiny *tiny)
{
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_order(tiny,
               tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, tiny_key_text(tiny, 1),
                           tiny_key_text(tiny, 0)),
               true);
}
static void make_skipped_rows(struct tiny *tiny)
{
    make_ordered_rows(tiny);
    tiny->query.skip = 2;
    tiny->query.limit = 3;
}
static void make_rows_skipped_beyond_the_end(struct tiny *tiny)
{
    make_ordered_rows(tiny);
    tiny->query.skip = 100;
    tiny->query.limit = UINT64_MAX - 1;
}

static void rows_come_in_the_inputs_order(void)
{
    tiny_expect_result(make_rows,
                       "#0 10.0.0.2 5 | #1 10.0.0.1 null | #2 10.0.0.1 7 | #3 host-a 7 | "
                       "#4 10.0.0.2 0 | #5 10.0.0.10 -5 | #6 10.0.0.1 12 | #7 10.0.0.2 null");
}

static void order_by_puts_null_last_and_breaks_ties_by_row(void)
{
    tiny_expect_result(make_ordered_rows,
                       "-5 #5 | 0 #4 | 5 #0 | 7 #2 | 7 #3 | 12 #6 | null #1 | null #7");
    tiny_expect_result(make_descending_rows,
                       "null #1 | null #7 | 12 #6 | 7 #3 | 7 #2 | 5 #0 | 0 #4 | -5 #5");
    tiny_expect_result(make_rows_by_made_text, "#5 | #7 | #1 | #6 | #3 | #0 | #4 | #2");
}

static void skip_and_limit_cut_what_is_ordered(void)
{
    tiny_expect_result(make_skipped_rows, "5 #0 | 7 #2 | 7 #3");
    tiny_expect_result(make_rows_skipped_beyond_the_end, "");
}

static void make_count(struct tiny *tiny)
{
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "flows", AGGREGATE_COUNT, false,
                   tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
}

static void counting_needs_no_matches(void)
{
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    char text[64];
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_count(&tiny);
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, NULL), STATUS_OK);
    CU_ASSERT_TRUE(sink_counts_only(sink));
    sink_take_count(sink, 0, 1000000);
    sink_take_count(sink, 1, 5);
    tiny_take_row(&tiny, sink, 1, 0);
    CU_ASSERT_EQUAL(sink_match_count(sink), 1000006);
    CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(sink_match_count(sink), 1000006);
    sink_close(sink);
    tiny_read_result(&tiny, result, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "1000006 1000006");
    result_close(result);
    tiny_close(&tiny);
}

/* Takes rows until the sink wants no more; returns how many. */
static uint32_t take_until_stopped(struct tiny *tiny, struct sink *sink)
{
    uint32_t row = 0;
    while (row < TINY_SINK_ROWS && !stop_is_requested(&tiny->stop)) {
        tiny_take_row(tiny, sink, 0, row++);
    }
    return row;
}

/* The protocols are tcp, udp, tcp, null, icmp, udp, tcp, null. */
static void make_different_rows(struct tiny *tiny)
{
    tiny_return(tiny, "protocol", tiny_protocol(tiny));
    tiny->query.is_distinct = true;
}

static void limits_stop_the_search(void)
{
    static const struct {
        uint64_t skip;
        uint64_t limit;
        uint64_t row_limit;
        bool is_ordered;
        uint32_t taken;
        uint32_t shown;
        bool is_partial;
        bool is_distinct;
    } cases[] = {
        {0, 3, 0, false, 3, 3, false, false},
        {2, 3, 0, false, 5, 3, false, false},
        {0, 3, 0, true, TINY_SINK_ROWS, 3, false, false},
        {0, UINT64_MAX, 4, false, 5, 4, true, false},
        {0, UINT64_MAX, TINY_SINK_ROWS, false, TINY_SINK_ROWS, TINY_SINK_ROWS, false, false},
        {0, 3, 4, false, 3, 3, false, false},
        {0, 5, 4, false, 5, 4, true, false},
        {1, 2, 4, true, TINY_SINK_ROWS, 2, false, false},
        {1, 4, 4, true, 5, 3, true, false},
        {0, 0, 0, false, 1, 0, false, false},
        {0, 2, 0, false, 2, 2, false, true},
        {1, 2, 0, false, 4, 2, false, true},
        {0, 4, 4, false, 5, 4, false, true},
        {0, 4, 3, false, 5, 3, true, true},
        {0, 5, 0, false, TINY_SINK_ROWS, 4, false, true},
        {0, 2, 0, true, TINY_SINK_ROWS, 2, false, true},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        (cases[i].is_distinct ? make_different_rows : make_rows)(&tiny);
        if (cases[i].is_ordered) {
            tiny_order(&tiny, cases[i].is_distinct ? tiny_output(&tiny, 0) : tiny_packets(&tiny),
                       false);
        }
        tiny.query.skip = cases[i].skip;
        tiny.query.limit = cases[i].limit;
        CU_ASSERT_EQUAL_FATAL(sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop,
                                        cases[i].row_limit, NULL),
                              STATUS_OK);
        CU_ASSERT_EQUAL(take_until_stopped(&tiny, sink), cases[i].taken);
        if (cases[i].taken < TINY_SINK_ROWS) {
            CU_ASSERT_EQUAL(stop_reason(&tiny.stop), STOP_ROWS);
        }
        CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(result_row_count(result), cases[i].shown);
        CU_ASSERT_EQUAL(sink_is_partial(sink), cases[i].is_partial);
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
    }
}

static void vertices_without_flows_are_ordered_by_address(void)
{
    for (uint32_t partitions = 1; partitions <= 4; partitions += 3) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        char text[256];
        tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, partitions, 1);
        tiny_pattern(&tiny, NULL, 0, 1);
        tiny_return(&tiny, "a", tiny_leaf(&tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
        CU_ASSERT_EQUAL_FATAL(
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, NULL), STATUS_OK);
        for (vertex_id vertex = 0; vertex < tiny.graph->vertices.vertex_count; vertex++) {
            struct match_batch batch = {.count = 1, .vertices = {&vertex}};
            sink_take(sink, 0, &batch);
        }
        CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
        tiny_read_result(&tiny, result, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "10.0.0.1 | 10.0.0.2 | 10.0.0.10 | host-a");
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
    }
}

enum { SPILL_TIMES = 1 << 10 };

/* Takes SPILL_TIMES blocks of rows with next to no memory, and room on disk of `disk_bytes`. */
static void spill_rows(uint64_t disk_bytes, const char *directory, enum stop_reason expected)
{
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    struct error error = {0};
    struct spill spill;
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_ordered_rows(&tiny);
    spill_init(&spill, directory, disk_bytes, NULL);
    tiny.budget.limit_bytes = budget_used(&tiny.budget) + (UINT64_C(24) << 20);
    tiny.budget.spill = &spill;
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, &error), STATUS_OK);
    static edge_id edges[EVALUATE_LANES];
    static vertex_id vertices[EVALUATE_LANES];
    for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
        edges[i] = tiny_edge(&tiny, i % TINY_SINK_ROWS);
    }
    for (uint32_t i = 0; i < SPILL_TIMES && !stop_is_requested(&tiny.stop); i++) {
        struct match_batch batch = {
            .count = EVALUATE_LANES, .vertices = {vertices, vertices}, .edges = {edges}};
        sink_take(sink, i % 2, &batch);
    }
    CU_ASSERT_EQUAL(stop_reason(&tiny.stop), expected);
    uint64_t taken = sink_match_count(sink);
    CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, &error), STATUS_OK);
    CU_ASSERT_EQUAL(result_row_count(result), taken);
    if (expected == STOP_NONE) {
        CU_ASSERT_EQUAL(taken, (uint64_t)SPILL_TIMES * EVALUATE_LANES);
        CU_ASSERT_TRUE(budget_used(&spill.budget) > taken * sizeof(edge_id) / 2);
    }
    static const int64_t packets[] = {-5, 0, 5, 7, 7, 12};
    for (uint64_t rank = 0; rank < 6; rank++) {
        struct lanes columns[8];
        uint64_t row = rank * taken / TINY_SINK_ROWS + taken / (2 * TINY_SINK_ROWS);
        CU_ASSERT_EQUAL_FATAL(result_read(result, row, 1, columns, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(columns[0].values[0].integer, packets[rank]);
    }
    CU_ASSERT_TRUE(budget_peak(&tiny.budget) <= tiny.budget.limit_bytes);
    CU_ASSERT_TRUE(disk_bytes == 0 || budget_peak(&spill.budget) <= disk_bytes);
    sink_close(sink);
    result_close(result);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);
    tiny_close(&tiny);
}

static void rows_beyond_memory_go_to_disk_and_come_back_in_order(void)
{
    spill_rows(0, NULL, STOP_NONE);
}

static void rows_beyond_the_disk_end_the_taking(void)
{
    spill_rows(UINT64_C(40) << 20, NULL, STOP_DISK);
    spill_rows(1, NULL, STOP_DISK);
    spill_rows(0, "/nowhere/at/all", STOP_DISK);
}

/* Takes the rows again and again until the memory limit stops it; what was taken is shown. */
static void fill_memory(void (*make)(struct tiny *tiny), bool is_by_row)
{
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    struct error error = {0};
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make(&tiny);
    tiny.budget.limit_bytes = budget_used(&tiny.budget) + (UINT64_C(24) << 20);
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, &error), STATUS_OK);
    static edge_id edges[EVALUATE_LANES];
    static vertex_id vertices[EVALUATE_LANES];
    for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
        edges[i] = tiny_edge(&tiny, i % TINY_SINK_ROWS);
    }
    uint64_t taken = 0;
    while (!stop_is_requested(&tiny.stop) && taken < UINT64_C(1) << 26) {
        struct match_batch batch = {
            .count = EVALUATE_LANES, .vertices = {vertices, vertices}, .edges = {edges}};
        sink_take(sink, (uint32_t)(taken / EVALUATE_LANES % 2), &batch);
        taken += EVALUATE_LANES;
    }
    CU_ASSERT_EQUAL(stop_reason(&tiny.stop), STOP_MEMORY);
    enum status status = sink_finish(sink, tiny.team, &result, &error);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    if (status == STATUS_OK && is_by_row) {
        CU_ASSERT_TRUE(result_row_count(result) > 100000);
        CU_ASSERT_EQUAL(result_row_count(result), sink_match_count(sink));
        struct lanes columns[8];
        CU_ASSERT_EQUAL(result_read(result, 1000, EVALUATE_LANES, columns, NULL), STATUS_OK);
    }
    CU_ASSERT_TRUE(budget_peak(&tiny.budget) <= tiny.budget.limit_bytes);
    sink_close(sink);
    result_close(result);
    tiny_close(&tiny);
}

/* Far more rows than a limit shows: they are dropped on the way, and the right ones. */
static void ordered_rows_beyond_the_limit_take_no_memory(void)
{
    enum { TIMES = 1 << 15, SHOWN = 40000 };
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    static edge_id edges[EVALUATE_LANES];
    static vertex_id vertices[EVALUATE_LANES];
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_ordered_rows(&tiny);
    tiny.query.limit = SHOWN;
    tiny.query.skip = 100;
    uint64_t before = budget_used(&tiny.budget);
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, NULL), STATUS_OK);
    for (uint32_t taken = 0; taken < TIMES * TINY_SINK_ROWS; taken += EVALUATE_LANES) {
        for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
            edges[i] = tiny_edge(&tiny, (taken / EVALUATE_LANES + i) % TINY_SINK_ROWS);
        }
        struct match_batch batch = {
            .count = EVALUATE_LANES, .vertices = {vertices, vertices}, .edges = {edges}};
        sink_take(sink, taken / EVALUATE_LANES % 2, &batch);
    }
    CU_ASSERT_TRUE(budget_used(&tiny.budget) - before < UINT64_C(16) << 20);
    CU_ASSERT_EQUAL(sink_match_count(sink), TIMES * TINY_SINK_ROWS);
    CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(result_row_count(result), SHOWN);
    for (uint64_t row = 0; row < SHOWN; row += SHOWN / 4) {
        struct lanes columns[8];
        CU_ASSERT_EQUAL_FATAL(result_read(result, row, 1, columns, NULL), STATUS_OK);
        bool is_least = row + tiny.query.skip < TIMES;
        CU_ASSERT_EQUAL(columns[0].values[0].integer, is_least ? -5 : 0);
        CU_ASSERT_EQUAL(columns[1].values[0].edge, tiny_edge(&tiny, is_least ? 5 : 4));
    }
    sink_close(sink);
    result_close(result);
    tiny_close(&tiny);
}

static void what_fits_into_memory_is_kept_and_can_be_ordered(void)
{
    fill_memory(make_rows, true);
    fill_memory(make_descending_rows, true);
}

static void every_allocation_may_fail(void)
{
    tiny_fail_allocations(make_rows_by_made_text);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_come_in_the_inputs_order),
        CASE(order_by_puts_null_last_and_breaks_ties_by_row),
        CASE(skip_and_limit_cut_what_is_ordered),
        CASE(counting_needs_no_matches),
        CASE(limits_stop_the_search),
        CASE(vertices_without_flows_are_ordered_by_address),
        CASE(ordered_rows_beyond_the_limit_take_no_memory),
        CASE(what_fits_into_memory_is_kept_and_can_be_ordered),
        CASE(rows_beyond_memory_go_to_disk_and_come_back_in_order),
        CASE(rows_beyond_the_disk_end_the_taking),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("sink", NULL, NULL, cases);
}
