/* floor: query */
#include "query/bound.h"

#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "tests/support/flow_schema.h"
#include "tests/support/suite.h"

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

/* What a WHERE over (a)-[e]->(b)-[f]->(c) leaves: predicates as text, a letter for their kind
 * before each. */
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
    CU_ASSERT_STRING_EQUAL(found,
                           "r:e1.Dur < e2.Dur / 10.0; e:e1.Proto = 'tcp'; e:e2.Proto = 'icmp'");
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
    {"a = a", ""},
    {"NOT a <> b", ""},
    {"a = b OR a = c", "s:a = b OR a = c"},
    {"e.SrcAddr = 'router-1'", "v:a.IPAddr = 'router-1'"},
    {"e.DstAddr = c.IPAddr", ""},
    {"c.IPAddr = '::1' AND a <> c AND b = c", "v:b.IPAddr = '::1'; s:a <> b"},
    {"a <> b AND a = b", "v:a <> a"},
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
    {"e.Sport + e.Dport * 2 - -e.TotPkts > 1 / 2", "e:e.Sport + e.Dport * 2 - -e.TotPkts > 0"},
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

static void vertices_that_conditions_say_are_one_are_one(void)
{
    struct bound_query *query =
        bind("MATCH (a)-[e1]->(b), ()-[e2]->(d) MATCH (c)-[e3]->(d) WHERE e2.SrcAddr = b.IPAddr"
             " AND d = a AND b <> d AND c.IPAddr <> '::1' RETURN d.IPAddr, c.IPAddr AS c");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    static const uint32_t ends[][2] = {{0, 1}, {1, 0}, {2, 0}};
    CU_ASSERT_EQUAL(query->vertex_count, 3);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        CU_ASSERT_EQUAL(query->edges[i].source, ends[i][0]);
        CU_ASSERT_EQUAL(query->edges[i].target, ends[i][1]);
    }
    char found[256];
    describe(query, found, sizeof found);
    CU_ASSERT_STRING_EQUAL(found, "s:b <> a; v:c.IPAddr <> '::1'");
    CU_ASSERT_STRING_EQUAL(query->outputs[0].name, "d.IPAddr");
    CU_ASSERT_EQUAL(query->outputs[0].expression->variable, 0);
    CU_ASSERT_EQUAL(query->outputs[1].expression->variable, 2);
    query_close(query);
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
    {"e.StartTime - datetime('1970-01-01')  AS  t",
     "e.StartTime - datetime('1970-01-01T00:00:00Z')"},
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
        size_t length = strlen(found);
        snprintf(found + length, sizeof found - length, "%s",
                 query->orders[i].is_descending ? " desc" : "");
    }
    if (strcmp(found, row->bound) != 0) {
        printf("\n%s\n  found    %s\n  expected %s\n", text, found, row->bound);
    }
    CU_ASSERT_STRING_EQUAL(found, row->bound);
    query_close(query);
}

static void ends_of_undirected_flows_are_read_from_them(void)
{
    struct bound_query *query = bind("MATCH (a)-[e]-(b)-[f]->(c) WHERE e.SrcAddr = '::1'"
                                     " AND f.SrcAddr = '::2' AND e.DstAddr = a.IPAddr RETURN e");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    char found[256];
    describe(query, found, sizeof found);
    CU_ASSERT_STRING_EQUAL(found,
                           "e:e.SrcAddr = '::1'; v:b.IPAddr = '::2'; r:e.DstAddr = a.IPAddr");
    CU_ASSERT_EQUAL(query->vertex_count, 3);
    query_close(query);
}

static void edges_between_one_vertex_and_itself_are_directed(void)
{
    struct bound_query *query = bind("MATCH (a)-[e]-(b)<-[f]->(c), (a)-[g]-(a), (c)-[h]-(d)"
                                     " WHERE d = c RETURN e, count(*)");
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    static const bool are_undirected[] = {true, true, false, false};
    CU_ASSERT_EQUAL_FATAL(query->edge_count, COUNT_OF(are_undirected));
    for (size_t i = 0; i < COUNT_OF(are_undirected); i++) {
        CU_ASSERT_EQUAL(query->edges[i].is_undirected, are_undirected[i]);
    }
    CU_ASSERT_EQUAL(query_undirected_edges(query), 3);
    CU_ASSERT_EQUAL(query_orientation_count(query), 4);
    CU_ASSERT_EQUAL(query_known_vertices(query), 5);
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
        CU_ASSERT_TRUE(address_equal(*condition->children[1]->literal.address, rows[i].address));
        query_close(query);
    }
}

int main(void)
{
    flow_schema_open(&flows);
    CU_TestInfo cases[] = {
        CASE(the_seed_query_has_one_window_two_edge_filters_and_one_residual),
        CASE(conditions_become_predicates),
        CASE(vertices_that_conditions_say_are_one_are_one),
        CASE(repeated_vertices_are_one_and_anonymous_ones_are_not),
        CASE(ends_of_undirected_flows_are_read_from_them),
        CASE(edges_between_one_vertex_and_itself_are_directed),
        CASE(outputs_are_grouped_and_ordered),
        CASE(aggregates_have_types_and_are_computed_once),
        CASE(address_literals_are_addresses),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("bind", NULL, NULL, cases);
    flow_schema_close(&flows);
    return failed;
}
