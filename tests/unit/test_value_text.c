/* floor: value */
/* Values as text: literals, bare texts, JSON; and floats as decimal digits. */
#include "value/text.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "tests/support/suite.h"
#include "tests/support/value_literals.h"
#include "value/float_text.h"
#include "value/text_buffer.h"

static struct pool pool;

static const char *text_of(struct value text)
{
    char *copy = pool_allocate(&pool, (size_t)text.count + 1, 1, NULL);
    CHECK(copy != NULL);
    memcpy(copy, text.text, text.count);
    copy[text.count] = '\0';
    return copy;
}

static void each_form(void)
{
    static const struct {
        const char *value;
        const char *literal;
        const char *text;
        const char *json;
    } rows[] = {
        {"null", "null", "null", "null"},
        {"true", "true", "true", "true"},
        {"-42", "-42", "-42", "-42"},
        {"1.5", "1.5", "1.5", "1.5"},
        {"NaN", "NaN", "NaN", "null"},
        {"-Infinity", "-Infinity", "-Infinity", "null"},
        {"'abc'", "'abc'", "abc", "\"abc\""},
        {"'it\\'s'", "'it\\'s'", "it's", "\"it's\""},
        {"'a\"b'", "'a\"b'", "a\"b", "\"a\\\"b\""},
        {"'a\\\\b'", "'a\\\\b'", "a\\b", "\"a\\\\b\""},
        {"'a\\nb'", "'a\\nb'", "a\nb", "\"a\\nb\""},
        {"'\x01\t'", "'\\u0001\\t'", "\x01\t", "\"\\u0001\\t\""},
        {"'\xc3\xa4'", "'\xc3\xa4'", "\xc3\xa4", "\"\xc3\xa4\""},
        {"'\xff'", "'\xef\xbf\xbd'", "\xff", "\"\xef\xbf\xbd\""},
        {"[]", "[]", "[]", "[]"},
        {"[1, [null]]", "[1, [null]]", "[1, [null]]", "[1, [null]]"},
        {"{}", "{}", "{}", "{}"},
        {"{b: 'x', a: 1}", "{a: 1, b: 'x'}", "{a: 1, b: 'x'}", "{\"a\": 1, \"b\": \"x\"}"},
        {"{a: 1, a: 2}", "{a: 2}", "{a: 2}", "{\"a\": 2}"},
        {"{a b: 1, 1c: 2, d`: 3}", "{`1c`: 2, `a b`: 1, `d```: 3}", "{`1c`: 2, `a b`: 1, `d```: 3}",
         "{\"1c\": 2, \"a b\": 1, \"d`\": 3}"},
        {"D0", "'1970-01-01'", "1970-01-01", "\"1970-01-01\""},
        {"[D0]", "['1970-01-01']", "['1970-01-01']", "[\"1970-01-01\"]"},
        {"v7", "(#7)", "(#7)", "\"(#7)\""},
        {"e7", "[#7]", "[#7]", "\"[#7]\""},
        {"P[0 5 1]", "<path of 1 edges>", "<path of 1 edges>", "\"<path of 1 edges>\""},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value value = literal_read(&pool, rows[row].value);
        struct value text;
        CU_ASSERT_EQUAL(value_to_literal(value, NULL, &pool, &text, NULL), STATUS_OK);
        CU_ASSERT_STRING_EQUAL(text_of(text), rows[row].literal);
        CU_ASSERT_EQUAL(value_to_text(value, NULL, &pool, &text, NULL), STATUS_OK);
        CU_ASSERT_STRING_EQUAL(text_of(text), rows[row].text);
        CU_ASSERT_EQUAL(value_to_json(value, NULL, &pool, &text, NULL), STATUS_OK);
        CU_ASSERT_STRING_EQUAL(text_of(text), rows[row].json);
    }
}

static enum status name_of(void *context, struct value entity, struct pool *made,
                           struct value *text, struct error *error)
{
    ++*(int *)context;
    return pool_copy_text(made, bytes_of(entity.kind == VALUE_VERTEX ? "(a \"b\")" : "[e]"), text,
                          error);
}

