/* floor: value */
/* Functions, as tables: a name, its arguments, and what comes or the words of the error. */
#include "value/function.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/function_rows.h"
#include "tests/support/suite.h"

static void numbers(void)
{
    static const struct row rows[] = {
        {"abs", "-1", "1"},
        {"abs", "-1.5", "1.5"},
        {"abs", "null", "null"},
        {"abs", "-9223372036854775808", "! integer overflow: abs(-9223372036854775808)"},
        {"abs", "'1'", "! abs takes a number, not a text"},
        {"ceil", "1.2", "2.0"},
        {"ceil", "3", "3.0"},
        {"floor", "-1.2", "-2.0"},
        {"sign", "-17", "-1"},
        {"sign", "0.0", "0"},
        {"sign", "NaN", "0"},
        {"isNaN", "NaN", "true"},
        {"isNaN", "1", "false"},
        {"sqrt", "12.96", "3.6"},
        {"sqrt", "-1", "NaN"},
        {"exp", "0", "1.0"},
        {"log", "1", "0.0"},
        {"log", "0", "-Infinity"},
        {"log10", "1000", "3.0"},
        {"e", "", "2.718281828459045"},
        {"pi", "", "3.141592653589793"},
        {"sin", "0", "0.0"},
        {"cos", "0", "1.0"},
        {"tan", "0", "0.0"},
        {"cot", "0.0", "Infinity"},
        {"asin", "0", "0.0"},
        {"acos", "1", "0.0"},
        {"acos", "2", "NaN"},
        {"atan", "0", "0.0"},
        {"atan2", "0, 1", "0.0"},
        {"atan2", "null, 1", "null"},
        {"atan2", "0, 'a'", "! atan2 takes a number, not a text"},
        {"degrees", "0", "0.0"},
        {"radians", "180", "3.141592653589793"},
        {"haversin", "0", "0.0"},
        {"SQRT", "4", "2.0"},
    };
    CHECK_ROWS(rows);
}

static void rounding(void)
{
    static const struct row rows[] = {
        {"round", "1.5", "2.0"},
        {"round", "-1.5", "-1.0"},
        {"round", "0.49999999999999994", "0.0"},
        {"round", "9007199254740993.0", "9007199254740992.0"},
        {"round", "NaN", "NaN"},
        {"round", "Infinity, 2", "Infinity"},
        {"round", "7", "7.0"},
        {"round", "2.675, 2", "2.68"},
        {"round", "-2.675, 2", "-2.68"},
        {"round", "1.005, 2", "1.01"},
        {"round", "1.249, 1", "1.2"},
        {"round", "99.99, 1", "100.0"},
        {"round", "0.04, 1", "0.0"},
        {"round", "0.06, 1", "0.1"},
        {"round", "1234.5, -2", "1200.0"},
        {"round", "1250, -2", "1300.0"},
        {"round", "50, -2", "100.0"},
        {"round", "49, -2", "0.0"},
        {"round", "1.5, 400", "1.5"},
        {"round", "1.5, -9223372036854775808", "0.0"},
        {"round", "1.5, 9223372036854775807", "1.5"},
        {"round", "1.55, 1, 'UP'", "1.6"},
        {"round", "1.51, 1, 'up'", "1.6"},
        {"round", "-1.51, 1, 'UP'", "-1.6"},
        {"round", "1.59, 1, 'DOWN'", "1.5"},
        {"round", "-1.51, 1, 'CEILING'", "-1.5"},
        {"round", "1.51, 1, 'CEILING'", "1.6"},
        {"round", "-1.51, 1, 'FLOOR'", "-1.6"},
        {"round", "1.59, 1, 'FLOOR'", "1.5"},
        {"round", "1.25, 1, 'HALF_UP'", "1.3"},
        {"round", "1.25, 1, 'HALF_DOWN'", "1.2"},
        {"round", "1.251, 1, 'HALF_DOWN'", "1.3"},
        {"round", "1.25, 1, 'HALF_EVEN'", "1.2"},
        {"round", "1.35, 1, 'HALF_EVEN'", "1.4"},
        {"round", "0.5, 0, 'HALF_EVEN'", "0.0"},
        {"round", "0.001, 1, 'UP'", "0.1"},
        {"round", "0.0, 1, 'UP'", "0.0"},
        {"round", "1.5, null", "null"},
        {"round", "1.5, 1.0", "! round takes an integer as its number of places, not a float"},
        {"round", "1.5, 1, 'SIDEWAYS'", "! round knows UP, DOWN"},
    };
    CHECK_ROWS(rows);
}

