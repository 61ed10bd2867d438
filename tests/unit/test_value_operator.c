/* floor: value */
/* Operators, as tables: operands, and what they make or the words of the error. */
#include "value/operator.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/value_literals.h"

static struct pool pool;

typedef enum status operation(struct value left, struct value right, struct pool *made,
                              struct value *result, struct error *error);

struct row {
    const char *left;
    const char *right;
    const char *expected; /* a literal, or "! " and the beginning of an error */
};

static void expect(const char *what, const char *expected, enum status status, struct value result,
                   const struct error *error)
{
    const char *got = status == STATUS_OK ? literal_write(&pool, result) : error->text;
    bool is_error = strncmp(expected, "! ", 2) == 0;
    bool is_same =
        is_error ? status != STATUS_OK && strncmp(got, expected + 2, strlen(expected) - 2) == 0
                 : status == STATUS_OK && strcmp(got, expected) == 0;
    if (!is_same) {
        printf("\n%s: %s, not %s\n", what, got, expected);
    }
    CU_ASSERT_TRUE(is_same);
}

static void check_rows(const char *sign, operation *operate, const struct row *rows, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        char what[200];
        struct pool_mark mark = pool_mark(&pool);
        struct error error = {0};
        struct value result;
        enum status status = operate(literal_read(&pool, rows[row].left),
                                     literal_read(&pool, rows[row].right), &pool, &result, &error);
        snprintf(what, sizeof(what), "%s %s %s", rows[row].left, sign, rows[row].right);
        expect(what, rows[row].expected, status, result, &error);
        pool_release(&pool, mark);
    }
}

#define CHECK_ROWS(sign, operate, rows) \
    check_rows(sign, operate, rows, sizeof(rows) / sizeof((rows)[0]))

static void addition(void)
{
    static const struct row rows[] = {
        {"1", "2", "3"},
        {"1", "2.5", "3.5"},
        {"9223372036854775807", "1", "! integer overflow: 9223372036854775807 + 1 "},
        {"-9223372036854775808", "-1", "! integer overflow"},
        {"null", "1", "null"},
        {"[1]", "null", "null"},
        {"'a'", "'b'", "'ab'"},
        {"'a'", "1", "'a1'"},
        {"1.5", "'a'", "'1.5a'"},
        {"'a'", "true", "'atrue'"},
        {"'on '", "D0", "'on 1970-01-01'"},
        {"[1, 10]", "[4, 5]", "[1, 10, 4, 5]"},
        {"[false]", "true", "[false, true]"},
        {"0", "[1]", "[0, 1]"},
        {"[]", "[]", "[]"},
        {"[1]", "{a: 1}", "[1, {a: 1}]"},
        {"{a: 1}", "1",
         "! + takes numbers, texts, lists, or dates and times with durations, not "
         "a map and an integer"},
        {"'a'", "{a: 1}", "! + takes"},
        {"true", "true", "! + takes"},
        {"D0", "1", "! + takes"},
    };
    CHECK_ROWS("+", value_add, rows);
}

static void subtraction(void)
{
    static const struct row rows[] = {
        {"1", "2", "-1"},
        {"1.0", "2", "-1.0"},
        {"-9223372036854775808", "1", "! integer overflow"},
        {"null", "'a'", "null"},
        {"'a'", "'b'", "! - takes numbers, or dates, times and durations, not a text and a text"},
        {"[1]", "1", "! - takes"},
    };
    CHECK_ROWS("-", value_subtract, rows);
}

static void multiplication(void)
{
    static const struct row rows[] = {
        {"3", "-4", "-12"},
        {"3", "0.5", "1.5"},
        {"4611686018427387904", "2", "! integer overflow"},
        {"1", "null", "null"},
        {"'a'", "2", "! * takes numbers, or a duration and a number, not a text and an integer"},
    };
    CHECK_ROWS("*", value_multiply, rows);
}

