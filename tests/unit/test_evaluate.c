/* floor: engine */
#include "engine/evaluate.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_evaluate.h"

/* Over all rows, for one and for several partitions. */
static void expect_rows(struct expression *(*make)(struct tiny *tiny), const char *expected)
{
    for (uint32_t partitions = 1; partitions <= 3; partitions += 2) {
        struct tiny tiny;
        struct tiny_inputs all;
        tiny_evaluate_open(&tiny, partitions);
        tiny_evaluate_inputs(&tiny, &all);
        tiny_expect_text(tiny_evaluate(&tiny, make(&tiny), &all.inputs, TINY_EVALUATE_ROWS),
                         expected);
        tiny_close(&tiny);
    }
}

static struct expression *make_time(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_TIME);
}
static struct expression *make_packets(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PACKETS);
}
static struct expression *make_duration(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_DURATION);
}
static struct expression *make_protocol(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PROTOCOL);
}
static struct expression *make_source(struct tiny *tiny)
{
    return tiny_leaf(tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0);
}
static struct expression *make_end(struct tiny *tiny, uint32_t property)
{
    struct expression *end = tiny_leaf(tiny, EXPRESSION_END, TYPE_ADDRESS, 0);
    end->property = property;
    return end;
}
static struct expression *make_source_end(struct tiny *tiny)
{
    return make_end(tiny, TINY_SOURCE);
}
static struct expression *make_target_end(struct tiny *tiny)
{
    return make_end(tiny, TINY_TARGET);
}
static struct expression *make_target_text(struct tiny *tiny)
{
    return tiny_unary(tiny, EXPRESSION_TO_TEXT, TYPE_TEXT,
                      tiny_leaf(tiny, EXPRESSION_KEY, TYPE_ADDRESS, 1));
}
static struct expression *make_joined(struct tiny *tiny)
{
    struct expression *left =
        tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, make_protocol(tiny), tiny_text(tiny, "/"));
    return tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, left, make_target_text(tiny));
}

static void properties_and_keys_are_gathered(void)
{
    expect_rows(make_time, "1000 2000 1500 1200 5000 -4000");
    expect_rows(make_packets, "5 null 70000 -3 0 255");
    expect_rows(make_duration, "0.5 1.25 null 2 0 0.001");
    expect_rows(make_protocol, "tcp udp icmp null tcp udp-lite");
    expect_rows(make_source, "10.0.0.1 10.0.0.2 10.0.0.1 host-a 00:11:22:33:44:55 10.0.0.9");
    expect_rows(make_source_end, "10.0.0.1 10.0.0.2 10.0.0.1 host-a 00:11:22:33:44:55 10.0.0.9");
    expect_rows(make_target_end, "10.0.0.2 10.0.0.1 2001:db8::1 10.0.0.1 10.0.0.9 host-b");
}

static void text_is_made_and_joined(void)
{
    expect_rows(make_target_text, "10.0.0.2 10.0.0.1 2001:db8::1 10.0.0.1 10.0.0.9 host-b");
    expect_rows(make_joined, "tcp/10.0.0.2 udp/10.0.0.1 icmp/2001:db8::1 null tcp/10.0.0.9 "
                             "udp-lite/host-b");
}

static void stride_0_is_one_value_for_all_lanes(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 1);
    tiny_evaluate_inputs(&tiny, &all);
    all.inputs.edge_stride[0] = 0;
    tiny_expect_text(tiny_evaluate(&tiny, make_packets(&tiny), &all.inputs, 3), "5 5 5");
    all.inputs.edges[0] = all.edges + 1;
    tiny_expect_text(tiny_evaluate(&tiny, make_packets(&tiny), &all.inputs, 3), "null null null");
    struct expression *joined = make_joined(&tiny);
    tiny_expect_text(tiny_evaluate(&tiny, joined, &all.inputs, 2), "udp/10.0.0.2 udp/10.0.0.1");
    tiny_expect_text(tiny_evaluate(&tiny, joined, &all.inputs, 0), "");
    all.inputs.edges[0] = all.edges;
    all.inputs.edge_stride[0] = 2;
    tiny_expect_text(tiny_evaluate(&tiny, make_packets(&tiny), &all.inputs, 3), "5 70000 0");
    tiny_close(&tiny);
}

