/* floor: loader */
#include "loader/field.h"

#include <math.h>

#include "tests/support/suite.h"

enum { ROWS_MAX = 64, TEXT_BYTES = 4096 };

/* Rows of one field each, as a block would hold them. */
struct fixture {
    char text[FIELD_PADDING + TEXT_BYTES];
    uint32_t ends[2 * ROWS_MAX];
    struct row rows[ROWS_MAX];
    int64_t values[ROWS_MAX];
    uint32_t nulls[ROWS_MAX];
    uint32_t failed[ROWS_MAX];
    struct wide wide;
    struct field_run run;
};

static void fixture_fill(struct fixture *fixture, const char *const *fields, uint32_t count)
{
    *fixture = (struct fixture){.run = {.rows = fixture->rows, .count = count}};
    fixture->wide.values = fixture->values;
    fixture->wide.nulls = fixture->nulls;
    char *base = fixture->text + FIELD_PADDING;
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = strlen(fields[i]);
        fixture->ends[2 * i] = at - 1;
        memcpy(base + at, fields[i], size);
        at += (uint32_t)size;
        fixture->ends[2 * i + 1] = at;
        /* A digit between fields, so that reading too far shows. */
        base[at++] = '7';
        fixture->rows[i] = (struct row){base, &fixture->ends[2 * i + 1], i, false};
    }
}

static bool is_null(const struct wide *wide, uint32_t row)
{
    for (uint32_t i = 0; i < wide->null_count; i++) {
        if (wide->nulls[i] == row) {
            return true;
        }
    }
    return false;
}

static void integers_are_read_nulls_listed_and_others_failed(void)
{
    static const struct {
        const char *text;
        int64_t value;
        bool is_null;
        bool is_failed;
    } rows[] = {
        {"0", 0, false, false},
        {"", 0, true, false},
        {"7", 7, false, false},
        {"12345678", 12345678, false, false},
        {"123456789", 123456789, false, false},
        {"00000042", 42, false, false},
        {"9223372036854775807", INT64_MAX, false, false},
        {"-9223372036854775808", INT64_MIN, false, false},
        {"-5", -5, false, false},
        {" 80 ", 80, false, false},
        {"   ", 0, true, false},
        {"12a", 0, false, true},
        {":", 0, false, true},
        {"/", 0, false, true},
        {"1.5", 0, false, true},
        {"0x10", 0, false, true},
        {"\xb1", 0, false, true},
        {"9223372036854775808", 0, false, true},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    static struct fixture fixture;
    const char *fields[ROWS];
    for (uint32_t i = 0; i < ROWS; i++) {
        fields[i] = rows[i].text;
    }
    fixture_fill(&fixture, fields, ROWS);
    uint32_t failed_count = field_read_integers(&fixture.run, &fixture.wide, fixture.failed);
    uint32_t failed = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        bool has_failed = failed < failed_count && fixture.failed[failed] == i;
        CU_ASSERT_EQUAL(has_failed, rows[i].is_failed);
        CU_ASSERT_EQUAL(is_null(&fixture.wide, i), rows[i].is_null);
        CU_ASSERT_TRUE(has_failed || fixture.values[i] == rows[i].value);
        failed += has_failed;
    }
    CU_ASSERT_EQUAL(failed, failed_count);
}

static void hexadecimal_needs_leave_and_prefix(void)
{
    static const char *const fields[] = {"0x0303", "0X1f", "0303", "ff", "0x"};
    static const int64_t values[] = {0x303, 0x1f, 303};
    static struct fixture fixture;
    fixture_fill(&fixture, fields, 5);
    fixture.run.reading = READ_ANY_BASE;
    CU_ASSERT_EQUAL(field_read_integers(&fixture.run, &fixture.wide, fixture.failed), 2);
    CU_ASSERT_EQUAL(memcmp(fixture.values, values, sizeof values), 0);
    CU_ASSERT_EQUAL(fixture.failed[0], 3);
    CU_ASSERT_EQUAL(fixture.failed[1], 4);
}

static void decimals_of_several_scales_share_the_largest(void)
{
    static const char *const fields[] = {"12", "", "0.5", "3599.986572", "0.000588", "-1.25", "7."};
    static const int64_t mantissas[] = {12000000, 0, 500000, 3599986572, 588, -1250000, 0};
    static struct fixture fixture;
    fixture_fill(&fixture, fields, 7);
    uint32_t failed_count = field_read_floats(&fixture.run, &fixture.wide, fixture.failed);
    double last = failed_count == 0 ? 7 : 0;
    CU_ASSERT_FALSE(fixture.wide.is_double);
    CU_ASSERT_EQUAL(fixture.wide.scale, 6);
    CU_ASSERT_EQUAL(fixture.wide.null_count, 1);
    CU_ASSERT_EQUAL(memcmp(fixture.values, mantissas, 6 * sizeof *mantissas), 0);
    CU_ASSERT_EQUAL((double)fixture.values[6], last * 1e6);
}

static double real_at(const struct fixture *fixture, uint32_t row)
{
    double value;
    memcpy(&value, &fixture->values[row], sizeof value);
    return value;
}

static void what_no_decimal_holds_turns_all_into_doubles(void)
{
    static const char *const cases[][3] = {
        {"0.25", "", "1e-5"},
        {"0.25", "", "0.1234567890123456789"},
        {"0.25", "", "12345678901234567890.5"},
        {"0.25", "", "9007199254740993"},
        {"0.25", "", "90071992547409.123"},
    };
    static const double expected[] = {1e-5, 0.1234567890123456789, 12345678901234567890.5,
                                      9007199254740993.0, 90071992547409.123};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct fixture fixture;
        fixture_fill(&fixture, cases[i], 3);
        CU_ASSERT_EQUAL(field_read_floats(&fixture.run, &fixture.wide, fixture.failed), 0);
        double last = fixture.wide.is_double
                          ? real_at(&fixture, 2)
                          : (double)fixture.values[2] / pow(10, fixture.wide.scale);
        double first = fixture.wide.is_double
                           ? real_at(&fixture, 0)
                           : (double)fixture.values[0] / pow(10, fixture.wide.scale);
        CU_ASSERT_EQUAL(last, expected[i]);
        CU_ASSERT_EQUAL(first, 0.25);
        CU_ASSERT_TRUE(is_null(&fixture.wide, 1));
    }
}

