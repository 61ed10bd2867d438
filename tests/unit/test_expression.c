/* floor: query */
#include "query/expression.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "query/bound.h"
#include "tests/support/flow_schema.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct flow_schema flows;

/* Binds `text` as an output over named and anonymous elements, and writes it. */
static bool rewrite(const char *text, char *written, uint32_t size)
{
    char query_text[1024];
    struct bound_query *query = NULL;
    struct error error = {0};
    snprintf(query_text, sizeof query_text, "MATCH (a)-[e]->(`b c`)-[f]->() RETURN %s AS x", text);
    if (query_bind(&query, &flows.graph, bytes_of(query_text), "query", &error) != STATUS_OK) {
        printf("\n%s\n  %s\n", query_text, error.text);
        return false;
    }
    expression_format(query, query->outputs[0].expression, written, size);
    query_close(query);
    return true;
}

struct row {
    const char *text;
    const char *written; /* NULL: as `text` */
};

static const struct row rows[] = {
    {"a", NULL},
    {"e", NULL},
    {"`b c`.IPAddr", NULL},
    {"e.`Tot Len`", NULL},
    {"f.DstAddr", "_v2.IPAddr"},
    {"null", NULL},
    {"true", NULL},
    {"-5", NULL},
    {"(-5) ^ 2", "25.0"},
    {"1.50", "1.5"},
    {"'a\\'b\\\\c\"\\n'", NULL},
    {"datetime('2011-08-16 10:00:00.5')", "datetime('2011-08-16T10:00:00.500Z')"},
    {"duration({seconds: 90})", NULL},
    {"duration({seconds: 120})", "duration({minutes: 2})"},
    {"duration({hours: -36})", NULL},
    {"duration({nanoseconds: 1})", NULL},
    {"e.Sport + 1 - e.Dport * 2 / (3 + e.Sport) % 5", NULL},
    {"e.Sport - (1 - e.Dport)", NULL},
    {"(e.Sport - 1) * -2", NULL},
    {"-e.Sport * -(e.Sport + 1)", NULL},
    {"- -e.Sport", "-(-e.Sport)"},
    {"e.Dur ^ 2.0 ^ 3.0", NULL},
    {"e.Dur ^ (2.0 ^ e.Dur)", NULL},
    {"(e.Dur < 1.0 OR e.Sport = 1) AND NOT (e.Dport = 2 XOR e.IsBot)", NULL},
    {"e.Dur < 1.0 OR e.Sport = 1 AND NOT e.IsBot", NULL},
    {"NOT (e.IsBot AND f.IsBot)", NULL},
    {"(e.Sport = 1) = (e.Dport = 2)", NULL},
    {"e.Proto IS NULL", NULL},
    {"(e.Proto = 'x') IS NOT NULL", NULL},
    {"e.Proto IN ['tcp', null]", NULL},
    {"e.Proto + 'x' STARTS WITH f.Proto", NULL},
    {"e.Proto ENDS WITH 'x' OR e.Proto CONTAINS 'y'", NULL},
    {"a.IPAddr = '10.0.0.1'", NULL},
    {"a.IPAddr = 'router-1'", NULL},
    {"a.IPAddr = 'no\\'body'", NULL},
    {"count(*)", NULL},
    {"count(DISTINCT a)", NULL},
    {"sum(e.Sport + 1) * 2", NULL},
    {"avg(e.Sport)", NULL},
};

static void expressions_are_written_as_they_would_be_by_hand(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char written[512] = "";
        const char *expected = rows[i].written == NULL ? rows[i].text : rows[i].written;
        CU_ASSERT_TRUE(rewrite(rows[i].text, written, sizeof written));
        if (strcmp(written, expected) != 0) {
            printf("\n  found    %s\n  expected %s\n", written, expected);
        }
        CU_ASSERT_STRING_EQUAL(written, expected);
    }
}

/* A random arithmetic or logical expression. */
static void generate(char *text, size_t size, uint64_t *seed, uint32_t depth, bool is_logical)
{
    static const char *const logical[] = {"AND", "OR", "XOR", "=", "<>"};
    static const char *const numeric[] = {"+", "-", "*", "/", "%", "^"};
    static const char *const compared[] = {"<", "<=", "=", ">"};
    size_t length = strlen(text);
    *seed = hash_mix(*seed + 1);
    uint64_t choice = *seed;
    if (depth == 0) {
        snprintf(text + length, size - length, "%s", is_logical ? "e.IsBot" : "e.Sport");
        return;
    }
    bool is_comparison = is_logical && choice % 3 == 0;
    bool is_unary = choice % 5 == 0;
    const char *sign = is_comparison ? compared[choice / 16 % 4]
                       : is_logical  ? logical[choice / 16 % 5]
                                     : numeric[choice / 16 % 6];
    if (is_unary) {
        snprintf(text + length, size - length, is_logical ? "(NOT " : "(-");
        generate(text, size, seed, depth - 1, is_logical);
    } else {
        snprintf(text + length, size - length, "(");
        generate(text, size, seed, depth - 1, is_logical && !is_comparison);
        length = strlen(text);
        snprintf(text + length, size - length, " %s ", sign);
        generate(text, size, seed, depth - 1, is_logical && !is_comparison);
    }
    length = strlen(text);
    snprintf(text + length, size - length, ")");
}

/* What is written means the same: binding it again writes it again, and putting every parenthesis
 * back by binding the original gives the same text. */
static void what_is_written_can_be_read_again(void)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        char text[768] = "";
        char once[768] = "";
        char twice[768] = "";
        uint64_t state = seed;
        generate(text, sizeof text, &state, 1 + seed % 4, seed % 2 == 0);
        CU_ASSERT_TRUE(rewrite(text, once, sizeof once));
        CU_ASSERT_TRUE(rewrite(once, twice, sizeof twice));
        if (strcmp(once, twice) != 0) {
            printf("\nseed %llu\n  %s\n  %s\n  %s\n", (unsigned long long)seed, text, once, twice);
        }
        CU_ASSERT_STRING_EQUAL(once, twice);
    }
}

static void a_short_buffer_is_cut_and_the_length_told(void)
{
    struct bound_query *query = NULL;
    static const char text[] = "MATCH ()-[e]->() RETURN e.Proto = 'abcdef'";
    CU_ASSERT_EQUAL_FATAL(query_bind(&query, &flows.graph, bytes_of(text), "query", NULL),
                          STATUS_OK);
    char written[8] = "???????";
    const struct expression *expression = query->outputs[0].expression;
    CU_ASSERT_EQUAL(expression_format(query, expression, written, sizeof written), 18);
    CU_ASSERT_STRING_EQUAL(written, "e.Proto");
    CU_ASSERT_EQUAL(expression_format(query, expression, NULL, 0), 18);
    query_close(query);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("expression", NULL, NULL);
    CU_ADD_TEST(suite, expressions_are_written_as_they_would_be_by_hand);
    CU_ADD_TEST(suite, what_is_written_can_be_read_again);
    CU_ADD_TEST(suite, a_short_buffer_is_cut_and_the_length_told);
    flow_schema_open(&flows);
    CU_basic_run_tests();
    flow_schema_close(&flows);
    bool has_failed = CU_get_number_of_failures() != 0;
    CU_cleanup_registry();
    return has_failed;
}
