/* floor: graph */
#include "graph/column.h"

#include "tests/support/suite.h"

static const uint8_t bytes1[] = {0, 7, 255};
static const uint16_t bytes2[] = {0, 7, 65535};
static const uint32_t bytes4[] = {0, 7, UINT32_MAX};
static const uint64_t bytes8[] = {0, 7, UINT64_MAX};

static void raws_are_read_in_every_width(void)
{
    static const struct {
        uint8_t width;
        const void *values;
        uint64_t largest;
    } rows[] = {{0, NULL, 0},
                {1, bytes1, UINT8_MAX},
                {2, bytes2, UINT16_MAX},
                {4, bytes4, UINT32_MAX},
                {8, bytes8, UINT64_MAX}};
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        struct column column = {.type = TYPE_INTEGER,
                                .width = rows[index].width,
                                .values = rows[index].values,
                                .base = -5};
        uint64_t seven = rows[index].width == 0 ? 0 : 7;
        CU_ASSERT_EQUAL(column_raw(&column, 0), 0);
        CU_ASSERT_EQUAL(column_raw(&column, 1), seven);
        CU_ASSERT_EQUAL(column_raw(&column, 2), rows[index].largest);
        CU_ASSERT_EQUAL(column_integer(&column, 1), (int64_t)seven - 5);
        CU_ASSERT_EQUAL(column_width_for(rows[index].largest), rows[index].width);
        CU_ASSERT_EQUAL(column_bytes(&column, 3), 3 * (uint64_t)rows[index].width);
    }
}

static void width_grows_at_the_bounds(void)
{
    CU_ASSERT_EQUAL(column_width_for(1), 1);
    CU_ASSERT_EQUAL(column_width_for(256), 2);
    CU_ASSERT_EQUAL(column_width_for(65536), 4);
    CU_ASSERT_EQUAL(column_width_for(UINT64_C(1) << 32), 8);
}

static void whole_range_of_integers_is_held(void)
{
    struct column column = {.type = TYPE_INTEGER, .width = 8, .values = bytes8, .base = INT64_MIN};
    CU_ASSERT_EQUAL(column_integer(&column, 0), INT64_MIN);
    CU_ASSERT_EQUAL(column_integer(&column, 2), INT64_MAX);
}

static void floats_are_decimals_or_doubles(void)
{
    struct column decimal = {.type = TYPE_FLOAT,
                             .encoding = ENCODING_DECIMAL,
                             .width = 2,
                             .base = -7,
                             .divisor = 1000.0,
                             .values = bytes2};
    CU_ASSERT_EQUAL(column_float(&decimal, 0), -0.007);
    CU_ASSERT_EQUAL(column_float(&decimal, 1), 0.0);
    CU_ASSERT_EQUAL(column_float(&decimal, 2), 65.528);
    static const double values[] = {0.1, -1e300};
    struct column doubles = {
        .type = TYPE_FLOAT, .encoding = ENCODING_DOUBLE, .width = 8, .values = values};
    CU_ASSERT_EQUAL(column_float(&doubles, 0), 0.1);
    CU_ASSERT_EQUAL(column_float(&doubles, 1), -1e300);
    struct column integer = {.type = TYPE_INTEGER, .width = 1, .base = 1, .values = bytes1};
    CU_ASSERT_EQUAL(column_float(&integer, 1), 8.0);
}

static void nulls_are_bits_across_words(void)
{
    static const uint64_t bits[2] = {UINT64_C(1) << 63, 1};
    struct column column = {.type = TYPE_INTEGER, .null_bits = bits, .null_count = 2};
    for (uint64_t index = 0; index < 128; index++) {
        CU_ASSERT_EQUAL(column_is_null(&column, index), index == 63 || index == 64);
    }
    CU_ASSERT_EQUAL(column_bytes(&column, 65), 16);
    column.null_bits = NULL;
    CU_ASSERT_FALSE(column_is_null(&column, 63));
}

static void code_may_be_wider_than_its_partition_needs(void)
{
    char reason[256];
    struct column column = {.type = TYPE_TEXT, .width = 2, .values = (uint16_t[]){0, 7, 9}};
    CU_ASSERT_TRUE(column_validate(&column, 3, 300, "Proto", reason));
    CU_ASSERT_FALSE(column_validate(&column, 3, 9, "Proto", reason));
    column.type = TYPE_INTEGER;
    CU_ASSERT_FALSE(column_validate(&column, 3, 0, "Sport", reason));
    CU_ASSERT_STRING_EQUAL(reason, "column Sport: width is 2 where the largest raw is 9");
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(raws_are_read_in_every_width),
        CASE(width_grows_at_the_bounds),
        CASE(whole_range_of_integers_is_held),
        CASE(floats_are_decimals_or_doubles),
        CASE(nulls_are_bits_across_words),
        CASE(code_may_be_wider_than_its_partition_needs),
        CU_TEST_INFO_NULL,
    };
    return suite_run("column", NULL, NULL, cases);
}
