/* floor: engine */
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_sink.h"

static void make_count(struct tiny *tiny)
{
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "flows", AGGREGATE_COUNT, false,
                   tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
}
static void make_totals(struct tiny *tiny)
{
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT, false, tiny_packets(tiny));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, tiny_packets(tiny));
    tiny_aggregate(tiny, "min", AGGREGATE_MIN, false, tiny_key_of(tiny, 0));
    tiny_aggregate(tiny, "max", AGGREGATE_MAX, false, tiny_key_text(tiny, 1));
    tiny_aggregate(tiny, "avg", AGGREGATE_AVG, false, tiny_duration(tiny));
}
static void make_groups(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, tiny_packets(tiny));
    tiny_aggregate(tiny, "least", AGGREGATE_MIN, false, tiny_duration(tiny));
}
static void make_groups_by_vertex(struct tiny *tiny)
{
    tiny_key(tiny, "a", tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_groups_by_two_keys(struct tiny *tiny)
{
    tiny_key(tiny, "B", tiny_key_text(tiny, 1));
    tiny_key(tiny, "duration", tiny_duration(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_ordered_groups(struct tiny *tiny)
{
    make_groups(tiny);
    tiny_order(tiny, tiny_output(tiny, 1), true);
    tiny->query.limit = 3;
}
static void make_distinct_aggregates(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT, true, tiny_key_text(tiny, 0));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, true, tiny_duration(tiny));
    tiny_aggregate(tiny, "max", AGGREGATE_MAX, true, tiny_key_text(tiny, 0));
}
static void make_distinct_totals(struct tiny *tiny)
{
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, tiny_packets(tiny));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, true, tiny_packets(tiny));
    tiny_aggregate(tiny, "vertices", AGGREGATE_COUNT, true,
                   tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 1));
}

static void totals_are_one_row(void)
{
    tiny_expect_result(make_count, "8 8");
    tiny_expect_result(make_totals, "6 26 10.0.0.1 host-a 2.35714");
    tiny_expect_result(make_distinct_totals, "5 19 4");
}

static void groups_come_in_the_order_of_their_keys(void)
{
    tiny_expect_result(make_groups, "icmp 1 0 0.5 | tcp 3 24 0.5 | udp 2 -5 1.25 | null 2 7 0.25");
    tiny_expect_result(make_groups_by_vertex, "10.0.0.1 3 | 10.0.0.2 3 | 10.0.0.10 1 | host-a 1");
    tiny_expect_result(make_groups_by_two_keys,
                       "10.0.0.1 0.5 1 | 10.0.0.1 2 1 | 10.0.0.10 0.5 1 | 10.0.0.10 null 1 | "
                       "10.0.0.2 0.25 1 | 10.0.0.2 1.25 1 | 10.0.0.2 8 1 | host-a 4 1");
    tiny_expect_result(make_ordered_groups, "tcp 3 24 0.5 | udp 2 -5 1.25 | null 2 7 0.25");
}

static void distinct_aggregates_take_each_value_once(void)
{
    tiny_expect_result(
        make_distinct_aggregates,
        "icmp 1 0.5 10.0.0.2 | tcp 2 8.5 10.0.0.2 | udp 2 5.25 10.0.0.10 | null 2 2.25 host-a");
}

static void make_distinct(struct tiny *tiny)
{
    tiny_return(tiny, "A", tiny_key_text(tiny, 0));
    tiny->query.is_distinct = true;
}
static void make_distinct_descending(struct tiny *tiny)
{
    tiny_return(tiny, "protocol", tiny_protocol(tiny));
    tiny->query.is_distinct = true;
    tiny_order(tiny, tiny_output(tiny, 0), true);
    tiny->query.skip = 1;
}
/* Two protocols each have two flows: only the counts are returned. */
static void make_distinct_groups(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny->query.output_count = 0;
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny->query.is_distinct = true;
    tiny_order(tiny, tiny_output(tiny, 0), false);
    tiny->query.limit = 2;
}

static void distinct_rows_are_returned_once(void)
{
    tiny_expect_result(make_distinct, "10.0.0.1 | 10.0.0.10 | 10.0.0.2 | host-a");
    tiny_expect_result(make_distinct_descending, "udp | tcp | icmp");
    tiny_expect_result(make_distinct_groups, "1 | 2");
}

