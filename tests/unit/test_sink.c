/* floor: engine */
#include "engine/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/memory.h"
#include "engine/result.h"
#include "tests/support/tiny_query.h"

static const struct tiny_row rows[] = {
    {"10.0.0.2", "10.0.0.1", 100, 5, 0.5, "tcp"},
    {"10.0.0.1", "10.0.0.2", 200, TINY_NULL, 1.25, "udp"},
    {"10.0.0.1", "10.0.0.10", 300, 7, NAN, "tcp"},
    {"host-a", "10.0.0.1", 400, 7, 2, NULL},
    {"10.0.0.2", "10.0.0.10", 500, 0, 0.5, "icmp"},
    {"10.0.0.10", "host-a", 600, -5, 4, "udp"},
    {"10.0.0.1", "10.0.0.2", 700, 12, 8, "tcp"},
    {"10.0.0.2", "10.0.0.2", 800, TINY_NULL, 0.25, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows, TEXT_BYTES = 1 << 16 };

/* Gives row `row` to worker `worker` as a match of (a)-[e1]->(b). */
static void take_row(struct tiny *tiny, struct sink *sink, uint32_t worker, uint32_t row)
{
    edge_id edge = tiny_edge(tiny, row);
    vertex_id ends[] = {tiny_vertex(tiny, tiny->rows[row].source),
                        tiny_vertex(tiny, tiny->rows[row].target)};
    struct match_batch batch = {.count = 1, .edges = {&edge}, .vertices = {&ends[0], &ends[1]}};
    sink_take(sink, worker, &batch);
}

/* Rows are dealt out backwards, so that nothing comes in the order that is expected. */
static void take_all(struct tiny *tiny, struct sink *sink)
{
    uint32_t workers = team_worker_count(tiny->team);
    for (uint32_t row = tiny->row_count; row > 0; row--) {
        take_row(tiny, sink, row % workers, row - 1);
    }
}

/* The rows as text: values parted by blanks, rows by bars. */
static void read_result(struct tiny *tiny, struct result *result, char *text, size_t size)
{
    struct lanes columns[8];
    uint32_t column_count = result_column_count(result);
    text[0] = '\0';
    for (uint64_t row = 0; row < result_row_count(result); row++) {
        CU_ASSERT_EQUAL_FATAL(result_read(result, row, 1, columns, NULL), STATUS_OK);
        for (uint32_t i = 0; i < column_count; i++) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s", i > 0 ? " " : row > 0 ? " | " : "");
            tiny_append_lane(tiny, &columns[i], 0, text, size);
        }
    }
}

/* All matches through a sink, and its result as text, or its error's. */
static const char *run(struct tiny *tiny)
{
    static char text[TEXT_BYTES];
    struct error error = {0};
    struct sink *sink = NULL;
    struct result *result = NULL;
    text[0] = '\0';
    enum status status =
        sink_open(&sink, &tiny->query, tiny->team, &tiny->budget, &tiny->stop, 0, &error);
    if (status == STATUS_OK) {
        take_all(tiny, sink);
        status = sink_finish(sink, tiny->team, &result, &error);
    }
    if (status == STATUS_OK) {
        CU_ASSERT_EQUAL(sink_match_count(sink), tiny->row_count);
        CU_ASSERT_FALSE(sink_is_partial(sink));
        read_result(tiny, result, text, sizeof text);
    } else {
        snprintf(text, sizeof text, "%s", error.text);
    }
    sink_close(sink);
    result_close(result);
    return text;
}

/* The same for every number of partitions and workers. */
static void expect(void (*make)(struct tiny *tiny), const char *expected)
{
    for (uint32_t i = 0; i < 6; i++) {
        struct tiny tiny;
        tiny_open(&tiny, rows, ROWS, i % 2 == 0 ? 1 : 4, i / 2 + 1);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make(&tiny);
        const char *found = run(&tiny);
        if (strcmp(found, expected) != 0) {
            printf("\n    found:    %s\n    expected: %s\n", found, expected);
        }
        CU_ASSERT_STRING_EQUAL(found, expected);
        tiny_close(&tiny);
    }
}

