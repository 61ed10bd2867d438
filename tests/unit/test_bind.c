/* floor: query */
#include "query/bound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/memory.h"
#include "base/time_text.h"
#include "tests/support/flow_schema.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct flow_schema flows;

/* The bound query, or NULL and the error printed. */
static struct bound_query *bind(const char *text)
{
    struct bound_query *query = NULL;
    struct error error = {0};
    enum status status = query_bind(&query, &flows.graph, bytes_of(text), "query", &error);
    if (status != STATUS_OK) {
        printf("\n%s\n  %d:%d: %s\n", text, (int)error.line, (int)error.column, error.text);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    return query;
}

/* What a WHERE over (a)-[e]->(b)-[f]->(c) leaves: predicates as text, a letter for their kind before
 * each, and the number of windows. */
struct where_row {
    const char *where;
    const char *predicates;
};

static void describe(const struct bound_query *query, char *text, size_t size)
{
    static const char letters[] = {[PREDICATE_CONSTANT] = 'c',
                                   [PREDICATE_VERTEX] = 'v',
                                   [PREDICATE_EDGE] = 'e',
                                   [PREDICATE_STRUCTURE] = 's',
                                   [PREDICATE_RESIDUAL] = 'r'};
    size_t length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        char piece[512];
        expression_format(query, query->predicates[i].expression, piece, sizeof piece);
        length += (size_t)snprintf(text + length, size - length, "%s%c:%s", i == 0 ? "" : "; ",
                                   letters[query->predicates[i].kind], piece);
    }
}

static void check_where(const char *where, const char *expected)
{
    char text[1024];
    char found[2048];
    snprintf(text, sizeof text, "MATCH (a)-[e]->(b)-[f]->(c) WHERE %s RETURN count(*)", where);
    struct bound_query *query = bind(text);
    if (query == NULL) {
        return;
    }
    describe(query, found, sizeof found);
    if (strcmp(found, expected) != 0) {
        printf("\n%s\n  found    %s\n  expected %s\n", where, found, expected);
    }
    CU_ASSERT_STRING_EQUAL(found, expected);
    query_close(query);
}

/* `message` has to be a part of the error's text, and `column` its place. */
static void check_refused(const char *text, uint64_t column, const char *message)
{
    struct bound_query *query = NULL;
    struct error error = {0};
    enum status status = query_bind(&query, &flows.graph, bytes_of(text), "query", &error);
    bool is_right = status == STATUS_USAGE && strstr(error.text, message) != NULL &&
                    error.column == column && error.line == 1 && error.caret < 256;
    if (!is_right) {
        printf("\n%s\n  found    %d:%d: %s\n  expected 1:%d: %s\n", text, (int)error.line,
               (int)error.column, error.text, (int)column, message);
    }
    CU_ASSERT_TRUE(is_right);
    CU_ASSERT_PTR_NULL(query);
    query_close(query);
}

static const char seed[] =
    "MATCH (a)-[e1]->(b)-[e2]->(a)\n"
    "WHERE e1.StartTime <= e2.StartTime AND e1.Dur < (e2.Dur / 10) AND e1.Proto = 'tcp' AND "
    "e2.Proto = 'icmp'\n"
    "RETURN a.IPAddr AS A, e1.StartTime AS timestamp1, e1.Dur AS dur1, b.IPAddr AS B, "
    "e2.StartTime AS timestamp2, e2.Dur AS dur2";