static void an_expression_over_a_group_is_evaluated_at_the_end(void)
{
    struct tiny tiny;
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 2, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_groups(&tiny);
    struct expression *sum = tiny_leaf(&tiny, EXPRESSION_AGGREGATE, TYPE_INTEGER, 1);
    struct expression *count = tiny_leaf(&tiny, EXPRESSION_AGGREGATE, TYPE_INTEGER, 0);
    tiny.query.output_count = 0;
    tiny_return(&tiny, "mean", tiny_binary(&tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, sum, count));
    CU_ASSERT_STRING_EQUAL(tiny_run(&tiny), "0 | 8 | -2 | 3");
    tiny_close(&tiny);
}

static void make_ordered_rows(struct tiny *tiny)
{
    tiny_return(tiny, "packets", tiny_packets(tiny));
    tiny_order(tiny, tiny_output(tiny, 0), false);
}

static void nothing_is_no_row_no_group_but_one_total(void)
{
    static void (*const makes[])(struct tiny * tiny) = {make_ordered_rows,    make_ordered_groups,
                                                        make_distinct,        make_count,
                                                        make_distinct_totals, make_distinct_groups};
    static const char *const expected[] = {"", "", "", "0 0", "0 0 0", ""};
    for (uint32_t i = 0; i < sizeof makes / sizeof *makes; i++) {
        struct tiny tiny;
        tiny_open(&tiny, tiny_sink_rows, 0, 2, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        makes[i](&tiny);
        CU_ASSERT_STRING_EQUAL(tiny_run(&tiny), expected[i]);
        tiny_close(&tiny);
    }
}

static void a_row_limit_counts_groups(void)
{
    for (uint32_t limit = 1; limit <= 5; limit++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make_groups(&tiny);
        CU_ASSERT_EQUAL_FATAL(
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, limit, NULL),
            STATUS_OK);
        tiny_take_all(&tiny, sink);
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
    struct expression *huge = tiny_binary(tiny, EXPRESSION_MULTIPLY, TYPE_INTEGER,
                                          tiny_packets(tiny), tiny_integer(tiny, INT64_MAX / 2));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, huge);
}
static void make_failing_key(struct tiny *tiny)
{
    tiny_key(tiny, "share",
             tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, tiny_integer(tiny, 1),
                         tiny_packets(tiny)));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_failing_order(struct tiny *tiny)
{
    tiny_return(tiny, "packets", tiny_packets(tiny));
    tiny_order(tiny,
               tiny_binary(tiny, EXPRESSION_REMAINDER, TYPE_INTEGER, tiny_integer(tiny, 1),
                           tiny_packets(tiny)),
               false);
}
static void make_sum_that_does_not_fit(struct tiny *tiny)
{
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, tiny_integer(tiny, INT64_MAX / 2));
}

static void failed_evaluation_is_told_at_the_end(void)
{
    tiny_expect_result(make_failing_key, "division by zero in operator '/' of `1 / e1.TotPkts`");
    tiny_expect_result(make_failing_order, "division by zero in operator '%' of `1 % e1.TotPkts`");
    tiny_expect_result(make_sum_that_does_not_fit, "integer overflow in sum(4611686018427387903)");
    struct tiny tiny;
    tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    make_overflow(&tiny);
    CU_ASSERT_PTR_NOT_NULL(strstr(tiny_run(&tiny), "integer overflow in operator '*'"));
    CU_ASSERT_EQUAL(stop_reason(&tiny.stop), STOP_FAILED);
    tiny_close(&tiny);
}

static void every_allocation_may_fail(void)
{
    tiny_fail_allocations(make_distinct_aggregates);
    tiny_fail_allocations(make_distinct_groups);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(totals_are_one_row),
        CASE(groups_come_in_the_order_of_their_keys),
        CASE(distinct_aggregates_take_each_value_once),
        CASE(distinct_rows_are_returned_once),
        CASE(an_expression_over_a_group_is_evaluated_at_the_end),
        CASE(nothing_is_no_row_no_group_but_one_total),
        CASE(a_row_limit_counts_groups),
        CASE(failed_evaluation_is_told_at_the_end),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("group", NULL, NULL, cases);
}
