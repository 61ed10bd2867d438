/* floor: engine */
#include "engine/filter_test.h"

#include <stdio.h>
#include <string.h>

#include "engine/filter_kernel.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

static void kernels_agree_with_a_plain_loop(void)
{
    static uint64_t values[300];
    uint64_t seed = 7;
    for (uint32_t count = 0; count < 300; count += 37) {
        for (uint32_t i = 0; i < 300; i++) {
            values[i] = tiny_random(&seed);
        }
        uint64_t first = tiny_random(&seed);
        uint64_t span = tiny_random(&seed);
        uint64_t words[4][5];
        const uint8_t *as_8 = (const uint8_t *)values;
        const uint16_t *as_16 = (const uint16_t *)values;
        const uint32_t *as_32 = (const uint32_t *)values;
        range_filter_u8(as_8, count, (uint8_t)first, (uint8_t)span, words[0]);
        range_filter_u16(as_16, count, (uint16_t)first, (uint16_t)span, words[1]);
        range_filter_u32(as_32, count, (uint32_t)first, (uint32_t)span, words[2]);
        range_filter_u64(values, count, first, span, words[3]);
        uint64_t set = 0;
        for (uint32_t i = 0; i < (count + 63) / 64 * 64; i++) {
            bool is_in = i < count;
            set += bit_is_set(words[0], i);
            CU_ASSERT_EQUAL(bit_is_set(words[0], i),
                            is_in && (uint8_t)(as_8[i] - first) <= (uint8_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[1], i),
                            is_in && (uint16_t)(as_16[i] - first) <= (uint16_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[2], i),
                            is_in && as_32[i] - (uint32_t)first <= (uint32_t)span);
            CU_ASSERT_EQUAL(bit_is_set(words[3], i), is_in && values[i] - first <= span);
        }
        CU_ASSERT_EQUAL(count_filter(words[0], (count + 63) / 64), set);
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
            tiny_filter_expect(tiny);
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
        tiny_filter_fill(300, spreads[at].base, spreads[at].span, false, i);
        tiny_open(&tiny, tiny_filter_rows, 300, i % 2 == 0 ? 1 : 4, 2);
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
        tiny_filter_fill(300, 0, 10, is_double != 0, 3);
        tiny_open(&tiny, tiny_filter_rows, 300, 3, 1);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        struct expression *duration = tiny_property(&tiny, 0, TINY_DURATION);
        for (uint32_t i = 0; i < sizeof literals / sizeof *literals; i++) {
            expect_comparisons(&tiny, duration, tiny_real(&tiny, literals[i]));
        }
        expect_comparisons(&tiny, duration, tiny_real(&tiny, tiny_filter_rows[1].duration));
        tiny_close(&tiny);
    }
}

static void text_filters_agree_with_the_program(void)
{
    static const char *const literals[] = {"", "tcp", "udp", "u", "zzz", "p"};
    struct tiny tiny;
    tiny_filter_fill(500, 0, 10, false, 4);
    tiny_open(&tiny, tiny_filter_rows, 500, 3, 2);
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
            tiny_filter_expect(&tiny);
        }
    }
    tiny_clear(&tiny);
    tiny_where(&tiny, tiny_in(&tiny, protocol, 4, texts));
    tiny_filter_expect(&tiny);
    tiny_close(&tiny);
}

static void null_tests_read_null_bits(void)
{
    static const uint32_t columns[] = {TINY_TIME, TINY_DURATION, TINY_PROTOCOL, TINY_PACKETS};
    struct tiny tiny;
    tiny_filter_fill(200, 0, 10, false, 5);
    tiny_open(&tiny, tiny_filter_rows, 200, 3, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    for (uint32_t i = 0; i < 8; i++) {
        tiny_clear(&tiny);
        tiny_where(&tiny,
                   tiny_unary(&tiny, i % 2 == 0 ? EXPRESSION_IS_NULL : EXPRESSION_IS_NOT_NULL,
                              TYPE_BOOL, tiny_property(&tiny, 0, columns[i / 2])));
        tiny_filter_expect(&tiny);
    }
    tiny_close(&tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(kernels_agree_with_a_plain_loop),     CASE(integer_ranges_agree_with_the_program),
        CASE(float_ranges_agree_with_the_program), CASE(text_filters_agree_with_the_program),
        CASE(null_tests_read_null_bits),           CU_TEST_INFO_NULL,
    };
    return suite_run("filter_test", NULL, NULL, cases);
}