static void division(void)
{
    static const struct row rows[] = {
        {"7", "2", "3"},          {"-7", "2", "-3"},
        {"7", "2.0", "3.5"},      {"1", "0", "! division by zero: 1 / 0"},
        {"1.0", "0", "Infinity"}, {"-1", "0.0", "-Infinity"},
        {"0.0", "0.0", "NaN"},    {"-9223372036854775808", "-1", "! integer overflow"},
        {"null", "0", "null"},    {"true", "1", "! / takes"},
    };
    CHECK_ROWS("/", value_divide, rows);
}

static void remainder_(void)
{
    static const struct row rows[] = {
        {"7", "3", "1"},
        {"-7", "3", "-1"},
        {"7", "-3", "1"},
        {"7.5", "2", "1.5"},
        {"1", "0", "! division by zero: 1 % 0"},
        {"1", "0.0", "NaN"},
        {"-9223372036854775808", "-1", "0"},
        {"null", "0", "null"},
        {"'a'", "1", "! % takes numbers, not a text and an integer"},
    };
    CHECK_ROWS("%", value_remainder, rows);
}

static void power_is_a_float(void)
{
    static const struct row rows[] = {
        {"4", "3", "64.0"},   {"2", "-1", "0.5"},    {"-3", "2", "9.0"},
        {"-1", "0.5", "NaN"}, {"null", "2", "null"}, {"'a'", "2", "! ^ takes numbers, not"},
    };
    CHECK_ROWS("^", value_power, rows);
}

static enum status negate(struct value left, struct value right, struct pool *made,
                          struct value *result, struct error *error)
{
    (void)right;
    return value_negate(left, made, result, error);
}

static void negation(void)
{
    static const struct row rows[] = {
        {"1", "null", "-1"},
        {"-1.5", "null", "1.5"},
        {"null", "null", "null"},
        {"-9223372036854775808", "null", "! integer overflow"},
        {"'a'", "null", "! - takes a number or a duration, not a text"},
    };
    CHECK_ROWS("negated", negate, rows);
}

static enum status index_of(struct value left, struct value right, struct pool *made,
                            struct value *result, struct error *error)
{
    (void)made;
    return value_index(left, right, result, error);
}

static void indexing(void)
{
    static const struct row rows[] = {
        {"[1, 2, 3]", "0", "1"},
        {"[1, 2, 3]", "-1", "3"},
        {"[1, 2, 3]", "3", "null"},
        {"[1, 2, 3]", "-4", "null"},
        {"[]", "0", "null"},
        {"[1]", "9223372036854775807", "null"},
        {"[1]", "-9223372036854775808", "null"},
        {"null", "0", "null"},
        {"[1]", "null", "null"},
        {"{name: 'Mats', Name: 'Pontus'}", "'name'", "'Mats'"},
        {"{name: 'Mats', Name: 'Pontus'}", "'nAMe'", "null"},
        {"{name: 'Mats'}", "null", "null"},
        {"{name: 'Mats'}", "0", "! the key of a map is a text, not an integer"},
        {"[1]", "1.0", "! the index of a list is an integer, not a float"},
        {"[1]", "'1'", "! the index of a list is an integer, not a text"},
        {"'1'", "0", "! [] takes from a list or a map, not from a text"},
        {"1", "null", "! [] takes from a list or a map, not from an integer"},
    };
    CHECK_ROWS("at", index_of, rows);
}

/* `right` is [from, to]; the text 'none' is no bound. */
static enum status slice(struct value left, struct value right, struct pool *made,
                         struct value *result, struct error *error)
{
    (void)made;
    return value_slice(left, right.items[0].kind != VALUE_TEXT, right.items[0],
                       right.items[1].kind != VALUE_TEXT, right.items[1], result, error);
}

