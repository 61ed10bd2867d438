/* floor: engine */
#include "engine/aggregate.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_query.h"

static const struct tiny_row rows[] = {
    {"10.0.0.10", "10.0.0.9", 10, 1, 1, "x"},
    {"9.1.1.1", "host-a", 20, 2, 1, "y"},
};
enum { ROWS = sizeof rows / sizeof *rows, VALUES_MAX = 8, GROUPS = 2 };

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

static struct aggregate_column open_column(struct tiny *tiny, const struct aggregate *aggregate,
                                           enum type type)
{
    struct aggregate_column column = {.aggregate = aggregate, .graph = tiny->graph, .type = type};
    CU_ASSERT_TRUE(aggregate_reserve(&column, tiny->arena, GROUPS, GROUPS));
    return column;
}

static const char *result_text(struct tiny *tiny, const struct aggregate_column *column,
                               uint32_t group)
{
    static char text[ERROR_TEXT_BYTES];
    union lane value;
    uint8_t is_null = 0;
    struct error error = {0};
    text[0] = '\0';
    if (aggregate_result(column, &tiny->query, group, &value, &is_null, &error) != STATUS_OK) {
        snprintf(text, sizeof text, "%s", error.text);
        return text;
    }
    struct lanes lanes = {column->aggregate->type, &value, &is_null};
    tiny_append_lane(tiny, &lanes, 0, text, sizeof text);
    return text;
}

