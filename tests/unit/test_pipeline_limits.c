/* Queries that would never end, or take all memory: each ends at a limit, with a text that names
 * it, and what it shows then is true as far as it goes. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/asking.h"
#include "tests/support/suite.h"

static struct gyre_engine *engine;
static struct gyre_graph *graph;
static struct asked asked;

/* With 64 MiB of memory, or a fifth of a second. */
static const char *const endless[] = {
    "UNWIND range(1, 1000000000000) AS x RETURN x",
    "WITH range(1, 1000000000) AS l RETURN size(l)",
    "RETURN reduce(l = [1], x IN range(1, 100) | l + l)",
    "RETURN reduce(s = 'ab', x IN range(1, 100) | s + s)",
    "RETURN reduce(l = [1], x IN range(1, 150) | [l, l])",
    "WITH [1] AS l WITH [x IN [1, 2] | l] AS l RETURN reduce(m = l, x IN range(1, 90) | [y IN [1, "
    "2] | m])",
    "WITH [1] AS l WITH [l, l] AS l WITH {a: l, b: l} AS l RETURN "
    "reduce(m = l, x IN range(1, 40) | {a: m, b: m})",
    "WITH range(1, 4000) AS l RETURN size([x IN l | [y IN l | [z IN l | x + y + z]]])",
    "WITH range(1, 4000) AS l RETURN all(x IN l WHERE all(y IN l WHERE all(z IN l WHERE z > 0)))",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN collect([a, b])",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN count(DISTINCT [a, b])",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN a * b AS k ORDER BY k",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN a * b AS k, count(*)",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN DISTINCT a + 20000 * b",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b UNWIND l AS c RETURN count(*)",
    "WITH range(1, 20000) AS l UNWIND l AS a WITH l, a WHERE -a IN l RETURN count(*)",
    "UNWIND range(1, 1000000) AS i MATCH (a)-[*]-(b)-[*]-(c) RETURN count(*)",
    "UNWIND range(1, 1000000) AS i MATCH p = allShortestPaths((a)-[*]-(b)) RETURN count(p)",
    "UNWIND range(1, 10000000) AS i RETURN sum(COUNT { UNWIND range(1, 100000) AS x RETURN x })",
    "UNWIND range(1, 1000000) AS i MATCH (a), (b), (c), (d) RETURN count(*)",
};

static void what_would_not_end_is_ended(void)
{
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        gyre_engine_set_timeout(engine, INT64_C(200000000));
        ask(&asked, graph, endless[i], 0);
        if (asked.status != GYRE_LIMIT) {
            printf("\n%s\n  status %d: %s %s\n", endless[i], asked.status, asked.error.text,
                   asked.rows);
        }
        CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
        CU_ASSERT_TRUE(asked.error.text[0] != '\0');
        CU_ASSERT_TRUE(!asked.has_result || asked.is_partial);
    }
    gyre_engine_set_timeout(engine, 0);
}

/* Groups, orders and counts that are not complete would be wrong: none is shown. */
static const char *const whole_or_none[] = {
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN count(*)",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN a % 7 AS k, count(*)",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b RETURN a ORDER BY b LIMIT 3",
    "WITH range(1, 20000) AS l UNWIND l AS a UNWIND l AS b WITH max(a) AS m RETURN m",
    "MATCH (a) OPTIONAL MATCH (a)-[*]-(b)-[*]-(c)-[*]-(d) WHERE id(b) < 0 AND id(c) < 0 "
    "AND all(x IN range(1, 1000000) WHERE all(y IN range(1, 1000000) WHERE x + y > 0)) RETURN b",
    "RETURN EXISTS { UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b "
    "WITH a WHERE a < 0 RETURN a } AS is",
    "RETURN COUNT { UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN a } AS n",
    "RETURN [x IN range(1, 100000) WHERE any(y IN range(1, 100000) WHERE y < 0) | x] AS l",
};

static void a_part_of_a_group_is_not_shown(void)
{
    for (size_t i = 0; i < sizeof whole_or_none / sizeof whole_or_none[0]; i++) {
        gyre_engine_set_timeout(engine, INT64_C(100000000));
        ask(&asked, graph, whole_or_none[i], 0);
        if (asked.status != GYRE_LIMIT || asked.row_count != 0) {
            printf("\n%s\n  status %d: %s %s\n", whole_or_none[i], asked.status, asked.error.text,
                   asked.rows);
        }
        CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
        CU_ASSERT_EQUAL(asked.row_count, 0);
    }
    gyre_engine_set_timeout(engine, 0);
}