static const enum expression_kind comparisons[] = {
    EXPRESSION_EQUAL,      EXPRESSION_NOT_EQUAL, EXPRESSION_LESS,
    EXPRESSION_LESS_EQUAL, EXPRESSION_GREATER,   EXPRESSION_GREATER_EQUAL,
};

static bool holds(enum expression_kind kind, int order)
{
    bool answers[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
    return answers[kind - EXPRESSION_EQUAL];
}

/* What strcmp says of each row, with `literal` on the right or on the left. */
static void expect_text_comparison(struct tiny *tiny, const struct tiny_inputs *all,
                                   enum expression_kind kind, const char *literal, bool is_left)
{
    char expected[256] = "";
    for (uint32_t i = 0; i < TINY_EVALUATE_ROWS; i++) {
        const char *protocol = tiny_evaluate_rows[i].protocol;
        int order = protocol == NULL ? 0 : strcmp(protocol, literal) * (is_left ? -1 : 1);
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s%s", i == 0 ? "" : " ",
                 protocol == NULL     ? "null"
                 : holds(kind, order) ? "1"
                                      : "0");
    }
    struct expression *column = make_protocol(tiny);
    struct expression *text = tiny_text(tiny, literal);
    struct expression *direct =
        tiny_binary(tiny, kind, TYPE_BOOL, is_left ? text : column, is_left ? column : text);
    tiny_expect_text(tiny_evaluate(tiny, direct, &all->inputs, TINY_EVALUATE_ROWS), expected);
    /* Joined with nothing, the column is no column any more. */
    struct expression *computed =
        tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, column, tiny_text(tiny, ""));
    struct expression *general =
        tiny_binary(tiny, kind, TYPE_BOOL, is_left ? text : computed, is_left ? computed : text);
    tiny_expect_text(tiny_evaluate(tiny, general, &all->inputs, TINY_EVALUATE_ROWS), expected);
}

static void text_columns_compare_with_literals_as_bytes_do(void)
{
    static const char *const literals[] = {"", "icmp", "tcp", "tco", "udp", "udp-", "zzz"};
    for (uint32_t partitions = 1; partitions <= 3; partitions += 2) {
        struct tiny tiny;
        struct tiny_inputs all;
        tiny_evaluate_open(&tiny, partitions);
        tiny_evaluate_inputs(&tiny, &all);
        for (uint32_t i = 0; i < sizeof literals / sizeof *literals; i++) {
            for (uint32_t j = 0; j < sizeof comparisons / sizeof *comparisons; j++) {
                expect_text_comparison(&tiny, &all, comparisons[j], literals[i], false);
                expect_text_comparison(&tiny, &all, comparisons[j], literals[i], true);
            }
        }
        tiny_close(&tiny);
    }
}

static void text_columns_compare_with_one_another(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1, 1, 0}, 2, 2);
    tiny_evaluate_inputs(&tiny, &all);
    all.inputs.edges[1] = all.edges;
    all.inputs.edge_stride[1] = 0;
    struct expression *less =
        tiny_binary(&tiny, EXPRESSION_GREATER, TYPE_BOOL, tiny_property(&tiny, 0, TINY_PROTOCOL),
                    tiny_property(&tiny, 1, TINY_PROTOCOL));
    tiny_expect_text(tiny_evaluate(&tiny, less, &all.inputs, TINY_EVALUATE_ROWS), "0 1 0 null 0 1");
    tiny_close(&tiny);
}

