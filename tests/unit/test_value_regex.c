/* floor: value */
/* Regular expressions: tables, and random ones against those of the C library. */
#include "value/regex.h"

#include <regex.h>
#include <stdio.h>

#include "tests/support/suite.h"
#include "tests/support/value_literals.h"
#include "value/operator.h"

static struct regex compiled;

static const struct {
    const char *expression;
    const char *text;
    bool matches;
} matching[] = {
    {"", "", true},
    {"", "a", false},
    {"abc", "abc", true},
    {"abc", "abcd", false},
    {"abc", "xabc", false},
    {".*b.*", "abc", true},
    {"a|bc", "bc", true},
    {"a|bc", "ac", false},
    {"|a", "", true},
    {"a|", "a", true},
    {"a||b", "", true},
    {"(a|b)c", "bc", true},
    {"(a|b|cd)*", "abcdcdba", true},
    {"(?:ab)+", "abab", true},
    {"(?:ab)+", "", false},
    {"a*", "", true},
    {"(a*)*", "aaa", true},
    {"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
    {"(a|a)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
    {"()*", "", true},
    {"a?", "a", true},
    {"a{3}", "aaa", true},
    {"a{3}", "aa", false},
    {"a{2,}", "aaaaa", true},
    {"a{2,}", "a", false},
    {"a{1,3}", "aaaa", false},
    {"a{0,2}", "", true},
    {"a{0}b", "b", true},
    {"(ab){2,3}", "ababab", true},
    {"(a|bc){2}d", "abcd", true},
    {"a+?b*?", "aab", true},
    {"[abc]+", "cab", true},
    {"[^abc]+", "xyz", true},
    {"[^abc]", "a", false},
    {"[a-c]+", "abcd", false},
    {"[]a]+", "]a]", true},
    {"[^]]", "]", false},
    {"[a-]+", "a-a", true},
    {"[[:digit:]]+", "0123", true},
    {"[[:alpha:]_]+", "a_Z", true},
    {"[[:space:]]", "\t", true},
    {"\\d+\\.\\d+", "12.5", true},
    {"\\w+", "a_9", true},
    {"\\w+", "a-9", false},
    {"\\D\\W\\S", "a-x", true},
    {"[\\d.]+", "1.2", true},
    {"[^\\d]+", "abc", true},
    {"[\\D]+", "ab1", false},
    {"[\\D]+", "ab\xc3\xa4", true},
    {"a\\sb", "a b", true},
    {"\\.", "x", false},
    {"\\\\", "\\", true},
    {"a\\nb", "a\nb", true},
    {".", "\n", false},
    {"(?s).", "\n", true},
    {"(?i)AbC", "aBc", true},
    {"(?i)[a-c]+", "ABC", true},
    {"(?i)\xc3\xa4", "\xc3\x84", true},
    {"(?is)a.", "A\n", true},
    {"^abc$", "abc", true},
    {"a^b", "ab", false},
    {"a$|b", "a", true},
    {".*\\bfoo\\b.*", "a foo b", true},
    {".*\\bfoo\\b.*", "a food b", false},
    {"a\\Bb", "ab", true},
    {".", "\xc3\xa4", true},
    {"..", "\xc3\xa4", false},
    {"[\xc3\xa4-\xc3\xb6]", "\xc3\xa5", true},
    {".", "\xff", true},
    {"[^a]", "\xff", true},
    {"\xf0\x9f\xa7\x90+", "\xf0\x9f\xa7\x90\xf0\x9f\xa7\x90", true},
    {".*\\.(com|net)", "mail.example.net", true},
    {"10\\.0\\..*", "10.0.3.4", true},
};

static bool compiled_matches(const char *text)
{
    bool is_match = false;
    CU_ASSERT_EQUAL(regex_match(&compiled, bytes_of(text), NULL, &is_match, NULL), STATUS_OK);
    return is_match;
}

static void whole_texts_match(void)
{
    for (size_t row = 0; row < sizeof(matching) / sizeof(matching[0]); row++) {
        struct error error = {0};
        enum status status = regex_compile(&compiled, bytes_of(matching[row].expression), &error);
        bool matches = status == STATUS_OK && compiled_matches(matching[row].text);
        if (status != STATUS_OK || matches != matching[row].matches) {
            printf("\n%s on %s: %d %s\n", matching[row].expression, matching[row].text, matches,
                   error.text);
        }
        CU_ASSERT_EQUAL(status, STATUS_OK);
        CU_ASSERT_EQUAL(matches, matching[row].matches);
    }
}

static void wrong_expressions_are_refused(void)
{
    static const struct {
        const char *expression;
        enum status status;
        const char *error; /* a part of it */
    } rows[] = {
        {"(", STATUS_USAGE, "byte 1: a ( without its )"},
        {"a(b", STATUS_USAGE, "byte 2: a ( without its )"},
        {"a)", STATUS_USAGE, "byte 2: a ) without its ("},
        {"[a", STATUS_USAGE, "byte 1: a [ without its ]"},
        {"[a-", STATUS_USAGE, "a [ without its ]"},
        {"[", STATUS_USAGE, "a [ without its ]"},
        {"[]", STATUS_USAGE, "a [ without its ]"},
        {"[c-a]", STATUS_USAGE, "the wrong way round"},
        {"[[:nosuch:]]", STATUS_USAGE, "there is no such class"},
        {"[a-\\d]", STATUS_USAGE, "a class is no end"},
        {"*a", STATUS_USAGE, "byte 1: there is nothing to repeat"},
        {"a**", STATUS_USAGE, "a repetition of a repetition"},
        {"a*+", STATUS_USAGE, "a repetition of a repetition"},
        {"^*", STATUS_USAGE, "there is nothing to repeat"},
        {"(|*)", STATUS_USAGE, "there is nothing to repeat"},
        {"a{", STATUS_USAGE, "{ goes on as"},
        {"a{,3}", STATUS_USAGE, "{ goes on as"},
        {"a{1", STATUS_USAGE, "{ goes on as"},
        {"a{3,1}", STATUS_USAGE, "the wrong way round"},
        {"a{1001}", STATUS_LIMIT, "at most 1000 times"},
        {"(a{1000}){1000}", STATUS_LIMIT, "too large"},
        {"\\", STATUS_USAGE, "nothing follows"},
        {"\\q", STATUS_USAGE, "byte 2: there is no such escape"},
        {"(a)\\1", STATUS_USAGE, "back references are not supported"},
        {"(?=a)", STATUS_USAGE, "of what begins with (?"},
        {"a(?i)b", STATUS_USAGE, "of what begins with (?"},
        {"(?iz)a", STATUS_USAGE, "only the flags i and s"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct error error = {0};
        enum status status = regex_compile(&compiled, bytes_of(rows[row].expression), &error);
        if (status != rows[row].status || strstr(error.text, rows[row].error) == NULL) {
            printf("\n%s: %s\n", rows[row].expression, error.text);
        }
        CU_ASSERT_EQUAL(status, rows[row].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[row].error));
    }
}

static void size_and_depth_have_limits(void)
{
    static char expression[10000];
    struct error error = {0};
    memset(expression, '(', sizeof(expression));
    CU_ASSERT_EQUAL(regex_compile(&compiled, bytes_view(expression, sizeof(expression)), &error),
                    STATUS_LIMIT);
    error_clear(&error);
    memset(expression, 'a', sizeof(expression));
    CU_ASSERT_EQUAL(regex_compile(&compiled, bytes_view(expression, sizeof(expression)), &error),
                    STATUS_LIMIT);
    error_clear(&error);
    expression[0] = '[';
    CU_ASSERT_EQUAL(regex_compile(&compiled, bytes_view(expression, sizeof(expression)), &error),
                    STATUS_LIMIT);
}

static uint64_t seed = 20261122;

static uint32_t random_below(uint32_t bound)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash_mix(seed) >> 33) % bound;
}

