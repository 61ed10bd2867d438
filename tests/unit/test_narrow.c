/* floor: loader */
#include "loader/narrow.h"

#include "tests/support/suite.h"

enum { ROWS = 130 };

static int64_t values[ROWS];
static uint32_t codes[ROWS];
static uint32_t nulls[ROWS];
static uint64_t memory[2 * ROWS];

static void narrow(struct column *column, enum type type, struct wide *wide)
{
    narrow_measure(column, type, wide, ROWS);
    uint64_t bytes = narrow_bytes(column, ROWS);
    memory[bytes / 8] = 0xfeedface;
    narrow_write(column, wide, ROWS, memory);
    CU_ASSERT_EQUAL(memory[bytes / 8], 0xfeedface);
}

static void integers_take_the_narrowest_width_above_their_least(void)
{
    static const struct {
        int64_t least;
        int64_t greatest;
        uint8_t width;
    } cases[] = {
        {7, 7, 0},
        {-3, 252, 1},
        {-3, 253, 2},
        {1000000, 1065535, 2},
        {1000000, 1065536, 4},
        {-5, UINT32_MAX - INT64_C(5), 4},
        {-5, UINT32_MAX - INT64_C(4), 8},
        {INT64_MIN, INT64_MAX, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wide wide = {.values = values, .nulls = nulls};
        struct column column;
        for (uint32_t row = 0; row < ROWS; row++) {
            values[row] = row % 3 == 0 ? cases[i].least : cases[i].greatest;
        }
        narrow(&column, TYPE_INTEGER, &wide);
        CU_ASSERT_EQUAL(column.width, cases[i].width);
        CU_ASSERT_EQUAL(column.base, cases[i].least);
        CU_ASSERT_PTR_NULL(column.null_bits);
        CU_ASSERT_EQUAL(column.values == NULL, cases[i].width == 0);
        for (uint32_t row = 0; row < ROWS; row++) {
            CU_ASSERT_EQUAL(column_integer(&column, row),
                            row % 3 == 0 ? cases[i].least : cases[i].greatest);
        }
    }
}

static void nulls_do_not_widen_and_their_raw_is_zero(void)
{
    struct wide wide = {.values = values, .nulls = nulls};
    struct column column;
    for (uint32_t row = 0; row < ROWS; row++) {
        bool is_null = row < 5 || row == 64 || row == ROWS - 1;
        values[row] = is_null ? -1000000 : 100 + (int64_t)row;
        nulls[wide.null_count] = row;
        wide.null_count += is_null;
    }
    narrow(&column, TYPE_INTEGER, &wide);
    CU_ASSERT_EQUAL(column.width, 1);
    CU_ASSERT_EQUAL(column.base, 105);
    CU_ASSERT_EQUAL(column.null_count, 7);
    for (uint32_t row = 0; row < ROWS; row++) {
        bool is_null = row < 5 || row == 64 || row == ROWS - 1;
        CU_ASSERT_EQUAL(column_is_null(&column, row), is_null);
        CU_ASSERT_EQUAL(column_integer(&column, row), is_null ? 105 : 100 + (int64_t)row);
    }
}

static void columns_of_nulls_store_nothing_but_bits(void)
{
    static const enum type types[] = {TYPE_INTEGER, TYPE_FLOAT, TYPE_TEXT, TYPE_TIME};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct wide wide = {.values = values, .nulls = nulls, .null_count = ROWS};
        struct column column;
        for (uint32_t row = 0; row < ROWS; row++) {
            nulls[row] = row;
        }
        narrow(&column, types[i], &wide);
        CU_ASSERT_EQUAL(column.width, 0);
        CU_ASSERT_EQUAL(column.null_count, ROWS);
        CU_ASSERT_TRUE(column_is_null(&column, 0) && column_is_null(&column, ROWS - 1));
        CU_ASSERT_EQUAL(column.null_bits[2] >> (ROWS - 128), 0);
    }
}

static void floats_are_decimals_or_doubles(void)
{
    struct wide wide = {.values = values, .nulls = nulls, .scale = 3};
    struct column column;
    for (uint32_t row = 0; row < ROWS; row++) {
        values[row] = 1500 + row;
    }
    narrow(&column, TYPE_FLOAT, &wide);
    CU_ASSERT_EQUAL(column.encoding, ENCODING_DECIMAL);
    CU_ASSERT_EQUAL(column.width, 1);
    CU_ASSERT_EQUAL(column_float(&column, 1), 1.501);
    wide = (struct wide){.values = values, .nulls = nulls, .is_double = true, .null_count = 1};
    nulls[0] = 3;
    for (uint32_t row = 0; row < ROWS; row++) {
        double value = row * 0.1;
        memcpy(&values[row], &value, sizeof value);
    }
    narrow(&column, TYPE_FLOAT, &wide);
    CU_ASSERT_EQUAL(column.encoding, ENCODING_DOUBLE);
    CU_ASSERT_EQUAL(column.width, 8);
    CU_ASSERT_EQUAL(column_float(&column, 7), 7 * 0.1);
    CU_ASSERT_EQUAL(column_raw(&column, 3), 0);
}

static void codes_of_texts_are_narrowed_too(void)
{
    struct wide wide = {.values = codes, .nulls = nulls, .null_count = 1};
    struct column column;
    nulls[0] = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        codes[row] = row == 0 ? UINT32_MAX : 70000 + row;
    }
    narrow(&column, TYPE_TEXT, &wide);
    CU_ASSERT_EQUAL(column.encoding, ENCODING_INTEGER);
    CU_ASSERT_EQUAL(column.width, 1);
    CU_ASSERT_EQUAL(column.base, 70001);
    CU_ASSERT_EQUAL(column_raw(&column, 0), 0);
    CU_ASSERT_EQUAL(column_integer(&column, ROWS - 1), 70000 + ROWS - 1);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(integers_take_the_narrowest_width_above_their_least),
        CASE(nulls_do_not_widen_and_their_raw_is_zero),
        CASE(columns_of_nulls_store_nothing_but_bits),
        CASE(floats_are_decimals_or_doubles),
        CASE(codes_of_texts_are_narrowed_too),
        CU_TEST_INFO_NULL,
    };
    return suite_run("narrow", NULL, NULL, cases);
}
