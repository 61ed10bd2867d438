/* floor: query */
#include "query/plain.h"

#include <stdio.h>

#include "query/parse.h"
#include "tests/support/suite.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static enum status parse(const char *text, struct chain *memory, struct ast_query **query,
                         struct error *error)
{
    struct source source = {bytes_of(text), "query", error};
    return parse_query(query, &source, memory);
}

/* What the typed binder can take, and what it cannot. */
static void plain_queries_are_known(void)
{
    static const struct {
        const char *text;
        bool is_plain;
    } rows[] = {
        {"MATCH (a:A {x: 1})-[e:B]->()<--(c), (d) WHERE a.x + 1 < 2 AND e.y IN [1, 2] RETURN a",
         true},
        {"MATCH (a) MATCH (b) RETURN DISTINCT *, count(*), Sum(a.x) SKIP 1", true},
        {"MATCH (a) RETURN DISTINCT a.x + 1 AS y, a.z ORDER BY a.z, y, a.x + 1 DESC", true},
        {"MATCH (a) RETURN a ORDER BY a, a.x", true},
        {"MATCH (a) RETURN DISTINCT * ORDER BY a.y", false},
        {"MATCH (a) RETURN DISTINCT a.x ORDER BY a.x + 1", false},
        {"MATCH (a) RETURN DISTINCT a ORDER BY a", false},
        {"MATCH (a) RETURN DISTINCT a AS b ORDER BY b", false},
        {"MATCH (a) RETURN DISTINCT a ORDER BY a.x", false},
        {"MATCH ()-[e]->() RETURN e ORDER BY e", false},
        {"MATCH ()-[e]->() RETURN e AS f ORDER BY f", false},
        {"MATCH ()-[e]->() RETURN e.x AS e ORDER BY e", true},
        {"MATCH ()-[e]->() MATCH ()-[f]->() RETURN e", true},
        {"MATCH ()-[e]->()-[e]->() RETURN e", true},
        {"MATCH ()-[e]->() MATCH ()-[e]->() RETURN e", false},
        {"MATCH (a) RETURN count(1 IN [2, null])", false},
        {"MATCH (a) RETURN count(a.x = 1)", true},
        {"MATCH (a) RETURN sum(null)", false},
        {"MATCH (a) WHERE a.x IN CIDR '10.0.0.0/8' RETURN a", false},
        {"MATCH (a) WHERE a.t < datetime('x') + duration({days: 1, seconds: -.5}) RETURN a", true},
        {"EXPLAIN MATCH (a) RETURN count(DISTINCT a.x)", true},
        {"RETURN 1", false},
        {"MATCH (a) RETURN [1]", false},
        {"MATCH (a) RETURN 1 IN [[1]]", false},
        {"MATCH (a) RETURN 1 IN a.x", false},
        {"MATCH (a) RETURN {x: 1}", false},
        {"MATCH (a) RETURN a.x = [1]", false},
        {"MATCH (a) RETURN a ORDER BY [1]", false},
        {"MATCH (a) RETURN size(a.x)", false},
        {"MATCH (a) RETURN collect(a)", false},
        {"MATCH (a) RETURN datetime(a.x)", false},
        {"MATCH (a) RETURN datetime()", false},
        {"MATCH (a) RETURN duration('P1D')", false},
        {"MATCH (a) RETURN duration({months: 1})", false},
        {"MATCH (a) RETURN duration({days: a.x})", false},
        {"MATCH (a) RETURN a.x.y", false},
        {"MATCH (a) RETURN a INTO t", false},
        {"MATCH (a {x: $x}) RETURN a", false},
        {"MATCH (a) RETURN a LIMIT $x", false},
        {"MATCH (a)--(b)<-->(c)-[e]-(d)<-[f]->(a) RETURN a", true},
        {"MATCH (a)--(b)--(c)--(d)--(e) MATCH (a)--(f)--(g)--(h)--(a) RETURN a", true},
        {"MATCH (a)--(b)--(c)--(d)--(e) MATCH (a)--(f)--(g)--(h)--(a)--() RETURN a", false},
        {"MATCH (a)-[e]->(b) MATCH (c), (b)-[e]->(d) RETURN a", false},
        {"MATCH (a)-[e]->(b) MATCH (a)-[]->(b)-[f]->(a) RETURN a", true},
        {"MATCH (a) WITH a RETURN a", false},
        {"MATCH (a) RETURN a UNION MATCH (a) RETURN a", false},
        {"MATCH (a) RETURN NOT (1 + a.x = CASE WHEN true THEN 1 END)", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error error = {0};
        struct chain memory = {0};
        struct ast_query *query = NULL;
        CU_ASSERT_EQUAL_FATAL(parse(rows[i].text, &memory, &query, &error), STATUS_OK);
        if (ast_is_plain(query) != rows[i].is_plain) {
            printf("\n%s\n", rows[i].text);
        }
        CU_ASSERT_EQUAL(ast_is_plain(query), rows[i].is_plain);
        chain_close(&memory);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(plain_queries_are_known),
        CU_TEST_INFO_NULL,
    };
    return suite_run("plain", NULL, NULL, cases);
}