static void random_expression(char *text, size_t size, uint32_t depth)
{
    static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]", "[b-c]"};
    static const char *const repeats[] = {"*", "+", "?", "{2}", "{1,2}", "{0,2}", "{2,}"};
    uint32_t count = 1 + random_below(3);
    for (uint32_t index = 0; index < count; index++) {
        size_t at = strlen(text);
        if (depth > 0 && random_below(3) == 0) {
            snprintf(text + at, size - at, "(");
            random_expression(text, size, depth - 1);
            at = strlen(text);
            if (random_below(2) == 0) {
                snprintf(text + at, size - at, "|");
                random_expression(text, size, depth - 1);
                at = strlen(text);
            }
            snprintf(text + at, size - at, ")");
        } else {
            snprintf(text + at, size - at, "%s", atoms[random_below(7)]);
        }
        if (random_below(3) == 0) {
            at = strlen(text);
            snprintf(text + at, size - at, "%s", repeats[random_below(7)]);
        }
    }
}

static void random_expressions_match_as_in_the_c_library(void)
{
    printf("seed %llu ", (unsigned long long)seed);
    uint32_t matches = 0;
    for (uint32_t round = 0; round < 300; round++) {
        char expression[1000] = "";
        char framed[1010];
        regex_t library;
        random_expression(expression, sizeof(expression), 3);
        snprintf(framed, sizeof(framed), "^(%s)$", expression);
        CU_ASSERT_EQUAL_FATAL(regcomp(&library, framed, REG_EXTENDED | REG_NOSUB), 0);
        CU_ASSERT_EQUAL_FATAL(regex_compile(&compiled, bytes_of(expression), NULL), STATUS_OK);
        for (uint32_t try = 0; try < 20; try++) {
            char text[10] = "";
            uint32_t length = random_below(8);
            for (uint32_t at = 0; at < length; at++) {
                text[at] = (char)('a' + random_below(3));
            }
            bool expected = regexec(&library, text, 0, NULL, 0) == 0;
            bool got = compiled_matches(text);
            if (got != expected) {
                printf("\n%s on '%s': %d\n", expression, text, got);
            }
            CU_ASSERT_EQUAL(got, expected);
            matches += expected;
        }
        regfree(&library);
    }
    CU_ASSERT_TRUE(matches > 500);
}