static void text_operators_look_at_bytes(void)
{
    static const struct {
        enum expression_kind kind;
        const char *literal;
        const char *expected;
    } cases[] = {
        {EXPRESSION_STARTS_WITH, "ud", "0 1 0 null 0 1"},
        {EXPRESSION_STARTS_WITH, "", "1 1 1 null 1 1"},
        {EXPRESSION_STARTS_WITH, "udp-litex", "0 0 0 null 0 0"},
        {EXPRESSION_STARTS_WITH, "\xff", "0 0 0 null 0 0"},
        {EXPRESSION_ENDS_WITH, "p", "1 1 1 null 1 0"},
        {EXPRESSION_ENDS_WITH, "-lite", "0 0 0 null 0 1"},
        {EXPRESSION_CONTAINS, "c", "1 0 1 null 1 0"},
        {EXPRESSION_CONTAINS, "", "1 1 1 null 1 1"},
    };
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *column = make_protocol(&tiny);
        struct expression *literal = tiny_text(&tiny, cases[i].literal);
        tiny_expect_text(
            tiny_evaluate(&tiny, tiny_binary(&tiny, cases[i].kind, TYPE_BOOL, column, literal),
                          &all.inputs, TINY_EVALUATE_ROWS),
            cases[i].expected);
        struct expression *computed =
            tiny_binary(&tiny, EXPRESSION_ADD, TYPE_TEXT, column, tiny_text(&tiny, ""));
        tiny_expect_text(
            tiny_evaluate(&tiny, tiny_binary(&tiny, cases[i].kind, TYPE_BOOL, computed, literal),
                          &all.inputs, TINY_EVALUATE_ROWS),
            cases[i].expected);
    }
    tiny_close(&tiny);
}

static void addresses_are_equal_by_value_and_ordered_by_text(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    static const struct {
        enum expression_kind kind;
        const char *literal;
        const char *expected;
    } cases[] = {
        {EXPRESSION_EQUAL, "::ffff:10.0.0.1", "1 0 1 0 0 0"},
        {EXPRESSION_EQUAL, "host-a", "0 0 0 1 0 0"},
        {EXPRESSION_EQUAL, "host-unknown", "0 0 0 0 0 0"},
        {EXPRESSION_NOT_EQUAL, "host-unknown", "1 1 1 1 1 1"},
        {EXPRESSION_LESS, "10.0.0.2", "1 0 1 0 1 0"},
        {EXPRESSION_GREATER_EQUAL, "10.0.0.9", "0 0 0 1 0 1"},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *literal = tiny_address(&tiny, cases[i].literal);
        tiny_expect_text(
            tiny_evaluate(&tiny,
                          tiny_binary(&tiny, cases[i].kind, TYPE_BOOL, make_source(&tiny), literal),
                          &all.inputs, TINY_EVALUATE_ROWS),
            cases[i].expected);
    }
    tiny_close(&tiny);
}

static void vertices_and_flows_are_equal_to_themselves(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1, 1, 0}, 2, 2);
    tiny_evaluate_inputs(&tiny, &all);
    all.inputs.edges[1] = all.edges + 2;
    struct expression *flows = tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                           tiny_leaf(&tiny, EXPRESSION_EDGE, TYPE_EDGE, 0),
                                           tiny_leaf(&tiny, EXPRESSION_EDGE, TYPE_EDGE, 1));
    tiny_expect_text(tiny_evaluate(&tiny, flows, &all.inputs, TINY_EVALUATE_ROWS), "0 0 1 0 0 0");
    all.inputs.vertices[1] = all.sources;
    all.inputs.vertex_stride[1] = 0;
    struct expression *vertices = tiny_binary(&tiny, EXPRESSION_NOT_EQUAL, TYPE_BOOL,
                                              tiny_leaf(&tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 0),
                                              tiny_leaf(&tiny, EXPRESSION_VERTEX, TYPE_VERTEX, 1));
    tiny_expect_text(tiny_evaluate(&tiny, vertices, &all.inputs, TINY_EVALUATE_ROWS),
                     "0 1 0 1 1 1");
    tiny_close(&tiny);
}

/* 1 / TotPkts > 0, which fails for the row with 0 packets. */
static struct expression *make_failing(struct tiny *tiny)
{
    struct expression *quotient = tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER,
                                              tiny_integer(tiny, 1), make_packets(tiny));
    return tiny_binary(tiny, EXPRESSION_GREATER_EQUAL, TYPE_BOOL, quotient, tiny_integer(tiny, 0));
}

static struct expression *make_not_zero(struct tiny *tiny)
{
    return tiny_binary(tiny, EXPRESSION_NOT_EQUAL, TYPE_BOOL, make_packets(tiny),
                       tiny_integer(tiny, 0));
}