static void what_is_no_float_fails(void)
{
    static const char *const fields[] = {"1.000000", "x", "nan", "inf", "1.2.3", ".", "1.00000a"};
    static struct fixture fixture;
    fixture_fill(&fixture, fields, 7);
    CU_ASSERT_EQUAL(field_read_floats(&fixture.run, &fixture.wide, fixture.failed), 6);
    CU_ASSERT_EQUAL(fixture.values[0], 1000000);
    CU_ASSERT_EQUAL(fixture.failed[0], 1);
}

static void times_are_read_and_others_failed(void)
{
    static const char *const fields[] = {"2011/08/16 10:01:46.972101", "", "2011/02/30 10:00:00",
                                         " 2011/08/16 10:01:47 ", "now"};
    static struct fixture fixture;
    struct time_cache cache = {0};
    fixture_fill(&fixture, fields, 5);
    CU_ASSERT_EQUAL(field_read_times(&fixture.run, &fixture.wide, &cache, fixture.failed), 2);
    CU_ASSERT_EQUAL(fixture.values[0], INT64_C(1313488906972101000));
    CU_ASSERT_EQUAL(fixture.values[3], INT64_C(1313488907000000000));
    CU_ASSERT_EQUAL(fixture.failed[0], 2);
    CU_ASSERT_EQUAL(fixture.failed[1], 4);
    CU_ASSERT_EQUAL(fixture.wide.null_count, 1);
}

static void carriage_return_ends_the_last_column_only(void)
{
    static const char *const fields[] = {"5\r", "\r"};
    static struct fixture fixture;
    fixture_fill(&fixture, fields, 2);
    CU_ASSERT_EQUAL(field_at(&fixture.rows[0], 0, false).size, 2);
    fixture.run.is_last = true;
    CU_ASSERT_EQUAL(field_read_integers(&fixture.run, &fixture.wide, fixture.failed), 0);
    CU_ASSERT_EQUAL(fixture.values[0], 5);
    CU_ASSERT_TRUE(is_null(&fixture.wide, 1));
}

static void blank_fields_are_empty(void)
{
    static const char *const fields[] = {"a", "", " a", "  ", "\t"};
    static struct fixture fixture;
    fixture_fill(&fixture, fields, 5);
    CU_ASSERT_EQUAL(field_find_nulls(&fixture.run, fixture.failed), 3);
    CU_ASSERT_EQUAL(fixture.failed[0], 1);
    CU_ASSERT_EQUAL(fixture.failed[2], 4);
}

static void null_texts_are_null_in_every_type(void)
{
    static const char *const fields[] = {"-", " - ", "(empty)", ""};
    static struct fixture fixture;
    for (int type = 0; type < 4; type++) {
        fixture_fill(&fixture, fields, 4);
        fixture.run.nulls = (struct null_texts){{bytes_of("-"), bytes_of("(empty)")}, 2};
        uint32_t failed_count = 0;
        if (type == 0) {
            failed_count = field_read_integers(&fixture.run, &fixture.wide, fixture.failed);
        } else if (type == 1) {
            failed_count = field_read_floats(&fixture.run, &fixture.wide, fixture.failed);
        } else {
            struct time_cache cache = {0};
            fixture.run.reading = type == 2 ? READ_PLAIN : READ_SECONDS;
            failed_count = field_read_times(&fixture.run, &fixture.wide, &cache, fixture.failed);
        }
        CU_ASSERT_EQUAL(failed_count, 0);
        CU_ASSERT_EQUAL(fixture.wide.null_count, 4);
    }
    /* Only texts of one byte are looked at as addresses. */
    CU_ASSERT_EQUAL(field_find_nulls(&fixture.run, fixture.failed), 3);
}

static void seconds_are_exact_to_the_nanosecond(void)
{
    static const char *const fields[] = {
        "1655071198.444458", "0", "1289241911.72836", "1.5e3", "x", "165507119x.444458",
        "9999999999.000000"};
    static const int64_t values[] = {INT64_C(1655071198444458000), 0, INT64_C(1289241911728360000),
                                     INT64_C(1500000000000)};
    static struct fixture fixture;
    struct time_cache cache = {0};
    fixture_fill(&fixture, fields, 7);
    fixture.run.reading = READ_SECONDS;
    CU_ASSERT_EQUAL(field_read_times(&fixture.run, &fixture.wide, &cache, fixture.failed), 3);
    CU_ASSERT_EQUAL(memcmp(fixture.values, values, sizeof values), 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(integers_are_read_nulls_listed_and_others_failed),
        CASE(hexadecimal_needs_leave_and_prefix),
        CASE(null_texts_are_null_in_every_type),
        CASE(seconds_are_exact_to_the_nanosecond),
        CASE(decimals_of_several_scales_share_the_largest),
        CASE(what_no_decimal_holds_turns_all_into_doubles),
        CASE(what_is_no_float_fails),
        CASE(times_are_read_and_others_failed),
        CASE(carriage_return_ends_the_last_column_only),
        CASE(blank_fields_are_empty),
        CU_TEST_INFO_NULL,
    };
    return suite_run("field", NULL, NULL, cases);
}