static void texts(void)
{
    static const struct row rows[] = {
        {"left", "'hello', 3", "'hel'"},
        {"left", "'h\xc3\xa4ll', 2", "'h\xc3\xa4'"},
        {"left", "'hi', 9", "'hi'"},
        {"left", "'hi', 0", "''"},
        {"left", "null, 1", "null"},
        {"left", "'hi', null", "null"},
        {"left", "'hi', -1", "! left takes no negative number, as -1 is"},
        {"left", "[1], 1", "! left takes a text, not a list"},
        {"left", "'hi', 1.5", "! left takes a text and integers, not a float"},
        {"right", "'h\xc3\xa4ll\xc3\xb6', 2", "'l\xc3\xb6'"},
        {"right", "'hi', 5", "'hi'"},
        {"right", "'hi', 0", "''"},
        {"substring", "'0123456789', 1", "'123456789'"},
        {"substring", "'0123456789', 2, 3", "'234'"},
        {"substring", "'h\xc3\xa4ll', 1, 1", "'\xc3\xa4'"},
        {"substring", "'abc', 5", "''"},
        {"substring", "'abc', 1, 0", "''"},
        {"substring", "'abc', -1", "! substring takes no negative number"},
        {"replace", "'hello', 'l', 'w'", "'hewwo'"},
        {"replace", "'aaa', 'aa', 'b'", "'ba'"},
        {"replace", "'abc', '', 'x'", "'abc'"},
        {"replace", "'abc', 'd', 'x'", "'abc'"},
        {"replace", "'abc', 'abc', ''", "''"},
        {"replace", "'', 'a', 'b'", "''"},
        {"replace", "'abc', null, 'x'", "null"},
        {"split", "'one1two', '1'", "['one', 'two']"},
        {"split", "'a,b,,c', ','", "['a', 'b', '', 'c']"},
        {"split", "'', ','", "['']"},
        {"split", "',', ','", "['', '']"},
        {"split",
         "'\xc3\xa4"
         "bc', ''",
         "['\xc3\xa4', 'b', 'c']"},
        {"split", "'', ''", "['']"},
        {"split", "'a,b;c', [',', ';']", "['a', 'b', 'c']"},
        {"split", "'a, b', [', ', ',']", "['a', 'b']"},
        {"split", "'abc', []", "['abc']"},
        {"split", "'abc', 1", "! split takes a text, and a text or a list of texts as its "},
        {"split", "'abc', [1]", "! split takes"},
        {"split", "null, ','", "null"},
        {"trim", "'  a b \\n'", "'a b'"},
        {"trim", "'\xc2\xa0x\xe3\x80\x80'", "'x'"},
        {"trim", "'   '", "''"},
        {"lTrim", "'  a '", "'a '"},
        {"rTrim", "'  a '", "'  a'"},
        {"rTrim", "'\xc3\xa4'", "'\xc3\xa4'"},
        {"trim", "1", "! trim takes a text, not an integer"},
        {"toUpper", "'a\xc3\xa4z\xd0\xb6'", "'A\xc3\x84Z\xd0\x96'"},
        {"toLower", "'A\xc3\x84Z\xd0\x96'", "'a\xc3\xa4z\xd0\xb6'"},
        {"upper", "'a'", "'A'"},
        {"lower", "'A'", "'a'"},
        {"reverse", "'raksO'", "'Oskar'"},
        {"reverse", "'a\xc3\xa4'",
         "'\xc3\xa4"
         "a'"},
        {"size", "'h\xc3\xa4ll'", "4"},
        {"isEmpty", "''", "true"},
    };
    CHECK_ROWS(rows);
}