static struct expression *packets(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PACKETS);
}
static struct expression *protocol(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PROTOCOL);
}
static struct expression *duration(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_DURATION);
}
static struct expression *key(struct tiny *tiny, uint32_t vertex)
{
    return tiny_leaf(tiny, EXPRESSION_KEY, TYPE_ADDRESS, vertex);
}
static struct expression *key_text(struct tiny *tiny, uint32_t vertex)
{
    return tiny_unary(tiny, EXPRESSION_TO_TEXT, TYPE_TEXT, key(tiny, vertex));
}
static struct expression *output(struct tiny *tiny, uint32_t at)
{
    return tiny_leaf(tiny, EXPRESSION_OUTPUT, tiny->query.outputs[at].expression->type, at);
}

static void make_rows(struct tiny *tiny)
{
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_return(tiny, "a", tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
    tiny_return(tiny, "packets", packets(tiny));
}
static void make_ordered_rows(struct tiny *tiny)
{
    tiny_return(tiny, "packets", packets(tiny));
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_order(tiny, output(tiny, 0), false);
}
static void make_descending_rows(struct tiny *tiny)
{
    make_ordered_rows(tiny);
    tiny->query.orders[0].is_descending = true;
    tiny_order(tiny, key(tiny, 1), false);
}
static void make_rows_by_made_text(struct tiny *tiny)
{
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_order(tiny,
               tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, key_text(tiny, 1), key_text(tiny, 0)),
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
    expect(make_rows, "#0 10.0.0.2 5 | #1 10.0.0.1 null | #2 10.0.0.1 7 | #3 host-a 7 | "
                      "#4 10.0.0.2 0 | #5 10.0.0.10 -5 | #6 10.0.0.1 12 | #7 10.0.0.2 null");
}

static void order_by_puts_null_last_and_breaks_ties_by_row(void)
{
    expect(make_ordered_rows, "-5 #5 | 0 #4 | 5 #0 | 7 #2 | 7 #3 | 12 #6 | null #1 | null #7");
    expect(make_descending_rows, "null #1 | null #7 | 12 #6 | 7 #3 | 7 #2 | 5 #0 | 0 #4 | -5 #5");
    expect(make_rows_by_made_text, "#5 | #7 | #6 | #1 | #3 | #0 | #4 | #2");
}

static void skip_and_limit_cut_what_is_ordered(void)
{
    expect(make_skipped_rows, "5 #0 | 7 #2 | 7 #3");
    expect(make_rows_skipped_beyond_the_end, "");
}

static void make_count(struct tiny *tiny)
{
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "flows", AGGREGATE_COUNT, false,
                   tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
}
static void make_totals(struct tiny *tiny)
{
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT, false, packets(tiny));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, packets(tiny));
    tiny_aggregate(tiny, "min", AGGREGATE_MIN, false, key(tiny, 0));
    tiny_aggregate(tiny, "max", AGGREGATE_MAX, false, key_text(tiny, 1));
    tiny_aggregate(tiny, "avg", AGGREGATE_AVG, false, duration(tiny));
}
static void make_groups(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, packets(tiny));
    tiny_aggregate(tiny, "least", AGGREGATE_MIN, false, duration(tiny));
}
static void make_groups_by_vertex(struct tiny *tiny)
{
    tiny_key(tiny, "a", tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_groups_by_two_keys(struct tiny *tiny)
{
    tiny_key(tiny, "B", key_text(tiny, 1));
    tiny_key(tiny, "duration", duration(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_ordered_groups(struct tiny *tiny)
{
    make_groups(tiny);
    tiny_order(tiny, output(tiny, 1), true);
    tiny->query.limit = 3;
}
static void make_distinct_aggregates(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT, true, key_text(tiny, 0));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, true, duration(tiny));
    tiny_aggregate(tiny, "max", AGGREGATE_MAX, true, key_text(tiny, 0));
}
static void make_distinct_totals(struct tiny *tiny)
{
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, packets(tiny));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, true, packets(tiny));
    tiny_aggregate(tiny, "vertices", AGGREGATE_COUNT, true,
                   tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 1));
}

