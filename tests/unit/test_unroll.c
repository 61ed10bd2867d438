/* floor: pipeline */
#include "pipeline/unroll.h"

#include <stdio.h>

#include "base/memory.h"
#include "query/parse.h"
#include "tests/support/suite.h"

enum { TEXT_BYTES = 4096, MANY = 300 };

struct parsed {
    struct chain memory;
    struct source source;
    struct ast_query *query;
    struct error error;
    char text[TEXT_BYTES];
};

static void parse(struct parsed *parsed, const char *form, const char *condition)
{
    *parsed = (struct parsed){0};
    (void)snprintf(parsed->text, TEXT_BYTES, form, condition);
    parsed->source = (struct source){bytes_of(parsed->text), "query", &parsed->error};
    CU_ASSERT_EQUAL_FATAL(parse_query(&parsed->query, &parsed->source, &parsed->memory), STATUS_OK);
}

static bool unroll(struct parsed *parsed)
{
    struct ast_builder builder = {&parsed->source, &parsed->memory};
    return unroll_quantifiers(&builder, parsed->query);
}

static const struct ast_expression *where_of(const struct parsed *parsed, uint32_t clause)
{
    return parsed->query->branches[0]->clauses[clause]->where;
}

static const char match[] = "MATCH (a)-[e]->(b)-[f]->(c) WHERE %s RETURN a";

static void check(const char *form, uint32_t clause, const char *condition, const char *expected)
{
    struct parsed parsed;
    struct parsed wanted;
    parse(&parsed, form, condition);
    parse(&wanted, form, expected);
    CU_ASSERT_TRUE(unroll(&parsed));
    bool is_equal = ast_equal(where_of(&parsed, clause), where_of(&wanted, clause));
    CU_ASSERT_TRUE(is_equal);
    if (!is_equal) {
        printf("\n%s\n", condition);
    }
    chain_close(&parsed.memory);
    chain_close(&wanted.memory);
}

static void quantifiers_over_variables_become_logic(void)
{
    static const struct {
        const char *condition;
        const char *expected;
    } rows[] = {
        {"any(x IN [e, f] WHERE x.p = 22)", "e.p = 22 OR f.p = 22"},
        {"all(x IN [e, f] WHERE x.p = 22)", "e.p = 22 AND f.p = 22"},
        {"none(x IN [e, f] WHERE x.p = 22)", "NOT (e.p = 22 OR f.p = 22)"},
        {"any(x IN [e] WHERE x.p = 22)", "e.p = 22"},
        {"none(x IN [e] WHERE x.p = 22)", "NOT e.p = 22"},
        {"a.q = 1 AND NOT any(x IN [e, x] WHERE NOT x.p IS NULL)",
         "a.q = 1 AND NOT (NOT e.p IS NULL OR NOT x.p IS NULL)"},
        {"all(x IN [e, f] WHERE x.t < datetime('2011') OR x.d IN [1, -0.5])",
         "(e.t < datetime('2011') OR e.d IN [1, -0.5]) AND "
         "(f.t < datetime('2011') OR f.d IN [1, -0.5])"},
        {"any(x IN [e, f] WHERE all(y IN [e, f] WHERE x.p <= y.p))",
         "(e.p <= e.p AND e.p <= f.p) OR (f.p <= e.p AND f.p <= f.p)"},
        {"size([y IN l WHERE any(x IN [e, y] WHERE x.p = 22)]) > 1",
         "size([y IN l WHERE e.p = 22 OR y.p = 22]) > 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(match, 0, rows[i].condition, rows[i].expected);
    }
}

/* Of what is in an EXISTS the tree has another clause. */
static void quantifiers_in_subqueries_become_logic(void)
{
    struct parsed parsed;
    parse(&parsed, "MATCH (a) WHERE EXISTS { MATCH (a)-[e]->(b) WHERE %s } RETURN a",
          "any(x IN [a, e] WHERE x.p = 22)");
    CU_ASSERT_TRUE(unroll(&parsed));
    CU_ASSERT_EQUAL(where_of(&parsed, 0)->query->branches[0]->clauses[0]->where->kind, AST_OR);
    chain_close(&parsed.memory);
}

static void other_quantifiers_stay(void)
{
    static const char *const rows[] = {
        "single(x IN [e, f] WHERE x.p = 22)",
        "any(x IN [] WHERE x.p = 22)",
        "any(x IN r WHERE x.p = 22)",
        "any(x IN [e, f.q] WHERE x.p = 22)",
        "any(x IN [e, f] + [] WHERE x.p = 22)",
        "any(x IN [e, f] WHERE x.p)",
        "any(x IN [e, f] WHERE x.p / 2 > 1)",
        "any(x IN [e, f] WHERE -x.p > 1)",
        "any(x IN [e, f] WHERE toLower(x.p) = 'a')",
        "any(x IN [e, f] WHERE x.p =~ 'a')",
        "any(x IN [e, f] WHERE datetime(x.p) > x.t)",
        "any(x IN [e, f] WHERE duration({days: x.p}) = x.d)",
        "any(x IN [e, f] WHERE x.t.year = 2011)",
        "any(x IN [e, f] WHERE any(y IN x.l WHERE y = 1))",
        "any(x IN [e, f] WHERE x.p = reduce(s = 0, y IN [1] | s))",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(match, 0, rows[i], rows[i]);
    }
    check("MATCH (a)-[e]->() WITH e WHERE %s RETURN e", 1, "any(x IN [e, e] WHERE x.p = 22)",
          "any(x IN [e, e] WHERE x.p = 22)");
}

/* One condition with `terms` terms of each of two flows. */
static void check_length(uint32_t terms, enum ast_kind expected)
{
    char condition[TEXT_BYTES - sizeof match];
    size_t size = (size_t)snprintf(condition, sizeof condition, "any(x IN [e, f] WHERE x.p IN [1");
    for (uint32_t i = 0; i < terms; i++) {
        size += (size_t)snprintf(condition + size, sizeof condition - size, ", 1");
    }
    (void)snprintf(condition + size, sizeof condition - size, "])");
    struct parsed parsed;
    parse(&parsed, match, condition);
    CU_ASSERT_TRUE(unroll(&parsed));
    CU_ASSERT_EQUAL(where_of(&parsed, 0)->kind, expected);
    chain_close(&parsed.memory);
}

static void long_conditions_stay(void)
{
    check_length(1, AST_OR);
    check_length(MANY, AST_OR);
    check_length(2 * MANY, AST_ANY);
}

static void failing_allocation_is_an_error(void)
{
    for (uint64_t failing = 1; failing < 8; failing++) {
        struct parsed parsed;
        parse(&parsed, match, "any(x IN [e, f] WHERE x.p = 22 AND x.q = 1)");
        parsed.memory.left = 0;
        memory_fault_set(failing);
        bool is_done = unroll(&parsed);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(is_done, parsed.error.status == STATUS_OK);
        chain_close(&parsed.memory);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(quantifiers_over_variables_become_logic),
        CASE(quantifiers_in_subqueries_become_logic),
        CASE(other_quantifiers_stay),
        CASE(long_conditions_stay),
        CASE(failing_allocation_is_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("unroll", NULL, NULL, cases);
}
