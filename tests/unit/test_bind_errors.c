/* floor: query */
#include "query/bound.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/flow_schema.h"
#include "tests/support/suite.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { TEXT_BYTES = 1 << 16 };

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

struct refused_row {
    const char *text; /* the column is that of the marker ^ in it, which is taken out */
    const char *message;
};

static const struct refused_row refusals[] = {
    /* Names. */
    {"MATCH (a)-[e]->(b) RETURN e.^Durr", "flows have no property `Durr`; did you mean `Dur`?"},
    {"MATCH (a)-[e]->(b) RETURN e.^dur", "did you mean `Dur`?"},
    {"MATCH (a)-[e]->(b) RETURN e.^Quux", "known: `StartTime`, `Dur`, `Proto`"},
    {"MATCH (a)-[e]->(b) RETURN a.^IPaddr",
     "vertices have no property `IPaddr`; did you mean `IPAddr`?"},
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
    {"MATCH (a)-[e]-(b) RETURN e, count(*) > 1 AND a.^IPAddr = '::1'",
     "a.IPAddr has many values in a group"},
    {"MATCH (a)--()--()--()--()--()--()--()--(b)^--(c) RETURN a",
     "a ninth undirected relationship is not supported"},
    {"MATCH (a {^Dur: 1}) RETURN a", "vertices have no property `Dur`"},
    {"MATCH ()-[{^Dur: 'x'}]->() RETURN 1", "Dur is a float and 'x' is text: never equal"},
    {"MATCH ()-[{^Dur: '0.5'}]->() RETURN 1", "never equal; write 0.5 without quotes?"},
    {"MATCH ()-[e]->() RETURN ^x", "there is no variable `x`; known: `e`"},
    {"MATCH ()-[{Dur: ^count(*)}]->() RETURN 1", "may not stand in a pattern"},
    /* Types. */
    {"MATCH ()-[e]->() WHERE e.Proto ^= 6 RETURN 1",
     "e.Proto is text and 6 is an integer: never equal; write '6'?"},
    {"MATCH ()-[e]->() WHERE e.Dur ^< 'x' RETURN 1",
     "e.Dur is a float and 'x' is text: they have no order"},
    {"MATCH ()-[e]->() WHERE e.Idle ^> 6 RETURN 1", "write duration({seconds: 6})?"},
    {"MATCH ()-[e]->() WHERE e.StartTime ^> 6 RETURN 1", "write datetime("},
    {"MATCH ()-[e]->() RETURN e.StartTime ^+ e.Dur", "write duration({seconds: e.Dur})?"},
    {"MATCH ()-[e]->() WHERE e.StartTime > ^'noon' RETURN 1", "'noon' is no time"},
    {"MATCH ()-[e]->() WHERE e.StartTime > datetime(^'noon') RETURN 1", "'noon' is no time"},
    {"MATCH ()-[e]->() WHERE e.StartTime > datetime(^5) RETURN 1", "datetime wants a string"},
    {"MATCH (a) WHERE a ^= '1.2.3.4' RETURN 1", "write a.IPAddr?"},
    {"MATCH (a), (b) WHERE a ^< b RETURN 1", "vertices have no order"},
    {"MATCH ()-[e]->() WHERE e.^Sport RETURN 1",
     "WHERE wants a condition, but e.Sport is an integer"},
    {"MATCH ()-[e]->() WHERE e.IsBot AND ^1 RETURN 1",
     "AND wants a condition, but 1 is an integer"},
    {"MATCH ()-[e]->() WHERE e.^Sport STARTS WITH '8' RETURN 1",
     "STARTS WITH wants text, but e.Sport is an integer"},
    {"MATCH ()-[e]->() WHERE e.Sport IN [1, ^'x'] RETURN 1",
     "e.Sport is an integer and 'x' is text"},
    {"MATCH ()-[e]->() WHERE e.Sport IN ^5 RETURN 1", "IN wants a list"},
    {"MATCH ()-[e]->() RETURN e.Proto ^+ 1",
     "e.Proto is text and 1 is an integer: + does not add them"},
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
    {"MATCH ()-[e]->() WHERE ^count(*) > 1 RETURN 1",
     "count is an aggregate: it may not stand in WHERE"},
    {"MATCH ()-[e]->() RETURN sum(^count(*))", "it may not stand in another aggregate"},
    {"MATCH ()-[e]->() RETURN count(*) AS n ORDER BY ^sum(n)",
     "may not stand in another aggregate"},
    {"MATCH ()-[e]->() RETURN sum(e.^Proto)", "e.Proto is text: sum does not take it"},
    {"MATCH ()-[e]->() RETURN avg(^e)", "e is a flow: avg does not take it"},
    {"MATCH ()-[e]->() RETURN ^sum(*)", "only count(*) does"},
    {"MATCH ()-[e]->() RETURN ^sum(e.Dur, 1)", "sum wants one argument, but has 2"},
    {"MATCH ()-[e]->() RETURN ^datetime(DISTINCT '2011-01-01')", "no aggregate"},
    {"MATCH ()-[e]->() RETURN e.^Dur + count(*)", "e.Dur has many values in a group"},
    {"MATCH ()-[e]->() RETURN e.Dur, ^e.Dur", "there are two columns `e.Dur`"},
    {"MATCH (a) RETURN a.IPAddr AS x, ^1 AS x", "there are two columns `x`"},
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

/* Writes at `length`; returns the new length. */
__attribute__((format(printf, 3, 4))) static size_t put(char *text, size_t length,
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(text + length, TEXT_BYTES - length, format, arguments);
    va_end(arguments);
    return length;
}

/* Conditions as nested as the grammar allows, and patterns as large. */
static void limits_are_told(void)
{
    static char text[TEXT_BYTES];
    size_t length = put(text, 0, "MATCH (v0)");
    for (int i = 0; i < PATTERN_EDGES_MAX; i++) {
        length = put(text, length, "-->(v%d)", i + 1);
    }
    put(text, length, " RETURN 1");
    query_close(bind(text));
    size_t column = length + 1;
    put(text, length, "-->() RETURN 1");
    check_refused(text, column, "more than 16 flows");

    length = put(text, 0, "MATCH ()");
    for (int i = 1; i < PATTERN_VERTICES_MAX; i++) {
        length = put(text, length, ", ()");
    }
    put(text, length, ", () RETURN 1");
    check_refused(text, length + 3, "vertices");

    length = put(text, 0, "MATCH (a)-[e]->(b) WHERE e.Sport = 0");
    for (int i = 1; i < 2000; i++) {
        length = put(text, length, " OR e.Sport = %d", i);
    }
    put(text, length, " RETURN 1");
    query_close(bind(text));

    length = put(text, 0, "MATCH (a) RETURN 0 AS c0");
    for (int i = 1; i <= QUERY_OUTPUTS_MAX; i++) {
        column = length + 3;
        length = put(text, length, ", %d AS c%d", i, i);
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
        enum status status = query_bind(&query, &flows.graph, bytes_of(text), "query", &error);
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
    flow_schema_open(&flows);
    CU_TestInfo cases[] = {
        CASE(what_is_wrong_is_refused_at_its_place),
        CASE(errors_name_file_line_and_excerpt),
        CASE(limits_are_told),
        CASE(every_failed_allocation_is_an_error),
        CASE(errors_at_run_time_point_into_the_query),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("bind errors", NULL, NULL, cases);
    flow_schema_close(&flows);
    return failed;
}