static void totals_are_one_row(void)
{
    expect(make_count, "8 8");
    expect(make_totals, "6 26 10.0.0.1 host-a 2.35714");
    expect(make_distinct_totals, "5 19 4");
}

static void groups_come_in_the_order_of_their_keys(void)
{
    expect(make_groups, "icmp 1 0 0.5 | tcp 3 24 0.5 | udp 2 -5 1.25 | null 2 7 0.25");
    expect(make_groups_by_vertex, "10.0.0.1 3 | 10.0.0.2 3 | 10.0.0.10 1 | host-a 1");
    expect(make_groups_by_two_keys,
           "10.0.0.1 0.5 1 | 10.0.0.1 2 1 | 10.0.0.10 0.5 1 | 10.0.0.10 null 1 | "
           "10.0.0.2 0.25 1 | 10.0.0.2 1.25 1 | 10.0.0.2 8 1 | host-a 4 1");
    expect(make_ordered_groups, "tcp 3 24 0.5 | udp 2 -5 1.25 | null 2 7 0.25");
}

static void distinct_aggregates_take_each_value_once(void)
{
    expect(make_distinct_aggregates,
           "icmp 1 0.5 10.0.0.2 | tcp 2 8.5 10.0.0.2 | udp 2 5.25 10.0.0.10 | null 2 2.25 host-a");
}

static void make_distinct(struct tiny *tiny)
{
    tiny_return(tiny, "A", key_text(tiny, 0));
    tiny->query.is_distinct = true;
}
static void make_distinct_descending(struct tiny *tiny)
{
    tiny_return(tiny, "protocol", protocol(tiny));
    tiny->query.is_distinct = true;
    tiny_order(tiny, output(tiny, 0), true);
    tiny->query.skip = 1;
}
/* Two protocols each have two flows: only the counts are returned. */
static void make_distinct_groups(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", protocol(tiny));
    tiny->query.output_count = 0;
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny->query.is_distinct = true;
    tiny_order(tiny, output(tiny, 0), false);
    tiny->query.limit = 2;
}

static void distinct_rows_are_returned_once(void)
{
    expect(make_distinct, "10.0.0.1 | 10.0.0.10 | 10.0.0.2 | host-a");
    expect(make_distinct_descending, "udp | tcp | icmp");
    expect(make_distinct_groups, "1 | 2");
}

static void an_expression_over_a_group_is_evaluated_at_the_end(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 2, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_groups(&tiny);
    struct expression *sum = tiny_leaf(&tiny, EXPRESSION_AGGREGATE, TYPE_INTEGER, 1);
    struct expression *count = tiny_leaf(&tiny, EXPRESSION_AGGREGATE, TYPE_INTEGER, 0);
    tiny.query.output_count = 0;
    tiny_return(&tiny, "mean", tiny_binary(&tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, sum, count));
    CU_ASSERT_STRING_EQUAL(run(&tiny), "0 | 8 | -2 | 3");
    tiny_close(&tiny);
}

static void nothing_is_no_row_no_group_but_one_total(void)
{
    static void (*const makes[])(struct tiny * tiny) = {make_ordered_rows,    make_ordered_groups,
                                                        make_distinct,        make_count,
                                                        make_distinct_totals, make_distinct_groups};
    static const char *const expected[] = {"", "", "", "0 0", "0 0 0", ""};
    for (uint32_t i = 0; i < sizeof makes / sizeof *makes; i++) {
        struct tiny tiny;
        tiny_open(&tiny, rows, 0, 2, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        makes[i](&tiny);
        CU_ASSERT_STRING_EQUAL(run(&tiny), expected[i]);
        tiny_close(&tiny);
    }
}

static void counting_needs_no_matches(void)
{
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    char text[64];
    tiny_open(&tiny, rows, ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_count(&tiny);
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, NULL), STATUS_OK);
    CU_ASSERT_TRUE(sink_counts_only(sink));
    sink_take_count(sink, 0, 1000000);
    sink_take_count(sink, 1, 5);
    take_row(&tiny, sink, 1, 0);
    CU_ASSERT_EQUAL(sink_match_count(sink), 1000006);
    CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(sink_match_count(sink), 1000006);
    sink_close(sink);
    read_result(&tiny, result, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "1000006 1000006");
    result_close(result);
    tiny_close(&tiny);
}