static void lists(void)
{
    static const struct row rows[] = {
        {"head", "[1, 2]", "1"},
        {"head", "[]", "null"},
        {"head", "1", "! head takes a list, not an integer"},
        {"last", "[1, 2]", "2"},
        {"last", "[]", "null"},
        {"tail", "[1, 2, 3]", "[2, 3]"},
        {"tail", "[]", "[]"},
        {"tail", "null", "null"},
        {"reverse", "[1, 'a', null]", "[null, 'a', 1]"},
        {"reverse", "[]", "[]"},
        {"reverse", "1", "! reverse takes a list or a text, not an integer"},
        {"size", "[1, null]", "2"},
        {"size", "{a: 1}", "1"},
        {"size", "null", "null"},
        {"size", "1", "! size takes a list, a map or a text, not an integer"},
        {"size", "P[0 5 1]", "! size takes a list, a map or a text, not a path"},
        {"isEmpty", "[]", "true"},
        {"isEmpty", "{a: 1}", "false"},
        {"keys", "{b: 1, a: null}", "['a', 'b']"},
        {"keys", "{}", "[]"},
        {"keys", "null", "null"},
        {"keys", "[1]", "! keys takes a map, a vertex or an edge, not a list"},
        {"coalesce", "null, null, 3, 4", "3"},
        {"coalesce", "null", "null"},
        {"range", "0, 4", "[0, 1, 2, 3, 4]"},
        {"range", "0, 0", "[0]"},
        {"range", "0, -1", "[]"},
        {"range", "0, 0, -1", "[0]"},
        {"range", "1381, -3412, -1298", "[1381, 83, -1215, -2513]"},
        {"range", "-10, 10, 3", "[-10, -7, -4, -1, 2, 5, 8]"},
        {"range", "0, 1, -123", "[]"},
        {"range", "9223372036854775806, 9223372036854775807",
         "[9223372036854775806, 9223372036854775807]"},
        {"range", "-9223372036854775808, 9223372036854775807, 9223372036854775807",
         "[-9223372036854775808, -1, 9223372036854775806]"},
        {"range", "9223372036854775807, -9223372036854775808, -9223372036854775808",
         "[9223372036854775807, -1]"},
        {"range", "0, 9223372036854775807", "! range(0, 9223372036854775807, 1) has more than"},
        {"range", "2, 8, 0", "! range takes a step other than 0"},
        {"range", "0, 1.0", "! range takes integers, not a float"},
        {"range", "true, 1, 1", "! range takes integers, not a boolean"},
        {"range", "0, null", "null"},
    };
    CHECK_ROWS(rows);
}

static void conversions(void)
{
    static const struct row rows[] = {
        {"toInteger", "82.9", "82"},
        {"toInteger", "-82.9", "-82"},
        {"toInteger", "'2.9'", "2"},
        {"toInteger", "' 42 '", "42"},
        {"toInteger", "'foo'", "null"},
        {"toInteger", "''", "null"},
        {"toInteger", "'9007199254740993'", "9007199254740993"},
        {"toInteger", "true", "1"},
        {"toInteger", "null", "null"},
        {"toInteger", "1e30", "! toInteger(1e30) is beyond 64 bits"},
        {"toInteger", "NaN", "! toInteger(NaN) is beyond 64 bits"},
        {"toInteger", "9223372036854775808.0", "! toInteger(9223372036854776000.0) is beyond"},
        {"toInteger", "'9223372036854775808'", "! toInteger('9223372036854775808') is beyond"},
        {"toInteger", "[]", "! toInteger takes a text, a number or a boolean, not a list"},
        {"toIntegerOrNull", "[]", "null"},
        {"toIntegerOrNull", "1e30", "null"},
        {"toIntegerOrNull", "'7'", "7"},
        {"toFloat", "3", "3.0"},
        {"toFloat", "'5'", "5.0"},
        {"toFloat", "'1e3'", "1000.0"},
        {"toFloat", "'NaN'", "NaN"},
        {"toFloat", "'-Infinity'", "-Infinity"},
        {"toFloat", "'foo'", "null"},
        {"toFloat", "true", "! toFloat takes a text or a number, not a boolean"},
        {"toFloatOrNull", "true", "null"},
        {"toBoolean", "'TRUE'", "true"},
        {"toBoolean", "' tru '", "null"},
        {"toBoolean", "'f alse'", "null"},
        {"toBoolean", "false", "false"},
        {"toBoolean", "2", "true"},
        {"toBoolean", "1.0", "! toBoolean takes a text, a boolean or an integer, not a float"},
        {"toBooleanOrNull", "1.0", "null"},
        {"toString", "42", "'42'"},
        {"toString", "2.3", "'2.3'"},
        {"toString", "true", "'true'"},
        {"toString", "'apa'", "'apa'"},
        {"toString", "D0", "'1970-01-01'"},
        {"toString", "null", "null"},
        {"toString", "[]", "! toString takes a number, a boolean, a text, or a date, time or "},
        {"toString", "v1", "! toString takes"},
        {"toStringOrNull", "{}", "null"},
        {"toIntegerList", "['1', 2.5, 'x', [], null]", "[1, 2, null, null, null]"},
        {"toFloatList", "['1', 2, true]", "[1.0, 2.0, null]"},
        {"toStringList", "[1, 'a', []]", "['1', 'a', null]"},
        {"toBooleanList", "['true', 0, 1.5]", "[true, false, null]"},
        {"toIntegerList", "1", "! toIntegerList takes a list, not an integer"},
        {"toStringList", "null", "null"},
    };
    CHECK_ROWS(rows);
}

