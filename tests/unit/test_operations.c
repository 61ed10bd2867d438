/* floor: engine */
#include "engine/operations.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_evaluate.h"

static const enum expression_kind comparisons[] = {
    EXPRESSION_EQUAL,      EXPRESSION_NOT_EQUAL, EXPRESSION_LESS,
    EXPRESSION_LESS_EQUAL, EXPRESSION_GREATER,   EXPRESSION_GREATER_EQUAL,
};

static bool holds(enum expression_kind kind, int order)
{
    bool answers[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
    return answers[kind - EXPRESSION_EQUAL];
}

/* Lanes of a group key: any values, without a graph's columns. */
static struct expression *make_lanes(struct tiny *tiny, struct lanes *keys, uint32_t at,
                                     enum type type, union lane value, bool is_null,
                                     bool is_literal)
{
    if (is_literal) {
        struct expression *literal = is_null ? tiny_null(tiny) : tiny_typed(tiny, type, 0);
        literal->literal = is_null ? literal->literal : value;
        return literal;
    }
    static union lane values[2][4];
    static uint8_t nulls[2][4];
    for (uint32_t i = 0; i < 4; i++) {
        values[at][i] = value;
        nulls[at][i] = is_null;
    }
    keys[at] = (struct lanes){type, values[at], nulls[at]};
    /* For messages, a key has an expression. */
    tiny->query.keys[at] = tiny_null(tiny);
    return tiny_leaf(tiny, EXPRESSION_GROUP_KEY, type, at);
}

/* Tries a binary operator with lanes and literals on either side. */
static void expect_binary(struct tiny *tiny, enum expression_kind kind, enum type type,
                          enum type left_type, union lane left, bool left_is_null,
                          enum type right_type, union lane right, bool right_is_null,
                          const char *expected)
{
    for (uint32_t form = 0; form < 4; form++) {
        struct lanes keys[2] = {{0}, {0}};
        struct inputs inputs = {.keys = keys};
        struct expression *x =
            make_lanes(tiny, keys, 0, left_type, left, left_is_null, (form & 1) != 0);
        struct expression *y =
            make_lanes(tiny, keys, 1, right_type, right, right_is_null, (form & 2) != 0);
        const char *found = tiny_evaluate(tiny, tiny_binary(tiny, kind, type, x, y), &inputs, 2);
        if (strstr(found, "overflow") != NULL || strstr(found, "zero") != NULL) {
            CU_ASSERT_PTR_NOT_NULL(strstr(found, expected));
        } else {
            char twice[128];
            snprintf(twice, sizeof twice, "%s %s", expected, expected);
            tiny_expect_text(found, twice);
        }
    }
}

static void logic_is_three_valued(void)
{
    /* 0, 1 and 2 for null, left and right. */
    static const char *const tables[][9] = {
        {"0", "0", "0", "0", "1", "null", "0", "null", "null"},
        {"0", "1", "null", "1", "1", "1", "null", "1", "null"},
        {"0", "1", "null", "1", "0", "null", "null", "null", "null"},
    };
    static const enum expression_kind kinds[] = {EXPRESSION_AND, EXPRESSION_OR, EXPRESSION_XOR};
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t j = 0; j < 9; j++) {
            expect_binary(&tiny, kinds[i], TYPE_BOOL, TYPE_BOOL,
                          (union lane){.integer = j / 3 == 1}, j / 3 == 2, TYPE_BOOL,
                          (union lane){.integer = j % 3 == 1}, j % 3 == 2, tables[i][j]);
        }
    }
    tiny_close(&tiny);
}