/* Takes rows until the sink wants no more; returns how many. */
static uint32_t take_until_stopped(struct tiny *tiny, struct sink *sink)
{
    uint32_t row = 0;
    while (row < ROWS && !stop_is_requested(&tiny->stop)) {
        take_row(tiny, sink, 0, row++);
    }
    return row;
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
    } cases[] = {
        {0, 3, 0, false, 3, 3, false},
        {2, 3, 0, false, 5, 3, false},
        {0, 3, 0, true, ROWS, 3, false},
        {0, UINT64_MAX, 4, false, 5, 4, true},
        {0, UINT64_MAX, ROWS, false, ROWS, ROWS, false},
        {0, 3, 4, false, 3, 3, false},
        {0, 5, 4, false, 5, 4, true},
        {1, 2, 4, true, 5, 2, true},
        {0, 0, 0, false, 1, 0, false},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        tiny_open(&tiny, rows, ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make_rows(&tiny);
        if (cases[i].is_ordered) {
            tiny_order(&tiny, packets(&tiny), false);
        }
        tiny.query.skip = cases[i].skip;
        tiny.query.limit = cases[i].limit;
        CU_ASSERT_EQUAL_FATAL(sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop,
                                        cases[i].row_limit, NULL),
                              STATUS_OK);
        CU_ASSERT_EQUAL(take_until_stopped(&tiny, sink), cases[i].taken);
        if (cases[i].taken < ROWS) {
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

static void a_row_limit_counts_groups(void)
{
    for (uint32_t limit = 1; limit <= 5; limit++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        tiny_open(&tiny, rows, ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make_groups(&tiny);
        CU_ASSERT_EQUAL_FATAL(
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, limit, NULL),
            STATUS_OK);
        take_all(&tiny, sink);
        CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(result_row_count(result), limit < 4 ? limit : 4);
        CU_ASSERT_EQUAL(sink_is_partial(sink), limit < 4);
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
    }
}

static void make_overflow(struct tiny *tiny)
{
    struct expression *huge = tiny_binary(tiny, EXPRESSION_MULTIPLY, TYPE_INTEGER, packets(tiny),
                                          tiny_integer(tiny, INT64_MAX / 2));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, huge);
}
static void make_failing_key(struct tiny *tiny)
{
    tiny_key(
        tiny, "share",
        tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, tiny_integer(tiny, 1), packets(tiny)));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_failing_order(struct tiny *tiny)
{
    tiny_return(tiny, "packets", packets(tiny));
    tiny_order(
        tiny,
        tiny_binary(tiny, EXPRESSION_REMAINDER, TYPE_INTEGER, tiny_integer(tiny, 1), packets(tiny)),
        false);
}
static void make_sum_that_does_not_fit(struct tiny *tiny)
{
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, tiny_integer(tiny, INT64_MAX / 2));
}

static void failed_evaluation_is_told_at_the_end(void)
{
    expect(make_failing_key, "division by zero in operator '/' of `1 / e1.TotPkts`");
    expect(make_failing_order, "division by zero in operator '%' of `1 % e1.TotPkts`");
    expect(make_sum_that_does_not_fit, "integer overflow in sum(4611686018427387903)");
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_overflow(&tiny);
    CU_ASSERT_PTR_NOT_NULL(strstr(run(&tiny), "integer overflow in operator '*'"));
    CU_ASSERT_EQUAL(stop_reason(&tiny.stop), STOP_FAILED);
    tiny_close(&tiny);
}