static void entities_are_named_by_whoever_knows_them(void)
{
    int calls = 0;
    const struct value_naming naming = {name_of, &calls, false, false};
    struct value text;
    struct value value = literal_read(&pool, "[v1, e2]");
    CU_ASSERT_EQUAL(value_to_literal(value, &naming, &pool, &text, NULL), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(text_of(text), "[(a \"b\"), [e]]");
    CU_ASSERT_EQUAL(value_to_json(value, &naming, &pool, &text, NULL), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(text_of(text), "[\"(a \\\"b\\\")\", \"[e]\"]");
    CU_ASSERT_EQUAL(calls, 4);
}

static void floats_are_written_as_a_query_writes_them(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0.0, "0.0"},
        {-0.0, "0.0"},
        {1, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {3985764.3405892687, "3985764.3405892686"},
        {1e9, "1000000000.0"},
        {1e-5, "0.00001"},
        {1e-6, "0.000001"},
        {1.5e-6, "0.0000015"},
        {1e-7, "1e-7"},
        {1.25e-7, "1.25e-7"},
        {1e20, "100000000000000000000.0"},
        {123456789012345678901.0, "123456789012345680000.0"},
        {1e21, "1e21"},
        {1e308, "1e308"},
        {1.23456789e308, "1.23456789e308"},
        {1.2635418652381264e305, "1.2635418652381264e305"},
        {-1e-305, "-1e-305"},
        {5e-324, "5e-324"},
        {INFINITY, "Infinity"},
        {-INFINITY, "-Infinity"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        char text[FLOAT_TEXT_BYTES];
        uint32_t length = float_text(rows[row].value, text);
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
        CU_ASSERT_EQUAL(length, strlen(text));
    }
}

static void floats_read_back(void)
{
    uint64_t bits = 20261122;
    for (uint32_t index = 0; index < 20000; index++) {
        double value;
        double back;
        char text[FLOAT_TEXT_BYTES];
        bits += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t random = hash_mix(bits);
        memcpy(&value, &random, sizeof(value));
        value = index % 2 == 0 ? value : (double)(int64_t)random / 1024;
        if (isfinite(value)) {
            struct float_digits digits;
            uint32_t length = float_text(value, text);
            CU_ASSERT_TRUE(length < FLOAT_TEXT_BYTES);
            CU_ASSERT_TRUE(float_parse(bytes_view(text, length), &back) && back == value);
            float_digits_init(&digits, value);
            CU_ASSERT_EQUAL(float_digits_value(&digits), value);
        }
    }
}

static void values_that_lie_too_deep_are_refused(void)
{
    struct value *nests = pool_allocate(&pool, VALUE_DEPTH_MAX + 1, sizeof(*nests), NULL);
    struct value deep = value_list_of(NULL, 0);
    for (uint32_t index = 0; index <= VALUE_DEPTH_MAX; index++) {
        struct error error = {0};
        struct value text;
        enum status expected = index < VALUE_DEPTH_MAX ? STATUS_OK : STATUS_LIMIT;
        if (index + 2 >= VALUE_DEPTH_MAX) {
            CU_ASSERT_EQUAL(value_to_json(deep, NULL, &pool, &text, &error), expected);
            CU_ASSERT_EQUAL(error.status, expected);
        }
        nests[index] = deep;
        deep = value_list_of(&nests[index], 1);
    }
}

static void buffer_takes_what_comes(void)
{
    struct value text;
    struct text_buffer buffer = {.pool = &pool};
    CU_ASSERT_EQUAL(text_buffer_finish(&buffer, &text), STATUS_OK);
    CU_ASSERT_EQUAL(text.count, 0);
    for (uint32_t index = 0; index < 1000; index++) {
        text_buffer_add_code_point(&buffer, index % 2 == 0 ? 'a' : 0x1f9d0);
        text_buffer_add_text(&buffer, "");
    }
    text_buffer_reserve(&buffer, 10);
    text_buffer_add_byte(&buffer, 'z');
    CU_ASSERT_EQUAL(text_buffer_finish(&buffer, &text), STATUS_OK);
    CU_ASSERT_EQUAL(text.count, 2501);
    CU_ASSERT_EQUAL(memcmp(text.text + 2495, "\xf0\x9f\xa7\x90z", 5) == 0, false);
    CU_ASSERT_EQUAL(memcmp(text.text + 2496, "\xf0\x9f\xa7\x90z", 5), 0);
}

static void every_allocation_may_fail(void)
{
    struct value value = literal_read(&pool, "[{a: 'a text that needs some room', b: [v1, D0]}]");
    enum status status = STATUS_FAILED;
    uint64_t after = 0;
    while (status != STATUS_OK && after < 100) {
        struct pool own = {0};
        struct value text;
        struct error error = {0};
        memory_fault_set(++after);
        status = value_to_literal(value, NULL, &own, &text, &error);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(error.status, status);
        pool_close(&own);
    }
    CU_ASSERT_TRUE(after > 1 && after < 100);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(each_form),
        CASE(entities_are_named_by_whoever_knows_them),
        CASE(floats_are_written_as_a_query_writes_them),
        CASE(floats_read_back),
        CASE(values_that_lie_too_deep_are_refused),
        CASE(buffer_takes_what_comes),
        CASE(every_allocation_may_fail),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_text", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
