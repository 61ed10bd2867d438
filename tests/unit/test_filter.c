/* floor: engine */
#include "engine/filter.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

static void absolute_time_bounds_are_filters(void)
{
    struct tiny tiny;
    tiny_filter_fill(700, 0, 10, false, 6);
    tiny_open(&tiny, tiny_filter_rows, 700, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = 100; /* time >= -100 */
    tiny_filter_expect(&tiny);
    tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = 250;
    tiny_filter_expect(&tiny);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = WINDOW_NONE;
    tiny_filter_expect(&tiny);
    tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = -300;
    tiny_filter_expect(&tiny);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = 0;
    tiny_filter_expect(&tiny);
    tiny_close(&tiny);
}

static struct expression *compare(struct tiny *tiny, enum expression_kind kind, uint32_t edge,
                                  uint32_t property, struct expression *literal)
{
    return tiny_binary(tiny, kind, TYPE_BOOL, tiny_property(tiny, edge, property), literal);
}

/* 100 / packets > 3, which fails where there are none. */
static struct expression *make_failing(struct tiny *tiny)
{
    struct expression *quotient =
        tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, tiny_integer(tiny, 100),
                    tiny_property(tiny, 0, TINY_PACKETS));
    return tiny_binary(tiny, EXPRESSION_GREATER, TYPE_BOOL, quotient, tiny_integer(tiny, 3));
}

static void all_conjuncts_must_hold(void)
{
    struct tiny tiny;
    tiny_filter_fill(1500, 0, 100, false, 8);
    tiny_open(&tiny, tiny_filter_rows, 1500, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, compare(&tiny, EXPRESSION_GREATER, 0, TINY_PACKETS, tiny_integer(&tiny, 0)));
    tiny_where(&tiny,
               compare(&tiny, EXPRESSION_NOT_EQUAL, 0, TINY_PROTOCOL, tiny_text(&tiny, "udp")));
    tiny_where(&tiny, make_failing(&tiny));
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_LESS, TYPE_BOOL,
                                  tiny_unary(&tiny, EXPRESSION_TO_FLOAT, TYPE_FLOAT,
                                             tiny_property(&tiny, 0, TINY_PACKETS)),
                                  tiny_property(&tiny, 0, TINY_DURATION)));
    tiny_filter_expect(&tiny);
    tiny_close(&tiny);
}

static void a_conjunct_may_read_the_ends_of_its_flow(void)
{
    struct tiny tiny;
    tiny_filter_fill(600, 0, 100, false, 9);
    tiny_open(&tiny, tiny_filter_rows, 600, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    struct expression *source = tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                            tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0),
                                            tiny_address(&tiny, "10.0.0.1"));
    struct expression *target = tiny_binary(&tiny, EXPRESSION_GREATER, TYPE_BOOL,
                                            tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 1),
                                            tiny_address(&tiny, "192.168.0.1"));
    struct expression *ends = tiny_binary(&tiny, EXPRESSION_OR, TYPE_BOOL, source, target);
    struct expression *few =
        compare(&tiny, EXPRESSION_LESS, 0, TINY_PACKETS, tiny_integer(&tiny, 50));
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_AND, TYPE_BOOL, few, ends));
    tiny_filter_expect(&tiny);
    tiny_close(&tiny);
}

static void edges_with_the_same_conjuncts_share_bits(void)
{
    struct tiny tiny;
    struct error error;
    enum status status;
    tiny_filter_fill(200, 0, 100, false, 10);
    tiny_open(&tiny, tiny_filter_rows, 200, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1, 1, 2, 2, 0, 0, 3}, 4, 4);
    for (uint32_t edge = 0; edge < 3; edge++) {
        tiny_where(&tiny, compare(&tiny, EXPRESSION_EQUAL, edge, TINY_PROTOCOL,
                                  tiny_text(&tiny, edge == 1 ? "udp" : "tcp")));
    }
    struct filters filters = tiny_filter_build(&tiny, &error, &status);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT_PTR_EQUAL(filters.edges[0].bits, filters.edges[2].bits);
    CU_ASSERT_PTR_NOT_EQUAL(filters.edges[0].bits, filters.edges[1].bits);
    CU_ASSERT_PTR_NULL(filters.edges[3].bits);
    CU_ASSERT_EQUAL(filters.edges[3].pass_count, 200);
    CU_ASSERT_EQUAL(filters.edges[0].pass_count, filters.edges[2].pass_count);
    CU_ASSERT_EQUAL(filters.flows_scanned, 400);
    tiny_close(&tiny);
}