static void the_seed_query_has_one_window_two_edge_filters_and_one_residual(void)
{
    char found[512];
    struct bound_query *query = bind(seed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    describe(query, found, sizeof found);
    CU_ASSERT_STRING_EQUAL(
        found, "r:e1.Dur < e2.Dur / 10.0; e:e1.Proto = 'tcp'; e:e2.Proto = 'icmp'");
    CU_ASSERT_EQUAL(query->window.limit_ns[1][0], 0);
    CU_ASSERT_EQUAL(query->window.limit_ns[0][1], WINDOW_NONE);
    CU_ASSERT_FALSE(query->window.is_impossible);
    CU_ASSERT_EQUAL(query->vertex_count, 2);
    CU_ASSERT_EQUAL(query->edge_count, 2);
    CU_ASSERT_EQUAL(query->edges[1].source, 1);
    CU_ASSERT_EQUAL(query->edges[1].target, 0);
    CU_ASSERT_EQUAL(query->output_count, 6);
    CU_ASSERT_STRING_EQUAL(query->outputs[3].name, "B");
    CU_ASSERT_EQUAL(query->outputs[3].expression->kind, EXPRESSION_KEY);
    CU_ASSERT_EQUAL(query->outputs[1].expression->type, TYPE_TIME);
    CU_ASSERT_EQUAL(query->limit, UINT64_MAX);
    CU_ASSERT_FALSE(query->is_grouped || query->is_distinct || query->is_explain);
    query_close(query);
}

static const struct where_row wheres[] = {
    /* Kinds. */
    {"true", ""},
    {"1 < 2", ""},
    {"null", "c:false"},
    {"e.Proto = null", "c:false"},
    {"'x' STARTS WITH 'x'", "c:'x' STARTS WITH 'x'"},
    {"a.IPAddr = '10.0.0.1'", "v:a.IPAddr = '10.0.0.1'"},
    {"a.IPAddr <> b.IPAddr", "s:a.IPAddr <> b.IPAddr"},
    {"a <> b AND e <> f", "s:a <> b; r:e <> f"},
    {"a = a", "v:a = a"},
    {"e.SrcAddr = 'router-1'", "v:a.IPAddr = 'router-1'"},
    {"e.DstAddr = c.IPAddr", "s:b.IPAddr = c.IPAddr"},
    {"e.Sport = f.Sport", "r:e.Sport = f.Sport"},
    {"e.Proto = b.IPAddr", "r:e.Proto = b.IPAddr"},
    {"e.LastTime >= f.StartTime", "r:e.LastTime >= f.StartTime"},
    /* Conjuncts. */
    {"e.Sport = 1 AND (f.Sport = 2 AND NOT NOT b.IPAddr = '::1')",
     "e:e.Sport = 1; e:f.Sport = 2; v:b.IPAddr = '::1'"},
    {"NOT (e.Sport = 1 OR f.Sport = 2)", "e:e.Sport <> 1; e:f.Sport <> 2"},
    {"NOT e.Dur < 1", "e:NOT e.Dur < 1.0"},
    {"NOT e.Dur = 1", "e:e.Dur <> 1.0"},
    {"NOT e.Sport < 1", "e:e.Sport >= 1"},
    {"NOT e.Dur IS NULL", "e:e.Dur IS NOT NULL"},
    {"NOT (e.Sport = 1 AND e.Dport = 2)", "e:NOT (e.Sport = 1 AND e.Dport = 2)"},
    {"1 <= e.Sport < 1024", "e:1 <= e.Sport; e:e.Sport < 1024"},
    {"e.IsBot XOR f.IsBot", "r:e.IsBot XOR f.IsBot"},
    {"e.IsBot", "e:e.IsBot"},
    /* Types. */
    {"e.Sport < 1.5", "e:e.Sport < 1.5"},
    {"e.Dur IN [1, 2.5, null]", "e:e.Dur IN [1.0, 2.5, null]"},
    {"e.Sport IN [1, 2.5, 3]", "e:e.Sport IN [1.0, 2.5, 3.0]"},
    {"e.Proto IN ['tcp', \"udp\"]", "e:e.Proto IN ['tcp', 'udp']"},
    {"a.IPAddr IN ['1.2.3.4', 'nobody', 'AA:BB:CC:DD:EE:FF']",
     "v:a.IPAddr IN ['1.2.3.4', 'nobody', 'aa:bb:cc:dd:ee:ff']"},
    {"e.Sport IN []", "c:false"},
    {"e.Sport IN [f.Sport, 80]", "r:e.Sport = f.Sport OR e.Sport = 80"},
    {"80 IN [e.Sport, e.Dport]", "e:80 = e.Sport OR 80 = e.Dport"},
    {"null IN [1]", "c:false"},
    {"a.IPAddr STARTS WITH '147.' AND b.IPAddr < '2'",
     "v:a.IPAddr STARTS WITH '147.'; v:b.IPAddr < '2'"},
    {"a.IPAddr + '/32' = 'x'", "v:a.IPAddr + '/32' = 'x'"},
    {"e.LastTime > '2011-08-16'", "e:e.LastTime > datetime('2011-08-16T00:00:00Z')"},
    {"e.LastTime IN ['2011-08-16']", "e:e.LastTime IN [datetime('2011-08-16T00:00:00Z')]"},
    {"e.Idle > duration({seconds: 6}) * 10", "e:e.Idle > duration({minutes: 1})"},
    {"e.Idle > 1.5 * duration({seconds: 1})", "e:e.Idle > duration({milliseconds: 1500})"},
    {"2 * e.Idle > duration({days: 1, hours: -24})", "e:e.Idle * 2 > duration({seconds: 0})"},
    {"e.LastTime - f.LastTime < duration({weeks: 1})",
     "r:e.LastTime - f.LastTime < duration({days: 7})"},
    {"duration({hours: 1}) + e.LastTime > f.LastTime",
     "r:e.LastTime + duration({hours: 1}) > f.LastTime"},
    {"e.Sport % 2 = -(1)", "e:e.Sport % 2 = -1"},
    {"e.Sport ^ 2 > 4", "e:e.Sport ^ 2.0 > 4.0"},
    {"e.Sport + e.Dport * 2 - -e.TotPkts > 1 / 2",
     "e:e.Sport + e.Dport * 2 - -e.TotPkts > 0"},
    {"(e.Sport - (e.Dport - 1)) * 2 = 0", "e:(e.Sport - (e.Dport - 1)) * 2 = 0"},
    {"(e.IsBot = f.IsBot) = true", "r:(e.IsBot = f.IsBot) = true"},
    {"e.`Tot Len` = 1 AND e.Match CONTAINS 'x'", "e:e.`Tot Len` = 1; e:e.Match CONTAINS 'x'"},
    {"e.Proto = 'it\\'s \\u00e9\\n'", "e:e.Proto = 'it\\'s \xc3\xa9\\n'"},
    {"e.Sport = 0x1F AND f.Sport = 0o17", "e:e.Sport = 31; e:f.Sport = 15"},
    {"e.TotBytes > -9223372036854775808", "e:e.TotBytes > -9223372036854775808"},
    {"(null OR e.IsBot) AND (e.IsBot OR true)", "e:null OR e.IsBot"},
    /* Taken by the window. */
    {"e.StartTime < f.StartTime", ""},
    {"NOT e.StartTime > f.StartTime", ""},
    {"e.StartTime = '2011-08-16T10:00:00Z'", ""},
    {"e.StartTime <= f.StartTime <= e.StartTime + duration({minutes: 1})", ""},
    {"e.StartTime <> f.StartTime", "r:e.StartTime <> f.StartTime"},
    {"e.StartTime - e.StartTime < duration({seconds: 1})",
     "e:e.StartTime - e.StartTime < duration({seconds: 1})"},
};

static void conditions_become_predicates(void)
{
    for (size_t i = 0; i < COUNT_OF(wheres); i++) {
        check_where(wheres[i].where, wheres[i].predicates);
    }
}

struct refused_row {
    const char *text; /* the column is that of the marker ^ in it, which is taken out */
    const char *message;
};

static const struct refused_row refusals[] = {
    /* Names. */
    {"MATCH (a)-[e]->(b) RETURN e.^Durr", "flows have no property `Durr`; did you mean `Dur`?"},
    {"MATCH (a)-[e]->(b) RETURN e.^dur", "did you mean `Dur`?"},
    {"MATCH (a)-[e]->(b) RETURN e.^Quux", "known: `StartTime`, `Dur`, `Proto`"},
    {"MATCH (a)-[e]->(b) RETURN a.^IPaddr", "vertices have no property `IPaddr`; did you mean `IPAddr`?"},
    {"MATCH (a)-[e]->(b) RETURN ^x.Dur", "there is no variable `x`"},
    {"MATCH (abc)-[e]->(b) RETURN ^abd", "there is no variable `abd`; did you mean `abc`?"},
    {"MATCH (a:^Ip) RETURN a", "there is no label `Ip`; did you mean `IP`?"},
    {"MATCH (a:^Host) RETURN a", "there is no label `Host`; known: `IP`"},
    {"MATCH (a)-[:^netflow]->(b) RETURN a", "there is no type `netflow`; did you mean `Netflow`?"},
    {"MATCH (a)-[:Netflow|^Other]->(b) RETURN a", "there is no type `Other`"},
    {"MATCH (a) RETURN ^foo(a)", "there is no function `foo`"},
    {"MATCH (a) RETURN ^cuont(a)", "did you mean `count`?"},
    {"MATCH (a) WHERE ^b.IPAddr = 'x' MATCH (b) RETURN a", "there is no variable `b`"},
    {"MATCH (a)-[e]->(b) RETURN e.Dur.^x", "e.Dur is a float: it has no properties"},
    /* Patterns. */
    {"MATCH (a)-[e]->(b)-[^e]->(c) RETURN a", "`e` stands for two flows of one MATCH"},
    {"MATCH (a)-[e]->(b) MATCH (b)-[^e]->(c) RETURN a", "bound by an earlier MATCH"},
    {"MATCH (a)-[^a]->(b) RETURN a", "`a` is a vertex: it cannot be a flow as well"},
    {"MATCH (a)-[e]->(^e) RETURN a", "`e` is a flow: it cannot be a vertex as well"},
    {"MATCH (a)^-[e]-(b) RETURN a", "undirected relationships are not supported: write -[e]-> or <-[e]-"},
    {"MATCH (a {^Dur: 1}) RETURN a", "vertices have no property `Dur`"},
    {"MATCH ()-[{^Dur: 'x'}]->() RETURN 1", "Dur is a float and 'x' is text: never equal; write x without quotes?"},
    {"MATCH ()-[{Dur: ^count(*)}]->() RETURN 1", "may not stand in a pattern"},
    /* Types. */
    {"MATCH ()-[e]->() WHERE e.Proto ^= 6 RETURN 1", "e.Proto is text and 6 is an integer: never equal; write '6'?"},
    {"MATCH ()-[e]->() WHERE e.Dur ^< 'x' RETURN 1", "e.Dur is a float and 'x' is text: they have no order"},
    {"MATCH ()-[e]->() WHERE e.Idle ^> 6 RETURN 1", "write duration({seconds: 6})?"},
    {"MATCH ()-[e]->() WHERE e.StartTime ^> 6 RETURN 1", "write datetime("},
    {"MATCH ()-[e]->() WHERE e.StartTime > ^'noon' RETURN 1", "'noon' is no time"},
    {"MATCH ()-[e]->() WHERE e.StartTime > datetime(^'noon') RETURN 1", "'noon' is no time"},
    {"MATCH ()-[e]->() WHERE e.StartTime > datetime(^5) RETURN 1", "datetime wants a string"},
    {"MATCH (a) WHERE a ^= '1.2.3.4' RETURN 1", "write a.IPAddr?"},
    {"MATCH (a), (b) WHERE a ^< b RETURN 1", "vertices have no order"},
    {"MATCH ()-[e]->() WHERE e.^Sport RETURN 1", "WHERE wants a condition, but e.Sport is an integer"},
    {"MATCH ()-[e]->() WHERE e.IsBot AND ^1 RETURN 1", "AND wants a condition, but 1 is an integer"},
    {"MATCH ()-[e]->() WHERE e.^Sport STARTS WITH '8' RETURN 1", "STARTS WITH wants text, but e.Sport is an integer"},
    {"MATCH ()-[e]->() WHERE e.Sport IN [1, ^'x'] RETURN 1", "e.Sport is an integer and 'x' is text"},
    {"MATCH ()-[e]->() WHERE e.Sport IN ^5 RETURN 1", "IN wants a list"},
    {"MATCH ()-[e]->() RETURN e.Proto ^+ 1", "e.Proto is text and 1 is an integer: + does not add them"},
    {"MATCH ()-[e]->() RETURN ^-e.Proto", "- wants a number, but e.Proto is text"},
    {"MATCH ()-[e]->() RETURN e.StartTime ^+ e.StartTime", "+ does not add them"},
    {"MATCH ()-[e]->() RETURN ^[1]", "a list may only stand on the right of IN"},
    {"MATCH ()-[e]->() RETURN ^{a: 1}", "a map may only stand"},
    {"MATCH ()-[e]->() RETURN 9223372036854775807 ^+ 1", "integer overflow in a constant"},
    {"MATCH ()-[e]->() RETURN 1 ^/ 0", "division by zero in a constant"},
    {"MATCH ()-[e]->() RETURN ^9223372036854775808", "does not fit into 64 bits"},
    {"MATCH ()-[e]->() RETURN duration({^months: 1})", "months are not supported in a duration"},
    {"MATCH ()-[e]->() RETURN duration({^second: 1})", "did you mean `seconds`?"},
    {"MATCH ()-[e]->() RETURN duration({seconds: e.^Dur})", "seconds of a duration are a number"},
    {"MATCH ()-[e]->() RETURN duration({days: ^9223372036854775807})", "longer than 292 years"},
    {"MATCH ()-[e]->() RETURN duration(^'PT1M')", "duration wants a map"},
    /* Aggregates and RETURN. */
    {"MATCH ()-[e]->() WHERE ^count(*) > 1 RETURN 1", "count is an aggregate: it may not stand in WHERE"},
    {"MATCH ()-[e]->() RETURN sum(^count(*))", "it may not stand in another aggregate"},
    {"MATCH ()-[e]->() RETURN count(*) AS n ORDER BY ^sum(n)", "may not stand in another aggregate"},
    {"MATCH ()-[e]->() RETURN sum(e.^Proto)", "e.Proto is text: sum does not take it"},
    {"MATCH ()-[e]->() RETURN avg(^e)", "e is a flow: avg does not take it"},
    {"MATCH ()-[e]->() RETURN ^sum(*)", "only count(*) does"},
    {"MATCH ()-[e]->() RETURN ^sum(e.Dur, 1)", "sum wants one argument, but has 2"},
    {"MATCH ()-[e]->() RETURN ^datetime(DISTINCT '2011-01-01')", "no aggregate"},
    {"MATCH ()-[e]->() RETURN e.^Dur + count(*)", "e.Dur has many values in a group"},
    {"MATCH ()-[e]->() RETURN e.Dur, ^e.Dur", "two outputs have the name `e.Dur`"},
    {"MATCH (a) RETURN a.IPAddr AS x, ^1 AS x", "two outputs have the name `x`"},
    {"MATCH () RETURN ^*", "RETURN * needs a variable with a name"},
    {"MATCH ()-[e]->() RETURN DISTINCT e.Dur ORDER BY e.^Sport", "may use only what is returned"},
    {"MATCH ()-[e]->() RETURN e.Dur ORDER BY ^count(*)", "ORDER BY when RETURN has none"},
    {"MATCH ()-[e]->() RETURN count(*) ORDER BY e.^Dur", "e.Dur has many values in a group"},
    {"MATCH ()-[e]->() RETURN e ORDER BY ^e", "flows have no order"},
    {"MATCH ()-[e]->() RETURN e LIMIT ^-1", "LIMIT wants a whole number"},
    {"MATCH ()-[e]->() RETURN e SKIP ^1.5", "SKIP wants a whole number"},
    {"MATCH ()-[e]->() RETURN e LIMIT e.^Sport", "LIMIT wants a whole number"},
};

static void what_is_wrong_is_refused_at_its_place(void)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        char text[512];
        const char *marker = strchr(refusals[i].text, '^');
        CU_ASSERT_PTR_NOT_NULL_FATAL(marker);
        size_t place = (size_t)(marker - refusals[i].text);
        snprintf(text, sizeof text, "%.*s%s", (int)place, refusals[i].text, marker + 1);
        check_refused(text, place + 1, refusals[i].message);
    }
}

