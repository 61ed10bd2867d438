/* Queries that go through stages: their rows, and that the matcher as a head changes none. */
#include "tests/support/asking.h"
#include "tests/support/suite.h"

static struct gyre_engine *engine;
static struct gyre_graph *graph;
static struct asked asked;

static const struct {
    const char *query;
    const char *rows;
} answers[] = {
    /* DISTINCT and grouping know null, NaN and numbers of either kind. */
    {"UNWIND [1, 1.0, null, null, 'a', [1], [1.0]] AS x RETURN DISTINCT x", "1;null;a;[1]"},
    {"UNWIND [0.0 / 0.0, 0.0 / 0.0] AS x RETURN count(DISTINCT x) AS n", "1"},
    {"UNWIND [1, null, 1.0, 2, null] AS x RETURN x, count(*) AS n, count(x) AS m",
     "1,2,2;null,2,0;2,1,1"},
    {"UNWIND [] AS x RETURN count(*), sum(x), avg(x), collect(x)", "0,0,null,[]"},
    {"UNWIND [] AS x RETURN x, count(*)", ""},

    /* ORDER BY, SKIP, LIMIT: equal rows as they came, null last. */
    {"UNWIND [3, null, 1, 2] AS x RETURN x ORDER BY x", "1;2;3;null"},
    {"UNWIND [3, null, 1, 2] AS x RETURN x ORDER BY x DESC SKIP 1 LIMIT 2", "3;2"},
    {"UNWIND range(1, 9) AS x RETURN x ORDER BY x % 2 LIMIT 5", "2;4;6;8;1"},
    {"UNWIND range(1, 3) AS x WITH x ORDER BY -x LIMIT 2 RETURN x", "3;2"},
    {"UNWIND range(1, 3) AS x RETURN x LIMIT 0", ""},
    {"UNWIND range(1, 100) AS a WITH a LIMIT 2 UNWIND [a, a] AS b RETURN b", "1;1;2;2"},

    {"MATCH (a)-->() RETURN DISTINCT a.IPAddr AS x ORDER BY x DESC", "host-a;10.0.0.2;10.0.0.1"},
    {"MATCH (a)-->() RETURN DISTINCT a ORDER BY a", "10.0.0.1;10.0.0.2;host-a"},
    {"MATCH (a)-->() RETURN DISTINCT a AS b ORDER BY b.IPAddr DESC", "host-a;10.0.0.2;10.0.0.1"},
    {"MATCH p = (a)-->() UNWIND nodes(p) AS n RETURN DISTINCT n ORDER BY n DESC",
     "host-a;10.0.0.2;10.0.0.1"},
    {"MATCH ()-[e]->() RETURN DISTINCT e ORDER BY e.Dur, e", "0;3;4;1;2"},
    {"MATCH ()-[e]->() RETURN e ORDER BY e DESC", "4;3;2;1;0"},

    /* A flow that an earlier MATCH has bound. */
    {"MATCH (a)-[e {Dport: 53}]->() MATCH ()-[e]->(b) RETURN a, b", "10.0.0.2,host-a"},

    /* Aggregates over what is always null. */
    {"MATCH (a) RETURN count(1 IN [2, null]) AS n, sum(null) AS s, min(null) AS m", "0,0,null"},

    /* Shortest paths as values. */
    {"MATCH (a {IPAddr: '10.0.0.1'}), (b {IPAddr: 'host-a'}) "
     "RETURN length(shortestPath((a)-[*]->(b))) AS n, size(allShortestPaths((a)-[*]->(b))) AS m, "
     "shortestPath((a)-[*..1]->(b)) AS p",
     "2,1,null"},

    /* A time in a list is written as one in a column is. */
    {"MATCH ()-[e {Dport: 53}]->() RETURN [datetime('2011-08-16T10:00Z')] AS l",
     "[\"2011-08-16T10:00:00Z\"]"},

    /* Networks */
    {"MATCH (a) WHERE a.IPAddr IN CIDR '10.0.0.0/31' RETURN a", "10.0.0.1"},
    {"UNWIND ['10.0.0.0/8'] AS cidr MATCH (a) WHERE a.IPAddr IN cidr cidr RETURN count(a)", "2"},
    {"UNWIND [['host-a']] AS cidr MATCH (a) WHERE a.IPAddr IN cidr RETURN a", "host-a"},

    /* Names that are made for the flows of a walk are nobody's. */
    {"MATCH (a)-[`es[0]`]->()-[es*1]->() RETURN count(*) AS n, count(`es[0]`) AS m", "7,7"},
    {"MATCH (a)-[x]->()-[y]->() WITH x, y ORDER BY x.Dur RETURN count(*) AS n, count(y) AS m",
     "7,7"},
    {"MATCH (a)-[es*1]->() WHERE es[0].Dport = 53 RETURN a, size(es) AS n", "10.0.0.2,1"},

    /* WITH hides names, and WHERE behind it sees those of before. */
    {"UNWIND [1, 2, 3] AS x WITH x * 2 AS y WHERE x > 1 RETURN y", "4;6"},

    /* An item that is spelt alike is not what a comprehension's own variable means. */
    {"UNWIND [{v: 1}] AS a RETURN a.v AS x, [a IN collect({v: 5}) | a.v] AS y", "1,[5]"},
    {"UNWIND [{v: 1}, {v: 2}] AS a RETURN a.v AS x ORDER BY [a IN [{v: -a.v}] | a.v][0]", "2;1"},

    /* Texts are times where the items of a list are known to be flows. */
    {"MATCH ()-[r*2]->() WHERE head(r).StartTime < '2011-08-16T10:00:02Z' WITH r AS q "
     "WHERE all(x IN q WHERE x.StartTime < '2011-08-16 10:00:03') RETURN count(*)",
     "2"},

    {"MATCH ()-[r*2]->() UNWIND r AS x WITH x WHERE x.StartTime < '2011-08-16 10:00:02' "
     "RETURN count(DISTINCT x)",
     "1"},

    /* UNION */
    {"RETURN 1 AS x UNION RETURN 1.0 AS x UNION RETURN 2 AS x", "1;2"},
    {"RETURN 1 AS x UNION ALL RETURN 1 AS x", "1;1"},

    /* Subqueries */
    {"MATCH (a) WHERE EXISTS { (a)-->(a) } RETURN a.IPAddr", "host-a"},
    {"MATCH (a) WHERE NOT EXISTS { MATCH (a)-[e]->() WHERE e.Proto = 'tcp' RETURN e } "
     "RETURN a.IPAddr",
     "10.0.0.2"},
    {"RETURN COUNT { UNWIND [1, 2] AS y RETURN y UNION UNWIND [1, 3] AS y RETURN y } AS n", "3"},
    {"RETURN COUNT { UNWIND [1, 2] AS y RETURN y UNION ALL UNWIND [1, 3] AS y RETURN y } AS n",
     "4"},
    {"UNWIND [1, 2, 3] AS x RETURN COUNT { UNWIND range(1, x) AS y RETURN y LIMIT 2 } AS n",
     "1;2;2"},
    {"UNWIND [1, 2] AS x RETURN EXISTS { UNWIND [2] AS y WITH y WHERE y = x RETURN y } AS is",
     "0;1"},
    {"MATCH (a {IPAddr: 'host-a'}) RETURN [(a)-->(b) | b.IPAddr] AS l, size([(a)--() | 1]) AS n",
     "[\"10.0.0.1\", \"host-a\"],3"},

    /* OPTIONAL MATCH */
    {"MATCH (a) OPTIONAL MATCH (a)-[e {Proto: 'udp'}]->(b) RETURN a.IPAddr, b.IPAddr "
     "ORDER BY a.IPAddr",
     "10.0.0.1,null;10.0.0.2,host-a;host-a,null"},

    /* reduce gives back what its steps made, and keeps what they came to. */
    {"RETURN size(reduce(s = '', x IN range(1, 5000) | s + 'ab')) AS n", "10000"},
    {"RETURN reduce(l = [], x IN range(1, 200) | [x] + l)[198..] AS l", "[2, 1]"},
};