/* Folds the values into group 1, as a whole and split at each place into two states that merge. */
static void expect_result(struct tiny *tiny, const struct aggregate *aggregate,
                          const struct lanes *values, uint32_t count, const char *expected)
{
    static const uint32_t groups[VALUES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
    for (uint32_t split = 0; split <= count; split++) {
        struct scratch texts;
        scratch_init(&texts, tiny->arena);
        struct aggregate_column first = open_column(tiny, aggregate, values->type);
        struct aggregate_column second = open_column(tiny, aggregate, values->type);
        struct lanes rest = {values->type, values->values + split,
                             values->is_null == NULL ? NULL : values->is_null + split};
        CU_ASSERT_TRUE(aggregate_fold(&first, &texts, groups, values, NULL, split));
        CU_ASSERT_TRUE(aggregate_fold(&second, &texts, groups, &rest, NULL, count - split));
        aggregate_merge(&second, 1, &first.states[1]);
        CU_ASSERT_STRING_EQUAL(result_text(tiny, &second, 1), expected);
    }
}

static const struct aggregate *make_aggregate(struct tiny *tiny, enum aggregate_function function,
                                              enum type argument, enum type type)
{
    struct aggregate *aggregate = arena_allocate_zeroed(tiny->arena, 1, sizeof *aggregate);
    aggregate->function = function;
    aggregate->type = type;
    aggregate->argument = tiny_property(tiny, 0, TINY_PACKETS);
    (void)argument;
    return aggregate;
}

static void expect_integers(struct tiny *tiny, enum aggregate_function function, enum type argument,
                            enum type type, const int64_t *numbers, uint32_t count,
                            const char *expected)
{
    union lane values[VALUES_MAX];
    uint8_t nulls[VALUES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        values[i].integer = numbers[i];
        nulls[i] = numbers[i] == TINY_NULL;
    }
    struct lanes lanes = {argument, values, nulls};
    expect_result(tiny, make_aggregate(tiny, function, argument, type), &lanes, count, expected);
}

static void integers_are_folded(void)
{
    static const int64_t some[] = {5, TINY_NULL, -7, 30, TINY_NULL};
    static const int64_t huge[] = {INT64_MAX, INT64_MAX, -INT64_MAX, 1};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    enum type integer = TYPE_INTEGER;
    expect_integers(&tiny, AGGREGATE_COUNT, integer, integer, some, 5, "3");
    expect_integers(&tiny, AGGREGATE_SUM, integer, integer, some, 5, "28");
    expect_integers(&tiny, AGGREGATE_MIN, integer, integer, some, 5, "-7");
    expect_integers(&tiny, AGGREGATE_MAX, integer, integer, some, 5, "30");
    expect_integers(&tiny, AGGREGATE_AVG, integer, TYPE_FLOAT, some, 5, "9.33333");
    expect_integers(&tiny, AGGREGATE_SUM, TYPE_DURATION, TYPE_DURATION, some, 5, "28");
    expect_integers(&tiny, AGGREGATE_AVG, TYPE_DURATION, TYPE_DURATION, some, 5, "9");
    expect_integers(&tiny, AGGREGATE_MAX, TYPE_TIME, TYPE_TIME, some, 5, "30");
    /* On the way the sum passes what fits; in the end it does not. */
    expect_integers(&tiny, AGGREGATE_SUM, integer, integer, huge, 3, "9223372036854775807");
    expect_integers(&tiny, AGGREGATE_SUM, integer, integer, huge, 4,
                    "integer overflow in sum(e1.TotPkts)");
    expect_integers(&tiny, AGGREGATE_SUM, integer, integer, huge, 2,
                    "integer overflow in sum(e1.TotPkts)");
    tiny_close(&tiny);
}

/* Folds lane i weights[i] times, at once and one by one. */
static void expect_weighted(struct tiny *tiny, enum aggregate_function function,
                            const struct lanes *lanes, const uint64_t *weights, uint32_t count,
                            const char *expected)
{
    static const uint32_t groups[VALUES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
    const struct aggregate *aggregate = make_aggregate(tiny, function, lanes->type,
                                                       function == AGGREGATE_AVG     ? TYPE_FLOAT
                                                       : function == AGGREGATE_COUNT ? TYPE_INTEGER
                                                                                     : lanes->type);
    struct scratch texts;
    scratch_init(&texts, tiny->arena);
    struct aggregate_column at_once = open_column(tiny, aggregate, lanes->type);
    struct aggregate_column one_by_one = open_column(tiny, aggregate, lanes->type);
    CU_ASSERT_TRUE(aggregate_fold(&at_once, &texts, groups, lanes, weights, count));
    for (uint32_t i = 0; i < count; i++) {
        struct lanes lane = {lanes->type, lanes->values + i, lanes->is_null + i};
        for (uint64_t j = 0; j < weights[i]; j++) {
            CU_ASSERT_TRUE(aggregate_fold(&one_by_one, &texts, groups, &lane, NULL, 1));
        }
    }
    CU_ASSERT_STRING_EQUAL(result_text(tiny, &at_once, 1), expected);
    CU_ASSERT_STRING_EQUAL(result_text(tiny, &one_by_one, 1), expected);
}

static void a_weight_is_as_many_values(void)
{
    static const union lane integers[] = {
        {.integer = INT64_MAX}, {.integer = 9}, {.integer = -INT64_MAX}, {.integer = 4}};
    static const union lane reals[] = {{.real = 1e17}, {.real = 0.5}, {.real = -1e17}, {.real = 9}};
    static const uint8_t nulls[] = {0, 0, 0, 1};
    static const uint64_t weights[] = {3, 2, 3, 5};
    struct lanes of_integers = {TYPE_INTEGER, (union lane *)(uintptr_t)integers,
                                (uint8_t *)(uintptr_t)nulls};
    struct lanes of_reals = {TYPE_FLOAT, (union lane *)(uintptr_t)reals,
                             (uint8_t *)(uintptr_t)nulls};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
    expect_weighted(&tiny, AGGREGATE_COUNT, &of_integers, weights, 4, "8");
    expect_weighted(&tiny, AGGREGATE_SUM, &of_integers, weights, 4, "18");
    expect_weighted(&tiny, AGGREGATE_AVG, &of_integers, weights, 4, "2.25");
    expect_weighted(&tiny, AGGREGATE_MAX, &of_integers, weights, 4, "9223372036854775807");
    expect_weighted(&tiny, AGGREGATE_SUM, &of_integers, weights, 2,
                    "integer overflow in sum(e1.TotPkts)");
    expect_weighted(&tiny, AGGREGATE_SUM, &of_reals, weights, 4, "1");
    expect_weighted(&tiny, AGGREGATE_AVG, &of_reals, weights, 4, "0.125");
    tiny_close(&tiny);
}

static void nothing_is_folded_to_zero_or_null(void)
{
    static const int64_t nulls[] = {TINY_NULL, TINY_NULL};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    for (uint32_t count = 0; count <= 2; count += 2) {
        enum type integer = TYPE_INTEGER;
        expect_integers(&tiny, AGGREGATE_COUNT, integer, integer, nulls, count, "0");
        expect_integers(&tiny, AGGREGATE_SUM, integer, integer, nulls, count, "0");
        expect_integers(&tiny, AGGREGATE_MIN, integer, integer, nulls, count, "null");
        expect_integers(&tiny, AGGREGATE_MAX, TYPE_FLOAT, TYPE_FLOAT, nulls, count, "null");
        expect_integers(&tiny, AGGREGATE_SUM, TYPE_FLOAT, TYPE_FLOAT, nulls, count, "0");
        expect_integers(&tiny, AGGREGATE_AVG, integer, TYPE_FLOAT, nulls, count, "null");
        expect_integers(&tiny, AGGREGATE_COUNT, TYPE_NULL, integer, nulls, count, "0");
        expect_integers(&tiny, AGGREGATE_MAX, TYPE_NULL, TYPE_NULL, nulls, count, "null");
    }
    tiny_close(&tiny);
}

static void expect_reals(struct tiny *tiny, enum aggregate_function function, const double *numbers,
                         uint32_t count, const char *expected)
{
    union lane values[VALUES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        values[i].real = numbers[i];
    }
    struct lanes lanes = {TYPE_FLOAT, values, NULL};
    expect_result(tiny, make_aggregate(tiny, function, TYPE_FLOAT, TYPE_FLOAT), &lanes, count,
                  expected);
}

static void floats_are_folded(void)
{
    static const double lost[] = {1e16, 1, -1e16, 0.5};
    static const double infinite[] = {1, INFINITY, 2};
    static const double both[] = {INFINITY, -INFINITY};
    static const double nan[] = {3, NAN, 1};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    expect_reals(&tiny, AGGREGATE_SUM, lost, 4, "1.5");
    expect_reals(&tiny, AGGREGATE_AVG, lost, 4, "0.375");
    expect_reals(&tiny, AGGREGATE_SUM, infinite, 3, "inf");
    expect_reals(&tiny, AGGREGATE_MIN, nan, 3, "1");
    expect_reals(&tiny, AGGREGATE_MAX, nan, 3, "nan");
    expect_reals(&tiny, AGGREGATE_MIN, both, 2, "-inf");
    tiny_close(&tiny);
}

/* A million sums in any order, merged in any way, round to the same double. */
static void float_sums_do_not_depend_on_order(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    const struct aggregate *sum = make_aggregate(&tiny, AGGREGATE_SUM, TYPE_FLOAT, TYPE_FLOAT);
    static union lane values[EVALUATE_LANES];
    static const uint32_t groups[EVALUATE_LANES];
    uint64_t seed = 1;
    for (uint32_t i = 0; i < EVALUATE_LANES; i++) {
        values[i].real = ldexp((double)(int64_t)next_random(&seed), (int)(i % 40) - 80);
    }
    double expected = 0;
    for (uint32_t round = 0; round < 100; round++) {
        struct scratch texts;
        scratch_init(&texts, tiny.arena);
        struct aggregate_column parts[2] = {open_column(&tiny, sum, TYPE_FLOAT),
                                            open_column(&tiny, sum, TYPE_FLOAT)};
        uint32_t split = (uint32_t)(next_random(&seed) % EVALUATE_LANES);
        for (uint32_t i = EVALUATE_LANES; i > 1; i--) {
            uint32_t other = (uint32_t)(next_random(&seed) % i);
            union lane value = values[i - 1];
            values[i - 1] = values[other];
            values[other] = value;
        }
        struct lanes lanes = {TYPE_FLOAT, values, NULL};
        struct lanes rest = {TYPE_FLOAT, values + split, NULL};
        CU_ASSERT_TRUE(aggregate_fold(&parts[0], &texts, groups, &lanes, NULL, split));
        CU_ASSERT_TRUE(
            aggregate_fold(&parts[1], &texts, groups, &rest, NULL, EVALUATE_LANES - split));
        aggregate_merge(&parts[round % 2], 0, &parts[1 - round % 2].states[0]);
        union lane value;
        uint8_t is_null;
        CU_ASSERT_EQUAL(aggregate_result(&parts[round % 2], &tiny.query, 0, &value, &is_null, NULL),
                        STATUS_OK);
        expected = round == 0 ? value.real : expected;
        CU_ASSERT_EQUAL(value.real, expected);
    }
    tiny_close(&tiny);
}

static void texts_and_addresses_have_a_least_and_a_greatest(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    union lane texts[] = {tiny_text(&tiny, "b")->literal, tiny_text(&tiny, "ab")->literal,
                          tiny_text(&tiny, "ba")->literal};
    struct lanes text_lanes = {TYPE_TEXT, texts, NULL};
    expect_result(&tiny, make_aggregate(&tiny, AGGREGATE_MIN, TYPE_TEXT, TYPE_TEXT), &text_lanes, 3,
                  "ab");
    expect_result(&tiny, make_aggregate(&tiny, AGGREGATE_MAX, TYPE_TEXT, TYPE_TEXT), &text_lanes, 3,
                  "ba");
    union lane addresses[] = {tiny_address(&tiny, "9.1.1.1")->literal,
                              tiny_address(&tiny, "10.0.0.10")->literal,
                              tiny_address(&tiny, "host-a")->literal};
    struct lanes address_lanes = {TYPE_ADDRESS, addresses, NULL};
    expect_result(&tiny, make_aggregate(&tiny, AGGREGATE_MIN, TYPE_ADDRESS, TYPE_ADDRESS),
                  &address_lanes, 3, "10.0.0.10");
    expect_result(&tiny, make_aggregate(&tiny, AGGREGATE_MAX, TYPE_ADDRESS, TYPE_ADDRESS),
                  &address_lanes, 3, "host-a");
    tiny_close(&tiny);
}

static void texts_that_do_not_last_are_copied(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    const struct aggregate *least = make_aggregate(&tiny, AGGREGATE_MIN, TYPE_TEXT, TYPE_TEXT);
    struct aggregate_column column = open_column(&tiny, least, TYPE_TEXT);
    column.copies_text = true;
    struct scratch kept;
    struct scratch passing;
    scratch_init(&kept, tiny.arena);
    scratch_init(&passing, tiny.arena);
    static const char *const texts[] = {"ccc", "aaa", "bbb"};
    static const uint32_t group = 0;
    for (uint32_t i = 0; i < 3; i++) {
        scratch_reset(&passing);
        union lane value = {.text = scratch_join(&passing, bytes_of(texts[i]), bytes_of("!"))};
        struct lanes lanes = {TYPE_TEXT, &value, NULL};
        CU_ASSERT_TRUE(aggregate_fold(&column, &kept, &group, &lanes, NULL, 1));
    }
    CU_ASSERT_STRING_EQUAL(result_text(&tiny, &column, 0), "aaa!");
    tiny_close(&tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(integers_are_folded),
        CASE(a_weight_is_as_many_values),
        CASE(nothing_is_folded_to_zero_or_null),
        CASE(floats_are_folded),
        CASE(float_sums_do_not_depend_on_order),
        CASE(texts_and_addresses_have_a_least_and_a_greatest),
        CASE(texts_that_do_not_last_are_copied),
        CU_TEST_INFO_NULL,
    };
    return suite_run("aggregate", NULL, NULL, cases);
}