static void errors_name_file_line_and_excerpt(void)
{
    struct bound_query *query = NULL;
    struct error error = {0};
    const char text[] = "MATCH (a)-[e]->(b)\nRETURN e.Durr";
    CU_ASSERT_EQUAL(query_bind(&query, &flows.graph, bytes_of(text), "hunt.cypher", &error),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(error.file, "hunt.cypher");
    CU_ASSERT_EQUAL(error.line, 2);
    CU_ASSERT_EQUAL(error.column, 10);
    CU_ASSERT_STRING_EQUAL(error.excerpt, "RETURN e.Durr");
    CU_ASSERT_EQUAL(error.caret, 9);
    CU_ASSERT_EQUAL(query_bind(&query, &flows.graph, bytes_of(text), "x", NULL), STATUS_USAGE);
}

static void repeated_vertices_are_one_and_anonymous_ones_are_not(void)
{
    struct bound_query *query =
        bind("MATCH (a)-->()<--(b), (b)-[x {Proto: 'tcp'}]->(a {IPAddr: '::1'}), (s)-->(s)"
                 " MATCH (a)<-[y:Netflow]-(c:IP) RETURN *");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    static const uint32_t ends[][3] = {{0, 1, 0}, {2, 1, 0}, {2, 0, 0}, {3, 3, 0}, {4, 0, 1}};
    CU_ASSERT_EQUAL_FATAL(query->edge_count, COUNT_OF(ends));
    CU_ASSERT_EQUAL(query->vertex_count, 5);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        CU_ASSERT_EQUAL(query->edges[i].source, ends[i][0]);
        CU_ASSERT_EQUAL(query->edges[i].target, ends[i][1]);
        CU_ASSERT_EQUAL(query->edges[i].clause, ends[i][2]);
    }
    CU_ASSERT_PTR_NULL(query->vertices[1].name);
    CU_ASSERT_EQUAL(query->predicate_count, 2);
    CU_ASSERT_EQUAL(query->predicates[0].kind, PREDICATE_EDGE);
    CU_ASSERT_EQUAL(query->predicates[1].kind, PREDICATE_VERTEX);
    static const char *const names[] = {"a", "b", "x", "s", "y", "c"};
    CU_ASSERT_EQUAL_FATAL(query->output_count, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CU_ASSERT_STRING_EQUAL(query->outputs[i].name, names[i]);
    }
    query_close(query);
}

