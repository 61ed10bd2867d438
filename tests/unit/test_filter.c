/* floor: engine */
#include "engine/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/memory.h"
#include "engine/filter_kernel.h"
#include "tests/support/tiny_query.h"

enum { ROWS_MAX = 2000, ADDRESSES = 12 };

static struct tiny_row rows[ROWS_MAX];
static const char *const addresses[ADDRESSES] = {
    "10.0.0.1", "10.0.0.2", "10.0.0.3",    "10.0.1.1", "192.168.0.1", "192.168.0.22",
    "fe80::1",  "fe80::2",  "2001:db8::1", "host-a",   "host-b",      "00:11:22:33:44:55"};
static const char *const protocols[] = {"tcp", "udp", "icmp", "udp-lite", "", "arp", NULL};

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

/* Numbers of packets lie within `span` of `base`; durations are thousandths or any doubles. */
static void fill_rows(uint32_t count, int64_t base, uint64_t span, bool is_double, uint64_t seed)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t pick = next_random(&seed);
        rows[i].source = addresses[pick % ADDRESSES];
        rows[i].target = addresses[pick / 100 % ADDRESSES];
        rows[i].time = (int64_t)(pick / 10000 % 1000) - 300;
        rows[i].packets = pick / 10000000 % 8 == 0
                              ? TINY_NULL
                              : (int64_t)((uint64_t)base + next_random(&seed) % (span + 1));
        uint64_t duration = next_random(&seed);
        rows[i].duration = duration % 9 == 0 ? NAN
                           : is_double       ? (double)(duration % 1000) / 7
                                             : (double)(duration % 70000) / 1000;
        rows[i].protocol = protocols[next_random(&seed) % 7];
    }
}

static struct filters build(struct tiny *tiny, struct error *error, enum status *status)
{
    struct filters filters;
    *error = (struct error){0};
    *status = filters_build(&filters, &tiny->query, tiny->team, tiny->arena, &tiny->stop, error);
    return filters;
}

/* Which of the flows pass the conjuncts of edge 0, by the programs, one after the other. */
static uint32_t select_flows(struct tiny *tiny, edge_id *edges, uint32_t count,
                             struct program *const *programs, struct registers *registers)
{
    const struct edge_frame *frame = &tiny->graph->edges;
    for (uint32_t i = 0; i < tiny->query.predicate_count; i++) {
        static vertex_id sources[EVALUATE_LANES];
        static vertex_id targets[EVALUATE_LANES];
        uint16_t selected[EVALUATE_LANES];
        for (uint32_t j = 0; j < count; j++) {
            sources[j] = graph_edge_source(frame, edges[j]);
            targets[j] = graph_edge_target(frame, edges[j]);
        }
        struct inputs inputs = {.edges = {edges},
                                .vertices = {sources, targets},
                                .edge_stride = {1},
                                .vertex_stride = {1, 1}};
        CU_ASSERT_EQUAL(
            program_select(programs[i], registers, &inputs, count, selected, &count, NULL),
            STATUS_OK);
        for (uint32_t j = 0; j < count; j++) {
            edges[j] = edges[selected[j]];
        }
    }
    return count;
}

static bool window_passes(const struct tiny *tiny, int64_t time)
{
    const struct window *window = &tiny->query.window;
    int64_t before = window->limit_ns[0][WINDOW_ORIGIN];
    int64_t after = window->limit_ns[WINDOW_ORIGIN][0];
    return (before == WINDOW_NONE || -time <= before) && (after == WINDOW_NONE || time <= after);
}