static void rows_are_those_of_the_language(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        ask(&asked, graph, answers[i].query, 0);
        if (asked.status != GYRE_OK || strcmp(asked.rows, answers[i].rows) != 0) {
            printf("\n%s\n  gives   %s%s\n  not     %s\n", answers[i].query, asked.rows,
                   asked.error.text, answers[i].rows);
        }
        CU_ASSERT_EQUAL(asked.status, GYRE_OK);
        CU_ASSERT_STRING_EQUAL(asked.rows, answers[i].rows);
    }
}

/* A WITH of all names in front keeps the matcher away from the conditions behind it. */
static const struct {
    const char *head;
    const char *walk;
} pairs[] = {
    {"MATCH (a)-[e]->(b) WHERE e.Dur > 1 RETURN a.IPAddr, b.IPAddr ORDER BY e.Dur, b.IPAddr",
     "UNWIND [0] AS o MATCH (a)-[e]->(b) WHERE e.Dur > 1 RETURN a.IPAddr, b.IPAddr "
     "ORDER BY e.Dur, b.IPAddr"},
    {"MATCH (a)-[e1]->(b)-[e2]->(c) WHERE e1.StartTime < e2.StartTime WITH count(*) AS n RETURN n",
     "UNWIND [0] AS o MATCH (a)-[e1]->(b)-[e2]->(c) WHERE e1.StartTime < e2.StartTime "
     "WITH count(*) AS n RETURN n"},
    {"MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE id(a) <> id(c) WITH e1, e2 RETURN count(*)",
     "UNWIND [0] AS o MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE id(a) <> id(c) WITH e1, e2 "
     "RETURN count(*)"},
    {"MATCH (a)-[e1]->(b) MATCH (a)-[e2]->(c) WHERE toUpper(e1.Proto) = 'TCP' RETURN count(*)",
     "UNWIND [0] AS o MATCH (a)-[e1]->(b) MATCH (a)-[e2]->(c) WHERE toUpper(e1.Proto) = 'TCP' "
     "RETURN count(*)"},
    {"MATCH p = (a)-[e]->(b)-[f]->(a) WITH p RETURN length(p), count(*)",
     "UNWIND [0] AS o MATCH p = (a)-[e]->(b)-[f]->(a) WITH p RETURN length(p), count(*)"},
    {"MATCH (a)-[e]->(b) MATCH (c)-[e]->(d), (d)-[f]->(a) RETURN count(*)",
     "UNWIND [0] AS o MATCH (a)-[e]->(b) MATCH (c)-[e]->(d), (d)-[f]->(a) RETURN count(*)"},
    /* What a later clause names means nothing in the condition of an earlier one. */
    {"MATCH (a) WHERE EXISTS { (a)-->(b) } MATCH (b)-[e]->(c) RETURN count(*)",
     "UNWIND [0] AS o MATCH (a) WHERE EXISTS { (a)-->(b) } MATCH (b)-[e]->(c) RETURN count(*)"},
    {"MATCH (a) WHERE size([(a)-[{Dport: 22}]->(b) | b]) > 0 MATCH (b) RETURN count(*)",
     "UNWIND [0] AS o MATCH (a) WHERE size([(a)-[{Dport: 22}]->(b) | b]) > 0 MATCH (b) "
     "RETURN count(*)"},
};