static void slicing(void)
{
    static const struct row rows[] = {
        {"[1, 2, 3, 4, 5]", "[1, 3]", "[2, 3]"},
        {"[1, 2, 3]", "[1, 'none']", "[2, 3]"},
        {"[1, 2, 3]", "['none', 2]", "[1, 2]"},
        {"[1, 2, 3]", "[0, 1]", "[1]"},
        {"[1, 2, 3]", "[0, 0]", "[]"},
        {"[1, 2, 3]", "[-3, -1]", "[1, 2]"},
        {"[1, 2, 3]", "[3, 1]", "[]"},
        {"[1, 2, 3]", "[-5, 5]", "[1, 2, 3]"},
        {"[1, 2, 3]", "[null, 2]", "null"},
        {"[1, 2, 3]", "['none', null]", "null"},
        {"null", "[1, 2]", "null"},
        {"[]", "[0, 1]", "[]"},
        {"[1]", "[1.0, 2]", "! the bounds of [..] are integers, not a float"},
        {"'abc'", "[0, 1]", "! [..] takes from a list, not from a text"},
    };
    CHECK_ROWS("slice", slice, rows);
}

static void texts_in_texts(void)
{
    static const struct {
        const char *left;
        const char *right;
        const char *expected; /* starts with, ends with, contains */
    } rows[] = {
        {"'ABCDEF'", "'AB'", "[true, false, true]"},  {"'ABCDEF'", "'EF'", "[false, true, true]"},
        {"'ABCDEF'", "'CD'", "[false, false, true]"}, {"'ABCDEF'", "''", "[true, true, true]"},
        {"''", "''", "[true, true, true]"},           {"''", "'A'", "[false, false, false]"},
        {"'A'", "'AB'", "[false, false, false]"},     {"null", "'A'", "[null, null, null]"},
        {"'A'", "null", "[null, null, null]"},        {"1", "1", "[null, null, null]"},
        {"['A']", "'A'", "[null, null, null]"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value left = literal_read(&pool, rows[row].left);
        struct value right = literal_read(&pool, rows[row].right);
        struct value results[] = {value_starts_with(left, right), value_ends_with(left, right),
                                  value_contains(left, right)};
        CU_ASSERT_STRING_EQUAL(literal_write(&pool, value_list_of(results, 3)), rows[row].expected);
    }
}

static void components_are_of_dates_and_times(void)
{
    struct value result;
    struct error error = {0};
    CU_ASSERT_EQUAL(
        value_component(literal_read(&pool, "D0"), bytes_of("year"), &pool, &result, &error),
        STATUS_OK);
    CU_ASSERT_EQUAL(result.integer, 1970);
    CU_ASSERT_EQUAL(value_component(value_null(), bytes_of("year"), &pool, &result, &error),
                    STATUS_OK);
    CU_ASSERT_TRUE(value_is_null(result));
    CU_ASSERT_EQUAL(value_component(value_integer(1), bytes_of("year"), &pool, &result, &error),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(error.text, "there is no '.year' of an integer");
}

static void every_allocation_may_fail(void)
{
    static const char *const rows[][2] = {{"'a'", "'b'"}, {"[1]", "[2]"}, {"1", "'x'"}};
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value left = literal_read(&pool, rows[row][0]);
        struct value right = literal_read(&pool, rows[row][1]);
        enum status status = STATUS_FAILED;
        uint64_t after = 0;
        while (status != STATUS_OK && after < 100) {
            struct pool own = {0};
            struct value result;
            struct error error = {0};
            memory_fault_set(++after);
            status = value_add(left, right, &own, &result, &error);
            memory_fault_set(0);
            CU_ASSERT_TRUE(status == STATUS_OK || status == STATUS_FAILED);
            CU_ASSERT_EQUAL(error.status, status);
            pool_close(&own);
        }
        CU_ASSERT_TRUE(after > 1 && after < 100);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(addition),
        CASE(subtraction),
        CASE(multiplication),
        CASE(division),
        CASE(remainder_),
        CASE(power_is_a_float),
        CASE(negation),
        CASE(indexing),
        CASE(slicing),
        CASE(texts_in_texts),
        CASE(components_are_of_dates_and_times),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_operator", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