/* The bits of edge 0 are what the programs say of each flow, and the counts agree. */
static void expect_like_program(struct tiny *tiny)
{
    struct error error;
    enum status status;
    struct filters filters = build(tiny, &error, &status);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    struct registers *registers = NULL;
    struct program *programs[8];
    CU_ASSERT_EQUAL_FATAL(registers_open(&registers, tiny->arena, NULL), STATUS_OK);
    for (uint32_t i = 0; i < tiny->query.predicate_count; i++) {
        CU_ASSERT_EQUAL_FATAL(program_build(&programs[i], &tiny->query,
                                            tiny->query.predicates[i].expression, tiny->arena,
                                            NULL),
                              STATUS_OK);
    }
    uint64_t total = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < tiny->graph->edges.partition_count; i++) {
        const struct partition *partition = &tiny->graph->edges.partitions[i];
        static bool expected[ROWS_MAX + 64];
        uint64_t passed = 0;
        memset(expected, 0, sizeof expected);
        for (uint32_t begin = 0; begin < partition->flow_count; begin += EVALUATE_LANES) {
            edge_id edges[EVALUATE_LANES];
            uint32_t count = 0;
            for (uint32_t j = begin; j < partition->flow_count && j < begin + EVALUATE_LANES; j++) {
                edges[count] = edge_id_of(i, j);
                count += window_passes(tiny, partition->flow_time[j]);
            }
            count = select_flows(tiny, edges, count, programs, registers);
            for (uint32_t j = 0; j < count; j++) {
                expected[edge_position(edges[j])] = true;
            }
            passed += count;
        }
        for (uint64_t j = 0; j < ((uint64_t)partition->flow_count + 63) / 64 * 64; j++) {
            wrong += expected[j] != bit_is_set(filters.edges[0].bits[i], j);
        }
        CU_ASSERT_EQUAL(filters.edges[0].pass_counts[i], passed);
        total += passed;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(filters.edges[0].pass_count, total);
}

static void kernels_agree_with_a_plain_loop(void)
{
    static uint64_t values[300];
    uint64_t seed = 7;
    for (uint32_t count = 0; count < 300; count += 37) {
        for (uint32_t i = 0; i < 300; i++) {
            values[i] = next_random(&seed);
        }
        uint64_t first = next_random(&seed);
        uint64_t span = next_random(&seed);
        uint64_t words[4][5];
        const uint8_t *as_8 = (const uint8_t *)values;
        const uint16_t *as_16 = (const uint16_t *)values;
        const uint32_t *as_32 = (const uint32_t *)values;
        range_filter_u8(as_8, count, (uint8_t)first, (uint8_t)span, words[0]);
        range_filter_u16(as_16, count, (uint16_t)first, (uint16_t)span, words[1]);
        range_filter_u32(as_32, count, (uint32_t)first, (uint32_t)span, words[2]);
        range_filter_u64(values, count, first, span, words[3]);
        for (uint32_t i = 0; i < (count + 63) / 64 * 64; i++) {
            bool is_in = i < count;
            CU_ASSERT_EQUAL(bit_is_set(words[0], i),
                            is_in && (uint8_t)(as_8[i] - first) <= (uint8_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[1], i),
                            is_in && (uint16_t)(as_16[i] - first) <= (uint16_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[2], i),
                            is_in && as_32[i] - (uint32_t)first <= (uint32_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[3], i), is_in && values[i] - first <= span);
        }
    }
}

/* `column` op `literal` and `literal` op `column`, for all six. */
static void expect_comparisons(struct tiny *tiny, struct expression *column,
                               struct expression *literal)
{
    for (int kind = EXPRESSION_EQUAL; kind <= EXPRESSION_GREATER_EQUAL; kind++) {
        for (uint32_t is_left = 0; is_left < 2; is_left++) {
            tiny_clear(tiny);
            tiny_where(tiny, tiny_binary(tiny, (enum expression_kind)kind, TYPE_BOOL,
                                         is_left ? literal : column, is_left ? column : literal));
            expect_like_program(tiny);
        }
    }
}

static void compare_numbers(struct tiny *tiny, int64_t base, uint64_t span)
{
    int64_t middle = (int64_t)((uint64_t)base + span / 2);
    int64_t top = (int64_t)((uint64_t)base + span);
    const int64_t literals[] = {INT64_MIN, base, middle, top, 0, INT64_MAX};
    struct expression *packets = tiny_property(tiny, 0, TINY_PACKETS);
    for (uint32_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        expect_comparisons(tiny, packets, tiny_integer(tiny, literals[i]));
    }
    struct expression *as_float = tiny_unary(tiny, EXPRESSION_TO_FLOAT, TYPE_FLOAT, packets);
    expect_comparisons(tiny, as_float, tiny_real(tiny, (double)middle + 0.5));
}