static void constants_decide_everything(void)
{
    struct tiny tiny;
    struct error error;
    enum status status;
    tiny_filter_fill(100, 0, 100, false, 11);
    tiny_open(&tiny, tiny_filter_rows, 100, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, tiny_bool(&tiny, true));
    CU_ASSERT_FALSE(tiny_filter_build(&tiny, &error, &status).is_false);
    tiny_where(&tiny, tiny_null(&tiny));
    CU_ASSERT_TRUE(tiny_filter_build(&tiny, &error, &status).is_false);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    tiny_close(&tiny);
}

/* Which tiny_filter_addresses pass the filter of vertex 0, as letters of their index. */
static void expect_vertices(struct tiny *tiny, const char *expected)
{
    struct error error;
    enum status status;
    struct filters filters = tiny_filter_build(tiny, &error, &status);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    char found[TINY_FILTER_ADDRESSES + 1] = "";
    uint32_t length = 0;
    for (uint32_t i = 0; i < TINY_FILTER_ADDRESSES; i++) {
        if (bit_is_set(filters.vertices[0].bits, tiny_vertex(tiny, tiny_filter_addresses[i]))) {
            found[length++] = (char)('a' + i);
        }
    }
    CU_ASSERT_STRING_EQUAL(found, expected);
    CU_ASSERT_EQUAL(filters.vertices[0].pass_count, length);
    CU_ASSERT_PTR_NULL(filters.vertices[1].bits);
    CU_ASSERT_EQUAL(filters.vertices[1].pass_count, TINY_FILTER_ADDRESSES);
}

static void vertices_are_looked_up_or_evaluated(void)
{
    struct tiny tiny;
    tiny_filter_fill(300, 0, 100, false, 12);
    tiny_open(&tiny, tiny_filter_rows, 300, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    struct expression *key = tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0);
    struct expression *text = tiny_unary(&tiny, EXPRESSION_TO_TEXT, TYPE_TEXT, key);
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                  tiny_address(&tiny, "FE80:0::2"), key));
    expect_vertices(&tiny, "h");
    tiny_clear(&tiny);
    tiny_where(&tiny,
               tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL, key, tiny_address(&tiny, "host-c")));
    expect_vertices(&tiny, "");
    tiny_clear(&tiny);
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_STARTS_WITH, TYPE_BOOL, text,
                                  tiny_text(&tiny, "10.0.")));
    expect_vertices(&tiny, "abcd");
    struct expression *some[] = {tiny_address(&tiny, "10.0.0.3"), tiny_null(&tiny),
                                 tiny_address(&tiny, "host-b"), tiny_address(&tiny, "9.9.9.9")};
    tiny_where(&tiny, tiny_in(&tiny, key, 4, some));
    expect_vertices(&tiny, "c");
    tiny_clear(&tiny);
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_LESS, TYPE_BOOL, key,
                                  tiny_address(&tiny, "192.168.0.1")));
    expect_vertices(&tiny, "abcdl");
    tiny_close(&tiny);
}