static void an_error_counts_only_where_it_decides(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    const char *failure = "division by zero in operator '/' of `1 / e1.TotPkts`";
    struct expression *failing = make_failing(&tiny);
    struct expression *guard = make_not_zero(&tiny);
    struct expression *zero = tiny_unary(&tiny, EXPRESSION_NOT, TYPE_BOOL, guard);
    tiny_expect_text(tiny_evaluate(&tiny, failing, &all.inputs, TINY_EVALUATE_ROWS), failure);
    tiny_expect_text(tiny_evaluate(&tiny,
                                   tiny_binary(&tiny, EXPRESSION_AND, TYPE_BOOL, guard, failing),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     "1 null 1 1 0 1");
    tiny_expect_text(tiny_evaluate(&tiny,
                                   tiny_binary(&tiny, EXPRESSION_AND, TYPE_BOOL, failing, guard),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     "1 null 1 1 0 1");
    tiny_expect_text(tiny_evaluate(&tiny,
                                   tiny_binary(&tiny, EXPRESSION_OR, TYPE_BOOL, zero, failing),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     "1 null 1 1 1 1");
    tiny_expect_text(tiny_evaluate(&tiny,
                                   tiny_binary(&tiny, EXPRESSION_OR, TYPE_BOOL, guard, failing),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     failure);
    tiny_expect_text(
        tiny_evaluate(&tiny,
                      tiny_binary(&tiny, EXPRESSION_AND, TYPE_BOOL, failing, tiny_null(&tiny)),
                      &all.inputs, TINY_EVALUATE_ROWS),
        "null null null null null null");
    tiny_expect_text(tiny_evaluate(&tiny, tiny_unary(&tiny, EXPRESSION_IS_NULL, TYPE_BOOL, failing),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     failure);
    tiny_close(&tiny);
}

static void null_tests_are_never_null(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_unary(&tiny, EXPRESSION_IS_NULL, TYPE_BOOL, make_packets(&tiny)),
                      &all.inputs, TINY_EVALUATE_ROWS),
        "0 1 0 0 0 0");
    tiny_expect_text(
        tiny_evaluate(&tiny,
                      tiny_unary(&tiny, EXPRESSION_IS_NOT_NULL, TYPE_BOOL, make_protocol(&tiny)),
                      &all.inputs, TINY_EVALUATE_ROWS),
        "1 1 1 0 1 1");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_unary(&tiny, EXPRESSION_IS_NULL, TYPE_BOOL, tiny_null(&tiny)),
                      &all.inputs, 2),
        "1 1");
    tiny_close(&tiny);
}

static void in_is_null_beside_a_null_that_might_be_it(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    struct expression *integers[] = {tiny_integer(&tiny, 255), tiny_integer(&tiny, 5),
                                     tiny_integer(&tiny, -3), tiny_null(&tiny)};
    struct expression *texts[] = {tiny_text(&tiny, "udp"), tiny_text(&tiny, "nothing"),
                                  tiny_text(&tiny, "tcp"), tiny_null(&tiny)};
    struct expression *addresses[] = {tiny_address(&tiny, "host-a"), tiny_address(&tiny, "host-x"),
                                      tiny_address(&tiny, "10.0.0.1")};
    struct expression *packets = make_packets(&tiny);
    struct expression *protocol = make_protocol(&tiny);
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_in(&tiny, packets, 3, integers), &all.inputs, TINY_EVALUATE_ROWS),
        "1 null 0 1 0 1");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_in(&tiny, packets, 4, integers), &all.inputs, TINY_EVALUATE_ROWS),
        "1 null null 1 null 1");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_in(&tiny, packets, 0, integers), &all.inputs, TINY_EVALUATE_ROWS),
        "0 0 0 0 0 0");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_in(&tiny, protocol, 3, texts), &all.inputs, TINY_EVALUATE_ROWS),
        "1 1 0 null 1 0");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_in(&tiny, protocol, 4, texts), &all.inputs, TINY_EVALUATE_ROWS),
        "1 1 null null 1 null");
    tiny_expect_text(tiny_evaluate(&tiny, tiny_in(&tiny, make_source(&tiny), 3, addresses),
                                   &all.inputs, TINY_EVALUATE_ROWS),
                     "1 0 1 1 0 0");
    tiny_close(&tiny);
}