/* Outputs, keys and ORDER BY as text. */
struct return_row {
    const char *text; /* after MATCH (a)-[e]->(b) RETURN */
    const char *bound;
};

static void put_expression(char *text, size_t size, const struct bound_query *query,
                           const char *before, const struct expression *expression)
{
    static const char marks[] = {[EXPRESSION_GROUP_KEY] = '#', [EXPRESSION_OUTPUT] = '@'};
    char piece[256];
    char mark = expression->kind < sizeof marks ? marks[expression->kind] : '\0';
    size_t length = strlen(text);
    expression_format(query, expression, piece, sizeof piece);
    snprintf(text + length, size - length, "%s%s%s", before,
             mark == '#'   ? "#"
             : mark == '@' ? "@"
                           : "",
             piece);
}

static const struct return_row returns[] = {
    {"a.IPAddr", "a.IPAddr"},
    {"a.IPAddr, count(*)", "#a.IPAddr, count(*) by a.IPAddr"},
    {"count(*) + 1, e.Dur AS d, e.Dur + 1 + count(*)",
     "count(*) + 1, #e.Dur, e.Dur + 1.0 + count(*) by e.Dur"},
    {"1, count(*)", "#1, count(*) by 1"},
    {"a, a.IPAddr + '!' + min(b.IPAddr)", "#a, a.IPAddr + '!' + min(b.IPAddr) by a, a.IPAddr"},
    {"e, e.Dur * count(*), a.IPAddr + max(e.Proto)",
     "#e, e.Dur * count(*), a.IPAddr + max(e.Proto) by e, e.Dur, a.IPAddr"},
    {"count(DISTINCT a) AS n, sum(e.TotBytes), avg(e.TotPkts), avg(e.Idle)",
     "count(DISTINCT a), sum(e.TotBytes), avg(e.TotPkts), avg(e.Idle)"},
    {"COUNT(e), count(e) AS n", "count(e), count(e)"},
    {"a.IPAddr AS x ORDER BY x", "a.IPAddr order @x"},
    {"a.IPAddr AS x ORDER BY a.IPAddr DESC, e.Dur", "a.IPAddr order @x desc, e.Dur"},
    {"a.IPAddr AS b ORDER BY b", "a.IPAddr order @b"},
    {"e.Dur AS x ORDER BY x + 1", "e.Dur order e.Dur + 1.0"},
    {"DISTINCT a.IPAddr AS x ORDER BY x", "distinct a.IPAddr order @x"},
    {"a.IPAddr AS x, count(*) AS n ORDER BY n DESCENDING, x ASCENDING, sum(e.Dur)",
     "#a.IPAddr, count(*) by a.IPAddr order @n desc, @x, sum(e.Dur)"},
    {"a.IPAddr AS x, count(*) AS n ORDER BY n * 2, a.IPAddr + 'x'",
     "#a.IPAddr, count(*) by a.IPAddr order count(*) * 2, a.IPAddr + 'x'"},
    {"a ORDER BY a", "a order a.IPAddr"},
    {"a AS v, count(*) ORDER BY v", "#a, count(*) by a, a.IPAddr order #a.IPAddr"},
    {"e.StartTime - datetime('1970-01-01')  AS  t", "e.StartTime - datetime('1970-01-01T00:00:00Z')"},
};