static void integer_arithmetic_is_checked(void)
{
    static const struct {
        enum expression_kind kind;
        int64_t left;
        int64_t right;
        const char *expected;
    } cases[] = {
        {EXPRESSION_ADD, 2, -5, "-3"},
        {EXPRESSION_ADD, INT64_MAX, 1, "integer overflow in operator '+'"},
        {EXPRESSION_SUBTRACT, INT64_MIN, 1, "integer overflow in operator '-'"},
        {EXPRESSION_SUBTRACT, 2, 5, "-3"},
        {EXPRESSION_MULTIPLY, -4, 5, "-20"},
        {EXPRESSION_MULTIPLY, INT64_MIN, -1, "integer overflow in operator '*'"},
        {EXPRESSION_DIVIDE, -7, 2, "-3"},
        {EXPRESSION_DIVIDE, -7, 0, "division by zero in operator '/'"},
        {EXPRESSION_DIVIDE, 7, -1, "-7"},
        {EXPRESSION_DIVIDE, INT64_MIN, -1, "integer overflow in operator '/'"},
        {EXPRESSION_REMAINDER, -7, 2, "-1"},
        {EXPRESSION_REMAINDER, 7, 0, "division by zero in operator '%'"},
        {EXPRESSION_REMAINDER, INT64_MIN, -1, "0"},
    };
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        union lane left = {.integer = cases[i].left};
        union lane right = {.integer = cases[i].right};
        expect_binary(&tiny, cases[i].kind, TYPE_INTEGER, TYPE_INTEGER, left, false, TYPE_INTEGER,
                      right, false, cases[i].expected);
        expect_binary(&tiny, cases[i].kind, TYPE_INTEGER, TYPE_INTEGER, left, true, TYPE_INTEGER,
                      right, false, "null");
        expect_binary(&tiny, cases[i].kind, TYPE_INTEGER, TYPE_INTEGER, left, false, TYPE_INTEGER,
                      right, true, "null");
    }
    tiny_close(&tiny);
}

static void float_arithmetic_never_fails(void)
{
    static const struct {
        enum expression_kind kind;
        double left;
        double right;
        const char *expected;
    } cases[] = {
        {EXPRESSION_ADD, 0.5, 1, "1.5"},       {EXPRESSION_SUBTRACT, 0.5, 1, "-0.5"},
        {EXPRESSION_MULTIPLY, 0.5, 3, "1.5"},  {EXPRESSION_DIVIDE, 1, 0, "inf"},
        {EXPRESSION_REMAINDER, 7.5, 2, "1.5"}, {EXPRESSION_POWER, 2, 10, "1024"},
    };
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_binary(&tiny, cases[i].kind, TYPE_FLOAT, TYPE_FLOAT,
                      (union lane){.real = cases[i].left}, false, TYPE_FLOAT,
                      (union lane){.real = cases[i].right}, false, cases[i].expected);
    }
    tiny_close(&tiny);
}

static void times_and_durations_have_arithmetic(void)
{
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    union lane ten = {.integer = 10};
    union lane three = {.integer = 3};
    expect_binary(&tiny, EXPRESSION_ADD, TYPE_TIME, TYPE_TIME, ten, false, TYPE_DURATION, three,
                  false, "13");
    expect_binary(&tiny, EXPRESSION_SUBTRACT, TYPE_DURATION, TYPE_TIME, three, false, TYPE_TIME,
                  ten, false, "-7");
    expect_binary(&tiny, EXPRESSION_MULTIPLY, TYPE_DURATION, TYPE_DURATION, ten, false,
                  TYPE_INTEGER, three, false, "30");
    expect_binary(&tiny, EXPRESSION_MULTIPLY, TYPE_DURATION, TYPE_DURATION, ten, false, TYPE_FLOAT,
                  (union lane){.real = 0.25}, false, "2");
    expect_binary(&tiny, EXPRESSION_DIVIDE, TYPE_DURATION, TYPE_DURATION, ten, false, TYPE_FLOAT,
                  (union lane){.real = 4}, false, "2");
    expect_binary(&tiny, EXPRESSION_DIVIDE, TYPE_DURATION, TYPE_DURATION, ten, false, TYPE_FLOAT,
                  (union lane){.real = 0}, false, "division by zero in operator '/'");
    expect_binary(&tiny, EXPRESSION_MULTIPLY, TYPE_DURATION, TYPE_DURATION, ten, false, TYPE_FLOAT,
                  (union lane){.real = 1e30}, false, "integer overflow in operator '*'");
    tiny_close(&tiny);
}