static void select_lists_lanes_that_are_true(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    struct error error = {0};
    struct program *program = NULL;
    struct registers *registers = NULL;
    uint16_t selected[EVALUATE_LANES];
    uint32_t count = 0;
    CU_ASSERT_EQUAL(program_build(&program, &tiny.query, make_not_zero(&tiny), tiny.arena, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(registers_open(&registers, tiny.arena, &error), STATUS_OK);
    CU_ASSERT_EQUAL(program_select(program, registers, &all.inputs, TINY_EVALUATE_ROWS, selected,
                                   &count, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(count, 4);
    const uint16_t expected[] = {0, 2, 3, 5};
    CU_ASSERT_EQUAL(memcmp(selected, expected, sizeof expected), 0);
    tiny_close(&tiny);
}

static void many_lanes_and_wide_text_fit(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 1);
    tiny_evaluate_inputs(&tiny, &all);
    static edge_id edges[EVALUATE_LANES];
    for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
        edges[i] = all.edges[i % TINY_EVALUATE_ROWS];
    }
    all.inputs.edges[0] = edges;
    char wide[1000];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    struct expression *joined =
        tiny_binary(&tiny, EXPRESSION_ADD, TYPE_TEXT, make_protocol(&tiny), tiny_text(&tiny, wide));
    struct program *program = NULL;
    struct registers *registers = NULL;
    struct lanes lanes;
    CU_ASSERT_EQUAL(program_build(&program, &tiny.query, joined, tiny.arena, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(registers_open(&registers, tiny.arena, NULL), STATUS_OK);
    for (uint32_t run = 0; run < 2; run++) {
        CU_ASSERT_EQUAL(program_run(program, registers, &all.inputs, EVALUATE_LANES, &lanes, NULL),
                        STATUS_OK);
        for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
            const char *protocol = tiny_evaluate_rows[i % TINY_EVALUATE_ROWS].protocol;
            if (protocol != NULL) {
                CU_ASSERT_EQUAL(lanes.values[i].text->length, strlen(protocol) + sizeof wide - 1);
            }
        }
    }
    tiny_close(&tiny);
}

static void every_allocation_may_fail(void)
{
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        struct tiny_inputs all;
        tiny_evaluate_open(&tiny, 1);
        tiny_evaluate_inputs(&tiny, &all);
        struct expression *texts[] = {tiny_text(&tiny, "udp")};
        struct expression *in = tiny_in(&tiny, make_protocol(&tiny), 1, texts);
        struct expression *ends =
            tiny_binary(&tiny, EXPRESSION_ENDS_WITH, TYPE_BOOL, make_joined(&tiny), texts[0]);
        struct expression *both = tiny_binary(&tiny, EXPRESSION_AND, TYPE_BOOL, in, ends);
        memory_fault_set(after);
        const char *found = tiny_evaluate(&tiny, both, &all.inputs, TINY_EVALUATE_ROWS);
        bool was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        tiny_close(&tiny);
        if (!was_due) {
            tiny_expect_text(found, "0 0 0 null 0 0");
            break;
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(found, "memory"));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(properties_and_keys_are_gathered),
        CASE(text_is_made_and_joined),
        CASE(stride_0_is_one_value_for_all_lanes),
        CASE(text_columns_compare_with_literals_as_bytes_do),
        CASE(text_columns_compare_with_one_another),
        CASE(text_operators_look_at_bytes),
        CASE(addresses_are_equal_by_value_and_ordered_by_text),
        CASE(vertices_and_flows_are_equal_to_themselves),
        CASE(an_error_counts_only_where_it_decides),
        CASE(null_tests_are_never_null),
        CASE(in_is_null_beside_a_null_that_might_be_it),
        CASE(select_lists_lanes_that_are_true),
        CASE(many_lanes_and_wide_text_fit),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("evaluate", NULL, NULL, cases);
}