static void check_return(const struct return_row *row)
{
    char text[512];
    char found[1024] = "";
    snprintf(text, sizeof text, "MATCH (a)-[e]->(b) RETURN %s", row->text);
    struct bound_query *query = bind(text);
    if (query == NULL) {
        return;
    }
    snprintf(found, sizeof found, "%s", query->is_distinct ? "distinct " : "");
    for (uint32_t i = 0; i < query->output_count; i++) {
        put_expression(found, sizeof found, query, i == 0 ? "" : ", ",
                       query->outputs[i].expression);
    }
    for (uint32_t i = 0; i < query->key_count; i++) {
        put_expression(found, sizeof found, query, i == 0 ? " by " : ", ", query->keys[i]);
    }
    for (uint32_t i = 0; i < query->order_count; i++) {
        put_expression(found, sizeof found, query, i == 0 ? " order " : ", ",
                       query->orders[i].expression);
        strcat(found, query->orders[i].is_descending ? " desc" : "");
    }
    if (strcmp(found, row->bound) != 0) {
        printf("\n%s\n  found    %s\n  expected %s\n", text, found, row->bound);
    }
    CU_ASSERT_STRING_EQUAL(found, row->bound);
    query_close(query);
}

static void outputs_are_grouped_and_ordered(void)
{
    for (size_t i = 0; i < COUNT_OF(returns); i++) {
        check_return(&returns[i]);
    }
}