static void vertices_without_flows_are_ordered_by_address(void)
{
    for (uint32_t partitions = 1; partitions <= 4; partitions += 3) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        char text[256];
        tiny_open(&tiny, rows, ROWS, partitions, 1);
        tiny_pattern(&tiny, NULL, 0, 1);
        tiny_return(&tiny, "a", tiny_leaf(&tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
        CU_ASSERT_EQUAL_FATAL(
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, NULL), STATUS_OK);
        for (vertex_id vertex = 0; vertex < tiny.graph->vertices.vertex_count; vertex++) {
            struct match_batch batch = {.count = 1, .vertices = {&vertex}};
            sink_take(sink, 0, &batch);
        }
        CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny.team, &result, NULL), STATUS_OK);
        read_result(&tiny, result, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "10.0.0.1 | 10.0.0.2 | 10.0.0.10 | host-a");
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
    }
}

/* Takes the rows again and again until the memory limit stops it; what was taken is shown. */
static void fill_memory(void (*make)(struct tiny *tiny), bool is_by_row)
{
    struct tiny tiny;
    struct sink *sink = NULL;
    struct result *result = NULL;
    struct error error = {0};
    tiny_open(&tiny, rows, ROWS, 1, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make(&tiny);
    tiny.budget.limit_bytes = budget_used(&tiny.budget) + (UINT64_C(24) << 20);
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, &error), STATUS_OK);
    static edge_id edges[EVALUATE_LANES];
    static vertex_id vertices[EVALUATE_LANES];
    for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
        edges[i] = tiny_edge(&tiny, i % ROWS);
    }
    uint64_t taken = 0;
    while (!stop_is_requested(&tiny.stop) && taken < UINT64_C(1) << 26) {
        struct match_batch batch = {EVALUATE_LANES, {vertices, vertices}, {edges}};
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

static void what_fits_into_memory_is_kept_and_can_be_ordered(void)
{
    fill_memory(make_rows, true);
    fill_memory(make_descending_rows, true);
}

/* Every allocation of a query fails in turn: it ends with an error, or with what was taken. */
static void fail_allocations(void (*make)(struct tiny *tiny))
{
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        struct error error = {0};
        tiny_open(&tiny, rows, ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make(&tiny);
        memory_fault_set(after);
        enum status status =
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, &error);
        if (status == STATUS_OK) {
            take_all(&tiny, sink);
            status = sink_finish(sink, tiny.team, &result, &error);
        }
        bool was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        bool is_stopped = stop_reason(&tiny.stop) == STOP_MEMORY;
        CU_ASSERT_EQUAL(status != STATUS_OK || is_stopped, was_due);
        if (status == STATUS_OK) {
            char text[1024];
            read_result(&tiny, result, text, sizeof text);
        } else {
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "memory"));
        }
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
        if (!was_due) {
            break;
        }
    }
}

static void every_allocation_may_fail(void)
{
    fail_allocations(make_rows_by_made_text);
    fail_allocations(make_distinct_aggregates);
    fail_allocations(make_distinct_groups);
    fail_allocations(make_distinct_descending);
}

#define CASE(name)  \
    {               \
#name, name \
    }

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_come_in_the_inputs_order),
        CASE(order_by_puts_null_last_and_breaks_ties_by_row),
        CASE(skip_and_limit_cut_what_is_ordered),
        CASE(totals_are_one_row),
        CASE(groups_come_in_the_order_of_their_keys),
        CASE(distinct_aggregates_take_each_value_once),
        CASE(distinct_rows_are_returned_once),
        CASE(an_expression_over_a_group_is_evaluated_at_the_end),
        CASE(nothing_is_no_row_no_group_but_one_total),
        CASE(counting_needs_no_matches),
        CASE(limits_stop_the_search),
        CASE(a_row_limit_counts_groups),
        CASE(failed_evaluation_is_told_at_the_end),
        CASE(vertices_without_flows_are_ordered_by_address),
        CASE(what_fits_into_memory_is_kept_and_can_be_ordered),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"sink", NULL, NULL, NULL, NULL, cases}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 1;
    }
    CU_basic_run_tests();
    int failures = (int)CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