static void nan_is_equal_to_nothing(void)
{
    static const char *const expected[] = {"0", "1", "0", "0", "0", "0"};
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    for (uint32_t i = 0; i < 6; i++) {
        expect_binary(&tiny, comparisons[i], TYPE_BOOL, TYPE_FLOAT, (union lane){.real = NAN},
                      false, TYPE_FLOAT, (union lane){.real = NAN}, false, expected[i]);
    }
    tiny_close(&tiny);
}

static void numbers_compare(void)
{
    static const int64_t values[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    struct tiny tiny;
    tiny_evaluate_open(&tiny, 1);
    for (uint32_t i = 0; i < 5 * 5 * 6; i++) {
        int64_t x = values[i % 5];
        int64_t y = values[i / 5 % 5];
        enum expression_kind kind = comparisons[i / 25];
        const char *expected = holds(kind, (x > y) - (x < y)) ? "1" : "0";
        expect_binary(&tiny, kind, TYPE_BOOL, TYPE_TIME, (union lane){.integer = x}, false,
                      TYPE_TIME, (union lane){.integer = y}, false, expected);
        expect_binary(&tiny, kind, TYPE_BOOL, TYPE_FLOAT, (union lane){.real = (double)x}, false,
                      TYPE_FLOAT, (union lane){.real = (double)y}, false, expected);
    }
    tiny_close(&tiny);
}

static void negation_turns_signs_and_overflows(void)
{
    struct tiny tiny;
    struct tiny_inputs all;
    tiny_evaluate_open(&tiny, 3);
    tiny_evaluate_inputs(&tiny, &all);
    tiny_expect_text(
        tiny_evaluate(&tiny,
                      tiny_unary(&tiny, EXPRESSION_NEGATE, TYPE_INTEGER, tiny_packets(&tiny)),
                      &all.inputs, TINY_EVALUATE_ROWS),
        "-5 null -70000 3 0 -255");
    tiny_expect_text(
        tiny_evaluate(&tiny, tiny_unary(&tiny, EXPRESSION_NEGATE, TYPE_FLOAT, tiny_duration(&tiny)),
                      &all.inputs, TINY_EVALUATE_ROWS),
        "-0.5 -1.25 null -2 -0 -0.001");
    struct expression *least = tiny_integer(&tiny, INT64_MIN);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(tiny_evaluate(&tiny, tiny_unary(&tiny, EXPRESSION_NEGATE, TYPE_INTEGER, least),
                             &all.inputs, 1),
               "integer overflow in operator '-'"));
    tiny_close(&tiny);
}

/* High and low halves about all that digits have to tell apart. */
static void digits_of_addresses_ascend_as_these_do(void)
{
    static const uint64_t halves[] = {0,
                                      1,
                                      2,
                                      UINT64_C(0xffff0a000001),
                                      UINT64_MAX / 2,
                                      UINT64_C(1) << 63,
                                      UINT64_MAX - 1,
                                      UINT64_MAX};
    enum { HALVES = sizeof halves / sizeof *halves };
    for (uint32_t i = 0; i < HALVES * HALVES; i++) {
        for (uint32_t j = 0; j < HALVES * HALVES; j++) {
            struct address left = {halves[i / HALVES], halves[i % HALVES]};
            struct address right = {halves[j / HALVES], halves[j % HALVES]};
            int order = 0;
            for (uint32_t digit = 0; order == 0 && digit < ADDRESS_DIGITS; digit++) {
                uint64_t one = address_digit(left, digit);
                uint64_t other = address_digit(right, digit);
                order = (one > other) - (one < other);
            }
            CU_ASSERT_EQUAL(order, (i > j) - (i < j));
        }
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(logic_is_three_valued),
        CASE(integer_arithmetic_is_checked),
        CASE(float_arithmetic_never_fails),
        CASE(times_and_durations_have_arithmetic),
        CASE(nan_is_equal_to_nothing),
        CASE(numbers_compare),
        CASE(digits_of_addresses_ascend_as_these_do),
        CASE(negation_turns_signs_and_overflows),
        CU_TEST_INFO_NULL,
    };
    return suite_run("operations", NULL, NULL, cases);
}