static void aggregates_have_types_and_are_computed_once(void)
{
    struct bound_query *query =
        bind("PROFILE MATCH (a)-[e]->(b) RETURN count(*) AS n, count(*) + sum(e.Sport) AS m, "
             "sum(e.Dur) AS s, avg(e.Sport) AS v, max(a.IPAddr) AS x, min(e.StartTime) AS t "
             "SKIP 2 + 3 LIMIT 7;");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    static const enum type types[] = {TYPE_INTEGER, TYPE_INTEGER, TYPE_FLOAT,
                                      TYPE_FLOAT,   TYPE_ADDRESS, TYPE_TIME};
    CU_ASSERT_EQUAL_FATAL(query->aggregate_count, COUNT_OF(types));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        CU_ASSERT_EQUAL(query->aggregates[i].type, types[i]);
    }
    CU_ASSERT_TRUE(query->is_grouped && query->is_profile && !query->is_explain);
    CU_ASSERT_EQUAL(query->key_count, 0);
    CU_ASSERT_EQUAL(query->aggregates[3].argument->type, TYPE_FLOAT);
    CU_ASSERT_EQUAL(query->skip, 5);
    CU_ASSERT_EQUAL(query->limit, 7);
    CU_ASSERT_STRING_EQUAL(query->outputs[0].name, "n");
    query_close(query);
}