static void a_failing_conjunct_fails_where_nothing_else_excludes_it(void)
{
    struct tiny tiny;
    struct error error;
    enum status status;
    tiny_filter_fill(600, 0, 5, false, 13);
    tiny_open(&tiny, tiny_filter_rows, 600, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, make_failing(&tiny));
    (void)tiny_filter_build(&tiny, &error, &status);
    CU_ASSERT_EQUAL(status, STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "division by zero"));
    tiny_clear(&tiny);
    tiny_where(&tiny, make_failing(&tiny));
    /* No range can tell this: it is a program, and comes second. */
    struct expression *square =
        tiny_binary(&tiny, EXPRESSION_MULTIPLY, TYPE_INTEGER, tiny_property(&tiny, 0, TINY_PACKETS),
                    tiny_property(&tiny, 0, TINY_PACKETS));
    tiny_where(&tiny,
               tiny_binary(&tiny, EXPRESSION_GREATER, TYPE_BOOL, square, tiny_integer(&tiny, 0)));
    (void)tiny_filter_build(&tiny, &error, &status);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    tiny_close(&tiny);
}

static void a_requested_stop_ends_filtering(void)
{
    static const struct {
        enum stop_reason reason;
        enum status status;
    } cases[] = {{STOP_INTERRUPTED, STATUS_INTERRUPTED},
                 {STOP_DEADLINE, STATUS_LIMIT},
                 {STOP_MEMORY, STATUS_LIMIT},
                 {STOP_FAILED, STATUS_FAILED}};
    struct tiny tiny;
    struct error error;
    enum status status;
    tiny_filter_fill(100, 0, 5, false, 14);
    tiny_open(&tiny, tiny_filter_rows, 100, 2, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tiny_clear(&tiny);
        tiny_where(&tiny, compare(&tiny, EXPRESSION_LESS, 0, TINY_PACKETS, tiny_integer(&tiny, 3)));
        stop_request(&tiny.stop, cases[i].reason);
        (void)tiny_filter_build(&tiny, &error, &status);
        CU_ASSERT_EQUAL(status, cases[i].status);
    }
    tiny_close(&tiny);
}

static void a_graph_without_flows_is_filtered(void)
{
    struct tiny tiny;
    tiny_open(&tiny, tiny_filter_rows, 0, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, compare(&tiny, EXPRESSION_LESS, 0, TINY_PACKETS, tiny_integer(&tiny, 3)));
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                  tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0),
                                  tiny_address(&tiny, "1.2.3.4")));
    tiny_filter_expect(&tiny);
    tiny_close(&tiny);
}

static void every_allocation_may_fail(void)
{
    tiny_filter_fill(100, 0, 100, false, 15);
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        struct error error;
        enum status status;
        tiny_open(&tiny, tiny_filter_rows, 100, 2, 1);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        tiny_where(&tiny, tiny_bool(&tiny, true));
        tiny_where(&tiny,
                   tiny_binary(&tiny, EXPRESSION_CONTAINS, TYPE_BOOL,
                               tiny_property(&tiny, 0, TINY_PROTOCOL), tiny_text(&tiny, "p")));
        tiny_where(&tiny, tiny_unary(&tiny, EXPRESSION_NOT, TYPE_BOOL, make_failing(&tiny)));
        tiny_where(&tiny,
                   compare(&tiny, EXPRESSION_GREATER, 0, TINY_PACKETS, tiny_integer(&tiny, 0)));
        tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_CONTAINS, TYPE_BOOL,
                                      tiny_unary(&tiny, EXPRESSION_TO_TEXT, TYPE_TEXT,
                                                 tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0)),
                                      tiny_text(&tiny, "1")));
        memory_fault_set(after);
        (void)tiny_filter_build(&tiny, &error, &status);
        bool was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        tiny_close(&tiny);
        CU_ASSERT_EQUAL(status, was_due ? STATUS_FAILED : STATUS_OK);
        if (!was_due) {
            break;
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "memory"));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(absolute_time_bounds_are_filters),
        CASE(all_conjuncts_must_hold),
        CASE(a_conjunct_may_read_the_ends_of_its_flow),
        CASE(edges_with_the_same_conjuncts_share_bits),
        CASE(constants_decide_everything),
        CASE(vertices_are_looked_up_or_evaluated),
        CASE(a_failing_conjunct_fails_where_nothing_else_excludes_it),
        CASE(a_requested_stop_ends_filtering),
        CASE(a_graph_without_flows_is_filtered),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("filter", NULL, NULL, cases);
}