static void rows_found_before_the_time_limit_are_shown(void)
{
    gyre_engine_set_timeout(engine, INT64_C(100000000));
    ask(&asked, graph,
        "WITH range(1, 20000) AS l UNWIND [1, 2, 3] AS n WITH n, n < 3 OR "
        "all(x IN l WHERE all(y IN l WHERE all(z IN l WHERE z > 0))) AS holds RETURN n, holds",
        0);
    gyre_engine_set_timeout(engine, 0);
    CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
    CU_ASSERT_TRUE(asked.is_partial);
    CU_ASSERT_STRING_EQUAL(asked.rows, "1,1;2,1");
    CU_ASSERT_PTR_NOT_NULL(strstr(asked.error.text, "--timeout"));
}

static void a_row_limit_keeps_as_many_rows(void)
{
    ask(&asked, graph, "UNWIND range(1, 10) AS x RETURN x", 3);
    CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
    CU_ASSERT_TRUE(asked.is_partial);
    CU_ASSERT_STRING_EQUAL(asked.rows, "1;2;3");

    /* As many as there are is no limit that was reached. */
    ask(&asked, graph, "UNWIND range(1, 3) AS x RETURN x", 3);
    CU_ASSERT_EQUAL(asked.status, GYRE_OK);
    CU_ASSERT_FALSE(asked.is_partial);

    /* It counts rows of the result, not of what is grouped, ordered or joined for it. */
    ask(&asked, graph, "UNWIND range(1, 10) AS x RETURN x % 2 AS k, count(*) AS n ORDER BY k", 1);
    CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
    CU_ASSERT_STRING_EQUAL(asked.rows, "0,5");
    ask(&asked, graph, "UNWIND range(1, 10) AS x RETURN x ORDER BY -x", 2);
    CU_ASSERT_STRING_EQUAL(asked.rows, "10;9");
    ask(&asked, graph, "MATCH (a)-[e]->(b) WITH a, count(*) AS n RETURN sum(n)", 1);
    CU_ASSERT_EQUAL(asked.status, GYRE_OK);
    CU_ASSERT_STRING_EQUAL(asked.rows, "5");
    ask(&asked, graph, "RETURN 1 AS x UNION RETURN 1 AS x UNION RETURN 2 AS x", 1);
    CU_ASSERT_EQUAL(asked.status, GYRE_LIMIT);
    CU_ASSERT_STRING_EQUAL(asked.rows, "1");
}

static void a_stop_ends_the_query_that_follows(void)
{
    gyre_engine_stop(engine);
    ask(&asked, graph, "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN count(*)",
        0);
    CU_ASSERT_EQUAL(asked.status, GYRE_INTERRUPTED);
    CU_ASSERT_EQUAL(asked.row_count, 0);
    ask(&asked, graph, "UNWIND [1] AS x RETURN x", 0);
    CU_ASSERT_EQUAL(asked.status, GYRE_OK);
}

/* Rows go through stages one inside another: there is room on the stack for so many. */
static void a_query_of_too_many_clauses_is_refused(void)
{
    static const char *const pieces[] = {"WITH x AS x ", "MATCH (a)--(b) ",
                                         "UNWIND [1] AS y WITH x "};
    enum { QUERY_BYTES = 1 << 17, TIMES = 4000 };
    char *query = malloc(QUERY_BYTES);
    for (size_t i = 0; query != NULL && i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t used = (size_t)snprintf(query, QUERY_BYTES, "UNWIND [1] AS x ");
        for (int times = 0; times < TIMES; times++) {
            used += (size_t)snprintf(query + used, QUERY_BYTES - used, "%s", pieces[i]);
        }
        (void)snprintf(query + used, QUERY_BYTES - used, "RETURN x");
        ask(&asked, graph, query, 0);
        CU_ASSERT_EQUAL(asked.status, GYRE_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(asked.error.text, "more than 1000"));
    }
    free(query);
}