/* Cycles for the search of their own, with conditions that are not, or not wholly, its own. */
static const char *const cycles[] = {
    "MATCH (a)-[r*1..4]->(a) WHERE all(i IN range(0, size(r) - 2) WHERE "
    "r[i].StartTime + duration({seconds: 2}) <= r[i + 1].StartTime)",
    "MATCH (a)-[r*1..4]->(a) WHERE all(i IN range(0, size(r) - 2) WHERE "
    "r[i + 1].StartTime - r[i].StartTime > duration({seconds: 1}))",
    "MATCH (a)-[r*1..4]->(a {IPAddr: 'host-a'}) WHERE ascending(r)",
    "MATCH (a)-[r*1..4 {SrcAddr: a.IPAddr}]->(a) WHERE ascending(r)",
    "MATCH (a)-[r*1..4]->(a) WHERE ascending(r) AND all(x IN r WHERE x.SrcAddr = a.IPAddr)",
    "MATCH (a)-[r*1..4]->(a) WHERE ascending(r) AND all(x IN r WHERE x.SrcAddr = x.DstAddr)",
    "MATCH (a)-[r*1..4]->(a) WHERE ascending(r) AND "
    "all(x IN r WHERE x.StartTime > '2011-08-16T10:00:02Z')",
    "MATCH (a)-[r*1..4]->(a) WHERE ascending(r) AND NOT all(x IN r WHERE x.Dport = 22)",
    "MATCH (a)-[r*1..4]->(a) WHERE ascending(r) AND "
    "duration({seconds: 1}) <= span(r) < duration({seconds: 3})",
};

static void cycles_of_the_search_are_those_of_the_walk(void)
{
    static struct asked walked;
    char query[512];
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        (void)snprintf(query, sizeof query, "%s RETURN count(*) AS n", cycles[i]);
        ask(&asked, graph, query, 0);
        (void)snprintf(query, sizeof query, "UNWIND [0] AS o %s RETURN count(*) AS n", cycles[i]);
        ask(&walked, graph, query, 0);
        CU_ASSERT_EQUAL(asked.status, GYRE_OK);
        CU_ASSERT_STRING_NOT_EQUAL(walked.rows, "0");
        CU_ASSERT_STRING_EQUAL(asked.rows, walked.rows);
    }
}

static void head_and_walk_give_the_same_rows(void)
{
    static struct asked walked;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ask(&asked, graph, pairs[i].head, 0);
        ask(&walked, graph, pairs[i].walk, 0);
        CU_ASSERT_EQUAL(asked.status, GYRE_OK);
        CU_ASSERT_EQUAL(walked.status, GYRE_OK);
        CU_ASSERT_TRUE(asked.row_count > 0);
        CU_ASSERT_STRING_EQUAL(asked.rows, walked.rows);
    }
}