static void random_numbers_are_below_one_and_differ(void)
{
    uint64_t random = 7;
    struct call call = {.pool = &pool, .random = &random};
    const struct function *function = function_find(&value_functions, bytes_of("RAND"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(function);
    CU_ASSERT_FALSE(function->is_constant);
    double sum = 0;
    double before = -1;
    for (uint32_t index = 0; index < 1000; index++) {
        struct value result;
        CU_ASSERT_EQUAL(function->call(&call, NULL, 0, &result), STATUS_OK);
        CU_ASSERT_TRUE(result.real >= 0 && result.real < 1 && result.real != before);
        before = result.real;
        sum += result.real;
    }
    CU_ASSERT_TRUE(sum > 450 && sum < 550);
}

static void unknown_names_are_not_found(void)
{
    CU_ASSERT_PTR_NULL(function_find(&value_functions, bytes_of("nosuch")));
    CU_ASSERT_PTR_NULL(function_find(&value_functions, bytes_of("")));
}

static void names_are_unique(void)
{
    for (uint32_t index = 0; index < value_functions.count; index++) {
        const struct function *function = &value_functions.functions[index];
        CU_ASSERT_PTR_EQUAL(function_find(&value_functions, bytes_of(function->name)), function);
        CU_ASSERT_TRUE(function->least <= function->most);
    }
}

/* Any function of any arguments gives a value, or an error with a text; none looks beyond. */
static void every_function_takes_every_kind(void)
{
    static const char *const kinds[] = {
        "null",   "true", "-1", "2.5",      "NaN", "'text'", "[1, 'a']", "[]",
        "{a: 1}", "v1",   "e1", "P[0 5 1]", "D1",  "''",     "0",
    };
    const uint32_t count = sizeof(kinds) / sizeof(kinds[0]);
    for (uint32_t index = 0; index < value_functions.count; index++) {
        const struct function *function = &value_functions.functions[index];
        uint32_t given = function->most < 3 ? function->most : 3;
        uint32_t choices = given == 0   ? 1
                           : given == 1 ? count
                           : given == 2 ? count * count
                                        : count * count * count;
        for (uint32_t choice = 0; choice < choices; choice++) {
            struct pool_mark mark = pool_mark(&pool);
            struct value arguments[3] = {literal_read(&pool, kinds[choice % count]),
                                         literal_read(&pool, kinds[choice / count % count]),
                                         literal_read(&pool, kinds[choice / count / count])};
            struct error error = {0};
            struct value result;
            enum status status = call_by_name(&pool, function->name,
                                              value_list_of(arguments, given), &result, &error);
            if (status != STATUS_OK && (status != STATUS_USAGE || error.text[0] == '\0')) {
                CU_FAIL("an error without a text");
            }
            pool_release(&pool, mark);
        }
    }
}

static void every_allocation_may_fail(void)
{
    static const char *const rows[][2] = {
        {"reverse", "'abc'"},       {"reverse", "[1, 2]"},
        {"range", "0, 10"},         {"replace", "'aba', 'a', 'xyz'"},
        {"split", "'a,b', ','"},    {"toUpper", "'abc'"},
        {"toStringList", "[1, 2]"}, {"keys", "{a: 1}"},
        {"toString", "1"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value arguments = literal_read_all(&pool, rows[row][1]);
        enum status status = STATUS_FAILED;
        uint64_t after = 0;
        while (status != STATUS_OK && after < 100) {
            struct pool own = {0};
            struct value result;
            struct error error = {0};
            memory_fault_set(++after);
            status = call_by_name(&own, rows[row][0], arguments, &result, &error);
            memory_fault_set(0);
            CU_ASSERT_EQUAL(error.status, status);
            pool_close(&own);
        }
        CU_ASSERT_TRUE(after > 1 && after < 100);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(numbers),
        CASE(rounding),
        CASE(texts),
        CASE(lists),
        CASE(conversions),
        CASE(random_numbers_are_below_one_and_differ),
        CASE(unknown_names_are_not_found),
        CASE(names_are_unique),
        CASE(every_function_takes_every_kind),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_function", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