/* A parameter's text has the limits of a query, and is one value. */
static void parameters_end_at_limits_too(void)
{
    static const char *const values[] = {"[1] LIMIT 0", "[1] AS a", "[1] UNION RETURN [2]",
                                         "[reduce(l = [1], x IN range(1, 100) | l + l)]"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct gyre_parameter parameter = {"x", values[i]};
        struct gyre_query_options options = {.parameters = &parameter, .parameter_count = 1};
        struct gyre_result *result = NULL;
        struct gyre_error error = {0};
        CU_ASSERT_NOT_EQUAL(gyre_query(&result, graph, "RETURN $x", &options, &error), GYRE_OK);
        CU_ASSERT_TRUE(error.text[0] != '\0');
        CU_ASSERT_PTR_NULL(result);
        gyre_result_close(result);
    }
}

/* What groups, DISTINCT, ORDER BY and UNION keep is more than the 12 MiB of one engine, which goes
 * on on disk, and of another, which may not. */
static void what_is_kept_beyond_memory_is_the_same(void)
{
    static const char *const queries[] = {
        "UNWIND range(1, 25000) AS x WITH x % 20000 AS k, collect(toString(x)) AS l, stdev(x) AS "
        "s, "
        "percentileCont(x, 0.5) AS p, count(DISTINCT x) AS d, max([x]) AS m "
        "RETURN sum(k), sum(size(l)), sum(s), sum(p), sum(d), max(m), max(l)",
        "UNWIND range(1, 125000) AS x WITH DISTINCT x % 100000 AS k, toString(x) AS t "
        "RETURN count(k), max(t), min(t), sum(k)",
        "UNWIND range(1, 125000) AS x WITH x, toString(x) AS t ORDER BY t DESC, x "
        "WITH collect(x) AS l RETURN l[0], l[50000], l[124999], size(l)",
        "UNWIND range(1, 75000) AS x RETURN toString(x) AS t UNION "
        "UNWIND range(25000, 100000) AS x RETURN toString(x) AS t",
    };
    char folder[] = "/tmp/gyre-limits-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    struct gyre_engine_options options[] = {
        {.threads = 1},
        {.threads = 1, .memory_limit_bytes = UINT64_C(12) << 20},
        {.threads = 1, .memory_limit_bytes = UINT64_C(12) << 20, .has_no_spill = true},
        {.threads = 1, .memory_limit_bytes = UINT64_C(12) << 20, .spill_directory = folder},
    };
    enum { ENGINES = sizeof options / sizeof *options };
    static struct asked answers[ENGINES];
    struct gyre_engine *engines[ENGINES];
    struct gyre_graph *graphs[ENGINES];
    for (size_t i = 0; i < ENGINES; i++) {
        small_flows_open_with(&engines[i], &graphs[i], &options[i]);
    }
    CU_ASSERT_EQUAL(rmdir(folder), 0); /* what can be written to at first need not stay so */
    for (size_t query = 0; query < sizeof queries / sizeof *queries; query++) {
        for (size_t i = 0; i < ENGINES; i++) {
            ask(&answers[i], graphs[i], queries[query], 0);
            CU_ASSERT_EQUAL(answers[i].status, i < 2 ? GYRE_OK : GYRE_LIMIT);
        }
        CU_ASSERT_STRING_EQUAL(answers[1].rows, answers[0].rows);
        CU_ASSERT_TRUE(answers[0].rows[0] != '\0');
        CU_ASSERT_PTR_NOT_NULL(strstr(answers[3].error.text, "--spill-limit"));
    }
    for (size_t i = 0; i < ENGINES; i++) {
        gyre_graph_close(graphs[i]);
        gyre_engine_close(engines[i]);
    }
}

int main(void)
{
    small_flows_open(&engine, &graph, UINT64_C(64) << 20);
    CU_TestInfo cases[] = {
        CASE(what_would_not_end_is_ended),
        CASE(a_part_of_a_group_is_not_shown),
        CASE(rows_found_before_the_time_limit_are_shown),
        CASE(a_row_limit_keeps_as_many_rows),
        CASE(a_stop_ends_the_query_that_follows),
        CASE(a_query_of_too_many_clauses_is_refused),
        CASE(parameters_end_at_limits_too),
        CASE(what_is_kept_beyond_memory_is_the_same),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("pipeline limits", NULL, NULL, cases);
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    return failed;
}