/* With a LIMIT few rows are kept at a time; which ones must not depend on that. */
static void a_limited_order_is_the_beginning_of_the_whole(void)
{
    static struct asked limited;
    char query[256];
    for (int limit = 1; limit < 1200; limit = limit * 3 + 1) {
        (void)snprintf(query, sizeof query,
                       "UNWIND range(1, 3000) AS x WITH x, x * 7919 %% 101 AS k ORDER BY k "
                       "LIMIT %d RETURN sum(x * x %% 10007) AS s, count(*) AS n, max(k) AS m",
                       limit);
        ask(&limited, graph, query, 0);
        (void)snprintf(query, sizeof query,
                       "UNWIND range(1, 3000) AS x WITH x, x * 7919 %% 101 AS k ORDER BY k "
                       "WITH collect([x, k])[..%d] AS l UNWIND l AS r "
                       "RETURN sum(r[0] * r[0] %% 10007) AS s, count(*) AS n, max(r[1]) AS m",
                       limit);
        ask(&asked, graph, query, 0);
        CU_ASSERT_EQUAL(limited.status, GYRE_OK);
        CU_ASSERT_STRING_EQUAL(limited.rows, asked.rows);
    }
}

static void views_keep_rows_and_flows(void)
{
    ask(&asked, graph,
        "MATCH (a)-[e]->(b) WHERE e.Proto = 'tcp' RETURN e, a.IPAddr AS ip INTO seen; "
        "MATCH ()-[f:seen]->(y) RETURN count(*), count(DISTINCT y)",
        0);
    CU_ASSERT_STRING_EQUAL(asked.rows, "3,3");
    ask(&asked, graph, "UNWIND $seen AS row RETURN DISTINCT row.ip AS ip ORDER BY ip", 0);
    CU_ASSERT_STRING_EQUAL(asked.rows, "10.0.0.1;host-a");
    ask(&asked, graph, "RETURN 1 AS x INTO seen; UNWIND $seen AS row RETURN row.x", 0);
    CU_ASSERT_STRING_EQUAL(asked.rows, "1");
}

static const struct {
    const char *query;
    const char *text; /* is in the error's */
} mistakes[] = {
    {"UNWIND [1] AS x WITH x AS y RETURN x", "no variable `x`"},
    {"UNWIND [1] AS x RETURN x, y", "no variable `y`"},
    {"UNWIND [1] AS x UNWIND [2] AS x RETURN x", "`x` already"},
    {"UNWIND [1] AS x RETURN x AS a, x AS a", "two columns `a`"},
    {"UNWIND [1] AS x WITH x + 1 RETURN 1", "WITH wants a name"},
    {"UNWIND [1] AS x RETURN x + count(*) + size(x + 1)", "x"},
    {"UNWIND [1] AS x WITH x WHERE count(*) > 1 RETURN x", "aggregate"},
    {"UNWIND [1] AS x RETURN x LIMIT -1", "negative"},
    {"UNWIND [1] AS x RETURN x SKIP 'a'", "SKIP wants an integer"},
    {"RETURN 1 AS a UNION RETURN 1 AS b", "columns of the same names"},
    {"RETURN COUNT { RETURN 1 AS a UNION RETURN 1 AS b } AS n", "columns of the same names"},
    {"MATCH (a) RETURN a.Nope", "Nope"},
    {"MATCH (a)-[a]->(b) WITH a RETURN a", "`a`"},
    {"RETURN [x IN [1] | y]", "no variable `y`"},
    {"RETURN [x IN [1] | x] AS l, x", "no variable `x`"},
    {"MATCH (a) WHERE EXISTS { MATCH (b) } RETURN b", "no variable `b`"},
};

static void mistakes_of_scope_are_told_with_their_place(void)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        ask(&asked, graph, mistakes[i].query, 0);
        if (asked.status != GYRE_USAGE || strstr(asked.error.text, mistakes[i].text) == NULL) {
            printf("\n%s\n  status %d: %s\n", mistakes[i].query, asked.status, asked.error.text);
        }
        CU_ASSERT_EQUAL(asked.status, GYRE_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(asked.error.text, mistakes[i].text));
        CU_ASSERT_TRUE(asked.error.line == 1 && asked.error.column > 0);
    }
}

int main(void)
{
    small_flows_open(&engine, &graph, UINT64_C(256) << 20);
    CU_TestInfo cases[] = {
        CASE(rows_are_those_of_the_language),
        CASE(head_and_walk_give_the_same_rows),
        CASE(cycles_of_the_search_are_those_of_the_walk),
        CASE(a_limited_order_is_the_beginning_of_the_whole),
        CASE(views_keep_rows_and_flows),
        CASE(mistakes_of_scope_are_told_with_their_place),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("pipeline", NULL, NULL, cases);
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    return failed;
}