static void integer_ranges_agree_with_the_program(void)
{
    static const struct {
        int64_t base;
        uint64_t span;
    } spreads[] = {
        {5, 0},
        {-3, 200},
        {1000, 65000},
        {-7, UINT64_C(1) << 30},
        {INT64_MIN + 1, UINT64_MAX - 2},
        {INT64_MAX - 100, 100},
    };
    for (uint32_t i = 0; i < 2 * sizeof spreads / sizeof *spreads; i++) {
        uint32_t at = i / 2;
        struct tiny tiny;
        fill_rows(300, spreads[at].base, spreads[at].span, false, i);
        tiny_open(&tiny, rows, 300, i % 2 == 0 ? 1 : 4, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        compare_numbers(&tiny, spreads[at].base, spreads[at].span);
        tiny_close(&tiny);
    }
}

static void float_ranges_agree_with_the_program(void)
{
    static const double literals[] = {0,    -0.0, 0.001,     0.0005,   35.7, 35.123456,
                                      1e30, -1,   -INFINITY, INFINITY, NAN,  100.0 / 7};
    for (uint32_t is_double = 0; is_double < 2; is_double++) {
        struct tiny tiny;
        fill_rows(300, 0, 10, is_double != 0, 3);
        tiny_open(&tiny, rows, 300, 3, 1);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        struct expression *duration = tiny_property(&tiny, 0, TINY_DURATION);
        for (uint32_t i = 0; i < sizeof literals / sizeof *literals; i++) {
            expect_comparisons(&tiny, duration, tiny_real(&tiny, literals[i]));
        }
        expect_comparisons(&tiny, duration, tiny_real(&tiny, rows[1].duration));
        tiny_close(&tiny);
    }
}

static void text_filters_agree_with_the_program(void)
{
    static const char *const literals[] = {"", "tcp", "udp", "u", "zzz", "p"};
    struct tiny tiny;
    fill_rows(500, 0, 10, false, 4);
    tiny_open(&tiny, rows, 500, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    struct expression *protocol = tiny_property(&tiny, 0, TINY_PROTOCOL);
    struct expression *texts[] = {tiny_text(&tiny, "icmp"), tiny_text(&tiny, "none"),
                                  tiny_null(&tiny), tiny_text(&tiny, "")};
    for (uint32_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        struct expression *literal = tiny_text(&tiny, literals[i]);
        expect_comparisons(&tiny, protocol, literal);
        for (int kind = EXPRESSION_STARTS_WITH; kind <= EXPRESSION_CONTAINS; kind++) {
            tiny_clear(&tiny);
            tiny_where(&tiny, tiny_binary(&tiny, (enum expression_kind)kind, TYPE_BOOL, protocol,
                                          literal));
            expect_like_program(&tiny);
        }
    }
    tiny_clear(&tiny);
    tiny_where(&tiny, tiny_in(&tiny, protocol, 4, texts));
    expect_like_program(&tiny);
    tiny_close(&tiny);
}

static void null_tests_read_null_bits(void)
{
    static const uint32_t columns[] = {TINY_TIME, TINY_DURATION, TINY_PROTOCOL, TINY_PACKETS};
    struct tiny tiny;
    fill_rows(200, 0, 10, false, 5);
    tiny_open(&tiny, rows, 200, 3, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    for (uint32_t i = 0; i < 8; i++) {
        tiny_clear(&tiny);
        tiny_where(&tiny,
                   tiny_unary(&tiny, i % 2 == 0 ? EXPRESSION_IS_NULL : EXPRESSION_IS_NOT_NULL,
                              TYPE_BOOL, tiny_property(&tiny, 0, columns[i / 2])));
        expect_like_program(&tiny);
    }
    tiny_close(&tiny);
}

static void absolute_time_bounds_are_filters(void)
{
    struct tiny tiny;
    fill_rows(700, 0, 10, false, 6);
    tiny_open(&tiny, rows, 700, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = 100; /* time >= -100 */
    expect_like_program(&tiny);
    tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = 250;
    expect_like_program(&tiny);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = WINDOW_NONE;
    expect_like_program(&tiny);
    tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = -300;
    expect_like_program(&tiny);
    tiny.query.window.limit_ns[0][WINDOW_ORIGIN] = 0;
    expect_like_program(&tiny);
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
    fill_rows(1500, 0, 100, false, 8);
    tiny_open(&tiny, rows, 1500, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, compare(&tiny, EXPRESSION_GREATER, 0, TINY_PACKETS, tiny_integer(&tiny, 0)));
    tiny_where(&tiny,
               compare(&tiny, EXPRESSION_NOT_EQUAL, 0, TINY_PROTOCOL, tiny_text(&tiny, "udp")));
    tiny_where(&tiny, make_failing(&tiny));
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_LESS, TYPE_BOOL,
                                  tiny_unary(&tiny, EXPRESSION_TO_FLOAT, TYPE_FLOAT,
                                             tiny_property(&tiny, 0, TINY_PACKETS)),
                                  tiny_property(&tiny, 0, TINY_DURATION)));
    expect_like_program(&tiny);
    tiny_close(&tiny);
}

static void a_conjunct_may_read_the_ends_of_its_flow(void)
{
    struct tiny tiny;
    fill_rows(600, 0, 100, false, 9);
    tiny_open(&tiny, rows, 600, 3, 2);
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
    expect_like_program(&tiny);
    tiny_close(&tiny);
}

static void edges_with_the_same_conjuncts_share_bits(void)
{
    struct tiny tiny;
    struct error error;
    enum status status;
    fill_rows(200, 0, 100, false, 10);
    tiny_open(&tiny, rows, 200, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1, 1, 2, 2, 0, 0, 3}, 4, 4);
    for (uint32_t edge = 0; edge < 3; edge++) {
        tiny_where(&tiny, compare(&tiny, EXPRESSION_EQUAL, edge, TINY_PROTOCOL,
                                  tiny_text(&tiny, edge == 1 ? "udp" : "tcp")));
    }
    struct filters filters = build(&tiny, &error, &status);
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
    fill_rows(100, 0, 100, false, 11);
    tiny_open(&tiny, rows, 100, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, tiny_bool(&tiny, true));
    CU_ASSERT_FALSE(build(&tiny, &error, &status).is_false);
    tiny_where(&tiny, tiny_null(&tiny));
    CU_ASSERT_TRUE(build(&tiny, &error, &status).is_false);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    tiny_close(&tiny);
}

/* Which addresses pass the filter of vertex 0, as letters of their index. */
static void expect_vertices(struct tiny *tiny, const char *expected)
{
    struct error error;
    enum status status;
    struct filters filters = build(tiny, &error, &status);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    char found[ADDRESSES + 1] = "";
    uint32_t length = 0;
    for (uint32_t i = 0; i < ADDRESSES; i++) {
        if (bit_is_set(filters.vertices[0].bits, tiny_vertex(tiny, addresses[i]))) {
            found[length++] = (char)('a' + i);
        }
    }
    CU_ASSERT_STRING_EQUAL(found, expected);
    CU_ASSERT_EQUAL(filters.vertices[0].pass_count, length);
    CU_ASSERT_PTR_NULL(filters.vertices[1].bits);
    CU_ASSERT_EQUAL(filters.vertices[1].pass_count, ADDRESSES);
}

static void vertices_are_looked_up_or_evaluated(void)
{
    struct tiny tiny;
    fill_rows(300, 0, 100, false, 12);
    tiny_open(&tiny, rows, 300, 3, 2);
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
    fill_rows(600, 0, 5, false, 13);
    tiny_open(&tiny, rows, 600, 3, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, make_failing(&tiny));
    (void)build(&tiny, &error, &status);
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
    (void)build(&tiny, &error, &status);
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
    fill_rows(100, 0, 5, false, 14);
    tiny_open(&tiny, rows, 100, 2, 2);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tiny_clear(&tiny);
        tiny_where(&tiny, compare(&tiny, EXPRESSION_LESS, 0, TINY_PACKETS, tiny_integer(&tiny, 3)));
        stop_request(&tiny.stop, cases[i].reason);
        (void)build(&tiny, &error, &status);
        CU_ASSERT_EQUAL(status, cases[i].status);
    }
    tiny_close(&tiny);
}

static void a_graph_without_flows_is_filtered(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, 0, 2, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, compare(&tiny, EXPRESSION_LESS, 0, TINY_PACKETS, tiny_integer(&tiny, 3)));
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                  tiny_leaf(&tiny, EXPRESSION_KEY, TYPE_ADDRESS, 0),
                                  tiny_address(&tiny, "1.2.3.4")));
    expect_like_program(&tiny);
    tiny_close(&tiny);
}

static void every_allocation_may_fail(void)
{
    fill_rows(100, 0, 100, false, 15);
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        struct error error;
        enum status status;
        tiny_open(&tiny, rows, 100, 2, 1);
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
        (void)build(&tiny, &error, &status);
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

#define CASE(name)  \
    {               \
#name, name \
    }

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(kernels_agree_with_a_plain_loop),
        CASE(integer_ranges_agree_with_the_program),
        CASE(float_ranges_agree_with_the_program),
        CASE(text_filters_agree_with_the_program),
        CASE(null_tests_read_null_bits),
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
    CU_SuiteInfo suites[] = {{"filter", NULL, NULL, NULL, NULL, cases}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 1;
    }
    CU_basic_run_tests();
    int failures = (int)CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
