/* floor: query */
#include "query/expression.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "query/bound.h"
#include "tests/support/flow_schema.h"
#include "tests/support/suite.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct flow_schema flows;

/* Binds `text` as an output over named and anonymous elements. */
static struct bound_query *bind(const char *text)
{
    char query_text[2048];
    struct bound_query *query = NULL;
    struct error error = {0};
    snprintf(query_text, sizeof query_text, "MATCH (a)-[e]->(`b c`)-[f]->() RETURN %s AS x", text);
    if (query_bind(&query, &flows.graph, bytes_of(query_text), "query", &error) != STATUS_OK) {
        printf("\n%s\n  %s\n", query_text, error.text);
    }
    return query;
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
        struct bound_query *query = bind(rows[i].text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(query);
        expression_format(query, query->outputs[0].expression, written, sizeof written);
        query_close(query);
        if (strcmp(written, expected) != 0) {
            printf("\n  found    %s\n  expected %s\n", written, expected);
        }
        CU_ASSERT_STRING_EQUAL(written, expected);
    }
}

/* A random arithmetic or logical expression, every operator in parentheses. */
static void generate(char *text, size_t size, uint64_t *seed, uint32_t depth, bool is_logical)
{
    static const char *const logical[] = {"AND", "OR", "XOR", "=", "<>"};
    static const char *const numeric[] = {"+", "-", "*", "/", "%", "^"};
    static const char *const compared[] = {"<", "<=", "=", ">"};
    static const char *const flags[] = {"e.IsBot", "f.IsBot"};
    static const char *const numbers[] = {"e.Sport", "e.Dport", "f.TotPkts", "f.Dur"};
    size_t length = strlen(text);
    *seed = hash_mix(*seed + 1);
    uint64_t choice = *seed;
    if (depth == 0) {
        snprintf(text + length, size - length, "%s",
                 is_logical ? flags[choice % 2] : numbers[choice % 4]);
        return;
    }
    bool is_comparison = is_logical && choice % 3 == 0;
    bool is_unary = choice % 5 == 0;
    const char *sign = is_comparison ? compared[choice / 16 % 4]
                       : is_logical  ? logical[choice / 16 % 5]
                                     : numeric[choice / 16 % 6];
    if (is_unary) {
        snprintf(text + length, size - length, is_logical ? "(NOT " : "(-");
    } else {
        snprintf(text + length, size - length, "(");
        generate(text, size, seed, depth - 1, is_logical && !is_comparison);
        length = strlen(text);
        snprintf(text + length, size - length, " %s ", sign);
    }
    generate(text, size, seed, depth - 1, is_logical && (is_unary || !is_comparison));
    length = strlen(text);
    snprintf(text + length, size - length, ")");
}

/* The value of an expression when properties have values that `seed` draws; as numbers, with 0 and
 * 1 for false and true. Integers are not divided as integers: both sides are treated alike. */
static double value_of(const struct expression *expression, uint64_t seed)
{
    double a = expression->child_count > 0 ? value_of(expression->children[0], seed) : 0;
    double b = expression->child_count > 1 ? value_of(expression->children[1], seed) : 0;
    switch ((int)expression->kind) {
    case EXPRESSION_PROPERTY: {
        uint64_t bits = hash_mix(seed * 100 + expression->variable * 50 + expression->property);
        return expression->type == TYPE_BOOL ? (double)(bits % 2) : 1 + (double)(bits % 5);
    }
    case EXPRESSION_NOT:
        return 1 - a;
    case EXPRESSION_NEGATE:
        return -a;
    case EXPRESSION_AND:
        return a * b;
    case EXPRESSION_OR:
        return a + b - a * b;
    case EXPRESSION_XOR:
    case EXPRESSION_NOT_EQUAL:
        return a != b;
    case EXPRESSION_EQUAL:
        return a == b;
    case EXPRESSION_LESS:
        return a < b;
    case EXPRESSION_LESS_EQUAL:
        return a <= b;
    case EXPRESSION_GREATER:
        return a > b;
    case EXPRESSION_ADD:
        return a + b;
    case EXPRESSION_SUBTRACT:
        return a - b;
    case EXPRESSION_MULTIPLY:
        return a * b;
    case EXPRESSION_DIVIDE:
        return a / b;
    case EXPRESSION_REMAINDER:
        return fmod(a, b);
    case EXPRESSION_POWER:
        return pow(a, b);
    default:
        return a; /* conversions */
    }
}

static bool is_same(double left, double right)
{
    return left == right || (isnan(left) && isnan(right));
}

/* What is written means the same as what was read, though it has fewer parentheses. */
static void what_is_written_can_be_read_again(void)
{
    for (uint64_t seed = 1; seed <= 400; seed++) {
        char text[1024] = "";
        char written[1024] = "";
        uint64_t state = seed;
        generate(text, sizeof text, &state, 1 + seed % 4, seed % 2 == 0);
        struct bound_query *first = bind(text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(first);
        expression_format(first, first->outputs[0].expression, written, sizeof written);
        struct bound_query *second = bind(written);
        CU_ASSERT_PTR_NOT_NULL_FATAL(second);
        bool is_right = true;
        for (uint64_t i = 0; i < 20; i++) {
            is_right = is_right && is_same(value_of(first->outputs[0].expression, i),
                                           value_of(second->outputs[0].expression, i));
        }
        if (!is_right) {
            printf("\nseed %llu\n  %s\n  %s\n", (unsigned long long)seed, text, written);
        }
        CU_ASSERT_TRUE(is_right);
        query_close(first);
        query_close(second);
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
    flow_schema_open(&flows);
    CU_TestInfo cases[] = {
        CASE(expressions_are_written_as_they_would_be_by_hand),
        CASE(what_is_written_can_be_read_again),
        CASE(a_short_buffer_is_cut_and_the_length_told),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("expression", NULL, NULL, cases);
    flow_schema_close(&flows);
    return failed;
}