static void address_literals_are_addresses(void)
{
    static const struct {
        const char *text;
        struct address address;
    } rows[] = {
        {"1.2.3.4", {0, ADDRESS_LOW_IPV4 | 0x01020304}},
        {"::FFFF:1.2.3.4", {0, ADDRESS_LOW_IPV4 | 0x01020304}},
        {"00:00:00:00:00:0A", {ADDRESS_HIGH_MAC, 10}},
        {"router-1", {ADDRESS_HIGH_TEXT, 1}},
        {"nobody", {ADDRESS_HIGH_TEXT, UINT64_MAX}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "MATCH (a {IPAddr: '%s'}) RETURN a", rows[i].text);
        struct bound_query *query = bind(text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(query);
        const struct expression *condition = query->predicates[0].expression;
        CU_ASSERT_EQUAL(condition->children[1]->type, TYPE_ADDRESS);
        CU_ASSERT_TRUE(
            address_equal(*condition->children[1]->literal.address, rows[i].address));
        query_close(query);
    }
}

/* Conditions as nested as the grammar allows, and patterns as large. */
static void limits_are_told(void)
{
    static char text[1 << 16];
    size_t length = (size_t)sprintf(text, "MATCH (v0)");
    for (int i = 0; i < PATTERN_EDGES_MAX; i++) {
        length += (size_t)sprintf(text + length, "-->(v%d)", i + 1);
    }
    strcpy(text + length, " RETURN 1");
    query_close(bind(text));
    size_t column = length + 1;
    strcpy(text + length, "-->() RETURN 1");
    check_refused(text, column, "more than 16 flows");

    length = (size_t)sprintf(text, "MATCH ()");
    for (int i = 1; i < PATTERN_VERTICES_MAX; i++) {
        length += (size_t)sprintf(text + length, ", ()");
    }
    strcpy(text + length, ", () RETURN 1");
    check_refused(text, length + 3, "vertices");

    length = (size_t)sprintf(text, "MATCH (a)-[e]->(b) WHERE e.Sport = 0");
    for (int i = 1; i < 2000; i++) {
        length += (size_t)sprintf(text + length, " OR e.Sport = %d", i);
    }
    strcpy(text + length, " RETURN 1");
    query_close(bind(text));

    length = (size_t)sprintf(text, "MATCH (a) RETURN 0 AS c0");
    for (int i = 1; i <= QUERY_OUTPUTS_MAX; i++) {
        column = length + 3;
        length += (size_t)sprintf(text + length, ", %d AS c%d", i, i);
    }
    check_refused(text, column, "more than 1024 outputs");
}

/* Whatever allocation fails, nothing leaks (the sanitizer looks) and memory is named. */
static void every_failed_allocation_is_an_error(void)
{
    static const char text[] =
        "MATCH (a)-[e {Proto: 'tcp'}]->(b) WHERE e.Sport IN [1, 2] AND a.IPAddr <> 'x' "
        "RETURN a, a.IPAddr + max(e.Proto) AS m ORDER BY m, a.IPAddr LIMIT 5";
    for (uint64_t k = 1; k < 1000; k++) {
        struct bound_query *query = NULL;
        struct error error = {0};
        memory_fault_set(k);
        enum status status =
            query_bind(&query, &flows.graph, bytes_of(text), "query", &error);
        memory_fault_set(0);
        if (status == STATUS_OK) {
            CU_ASSERT_TRUE(k > 3);
            query_close(query);
            return;
        }
        CU_ASSERT_EQUAL(status, STATUS_FAILED);
        CU_ASSERT_PTR_NULL(query);
    }
    CU_FAIL("it never had enough memory");
}

static void errors_at_run_time_point_into_the_query(void)
{
    struct bound_query *query = bind("MATCH ()-[e]->()\nRETURN e.Sport / e.Dport");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    struct error error = {0};
    uint32_t place = query->outputs[0].expression->query_offset;
    CU_ASSERT_EQUAL(query_error(&error, query, place, "division by %s", "zero"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(error.text, "division by zero");
    CU_ASSERT_EQUAL(error.line, 2);
    CU_ASSERT_EQUAL(error.column, 16);
    query_close(query);
    query_close(NULL);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("bind", NULL, NULL);
    CU_ADD_TEST(suite, the_seed_query_has_one_window_two_edge_filters_and_one_residual);
    CU_ADD_TEST(suite, conditions_become_predicates);
    CU_ADD_TEST(suite, what_is_wrong_is_refused_at_its_place);
    CU_ADD_TEST(suite, errors_name_file_line_and_excerpt);
    CU_ADD_TEST(suite, repeated_vertices_are_one_and_anonymous_ones_are_not);
    CU_ADD_TEST(suite, outputs_are_grouped_and_ordered);
    CU_ADD_TEST(suite, aggregates_have_types_and_are_computed_once);
    CU_ADD_TEST(suite, address_literals_are_addresses);
    CU_ADD_TEST(suite, limits_are_told);
    CU_ADD_TEST(suite, every_failed_allocation_is_an_error);
    CU_ADD_TEST(suite, errors_at_run_time_point_into_the_query);
    flow_schema_open(&flows);
    CU_basic_run_tests();
    flow_schema_close(&flows);
    bool has_failed = CU_get_number_of_failures() != 0;
    CU_cleanup_registry();
    return has_failed;
}