static void long_match_ends_with_a_stop(void)
{
    enum { LENGTH = 1 << 20 };
    static char text[LENGTH];
    struct stop stop;
    struct error error = {0};
    bool is_match = false;
    memset(text, 'a', sizeof(text));
    CU_ASSERT_EQUAL_FATAL(regex_compile(&compiled, bytes_of("(a|b)*"), NULL), STATUS_OK);
    stop_init(&stop, 0);
    CU_ASSERT_EQUAL(regex_match(&compiled, bytes_view(text, LENGTH), &stop, &is_match, &error),
                    STATUS_OK);
    CU_ASSERT_TRUE(is_match);
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(regex_match(&compiled, bytes_view(text, LENGTH), &stop, &is_match, &error),
                    STATUS_INTERRUPTED);
}

static void the_operator_takes_texts_only(void)
{
    struct pool pool = {0};
    struct value result;
    struct error error = {0};
    struct value text = literal_read(&pool, "'abc'");
    CU_ASSERT_EQUAL(value_matches(text, literal_read(&pool, "'a.*'"), NULL, &result, &error),
                    STATUS_OK);
    CU_ASSERT_TRUE(value_is_true(result));
    CU_ASSERT_EQUAL(value_matches(text, value_null(), NULL, &result, &error), STATUS_OK);
    CU_ASSERT_TRUE(value_is_null(result));
    CU_ASSERT_EQUAL(value_matches(value_integer(1), text, NULL, &result, &error), STATUS_OK);
    CU_ASSERT_TRUE(value_is_null(result));
    CU_ASSERT_EQUAL(value_matches(text, literal_read(&pool, "'('"), NULL, &result, &error),
                    STATUS_USAGE);
    pool_close(&pool);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(whole_texts_match),
        CASE(wrong_expressions_are_refused),
        CASE(size_and_depth_have_limits),
        CASE(random_expressions_match_as_in_the_c_library),
        CASE(long_match_ends_with_a_stop),
        CASE(the_operator_takes_texts_only),
        CU_TEST_INFO_NULL,
    };
    return suite_run("value_regex", NULL, NULL, cases);
}
