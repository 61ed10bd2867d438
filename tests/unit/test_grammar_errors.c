/* floor: query */
#include "query/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "query/bound.h"
#include "tests/support/suite.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct refused_row {
    const char *text;
    uint64_t column;
    const char *message;
};

/* What openCypher refuses before a query runs. */
static const struct refused_row errors[] = {
    {"", 1, "the query is empty"},
    {" \t// x", 7, "the query is empty"},
    {"MATCH (a RETURN a", 10, "expected ), : or { but found RETURN"},
    {"MATCH (a) RETURN f(a RETURN", 22, "expected ) or ',' but found RETURN"},
    {"MATCH (a)", 10, "the query ends without RETURN"},
    {"MATCH (a) RETURN", 17, "expected an expression, DISTINCT or * but the query ends here"},
    {"MATCH (a), RETURN a", 12, "expected a name or ( but found RETURN"},
    {"MATCH (limit) RETURN a", 8, "found the keyword limit: a name that is a keyword stands in"},
    {"MATCH (a) RETURN (1 + )", 23, "expected an expression but found )"},
    {"MATCH (a)-[:]->() RETURN a", 13, "expected a name but found ]"},
    {"MATCH (a) RETURN a ORDER a", 26, "expected BY but found a"},
    {"MATCH (a) RETURN a;;", 20, "expected the end of the query but found ;"},
    {"MATCH (a) RETURN a; RETURN 1", 21, "expected the end of the query but found RETURN"},
    {"MATCH (a) RETURN a b", 20, "unexpected b"},
    {"RETRUN 1", 1, "but found RETRUN; did you mean RETURN?"},
    {"MATCH (a) wher a.x = 1 RETURN a", 11, "found wher; did you mean WHERE?"},
    {"MATCH (a) RETURN a oder BY a", 20, "unexpected oder; did you mean ORDER?"},
    {"SELECT a FROM b", 1, "but found SELECT; a query is written MATCH ... WHERE ... RETURN ..."},
    {"MATCH (a) RETURN a OFFSET 3", 20, "unexpected OFFSET; write SKIP n LIMIT m"},
    {"MATCH (a) WHERE a.x IN (1, 2) RETURN a", 26, "found ,; a list is written [1, 2]"},
    {"MATCH (a) WHERE a.x = 1, a.y = 2 RETURN a", 24, "and conditions are joined with AND"},
    {"MATCH (a) WHERE a.x NOT IN [1] RETURN a", 21, "found NOT; write NOT x IN [1, 2]"},
    {"MATCH (a) ORDER BY a RETURN a", 11, "found ORDER; ORDER BY stands behind RETURN or WITH"},
    {"USE neo4j MATCH (a) RETURN a", 1, "there is one graph, that of all sources: leave USE out"},
    {"RETURN 1 AS \"n m\"", 13, "but found \"n m\"; a name that is no word stands in backquotes"},
    {"FIND (a)", 1, "expected a clause like MATCH or RETURN but found FIND"},
    {"MATCH (a) WHERE (a)-->b RETURN a", 23, "expected ( but found b"},
    {"MATCH (a) WHERE (a)-[:X->(b) RETURN a", 24, "expected ], | or { but found -"},
    {"MATCH (a:A)-[:LIKES..]->(c) RETURN c", 20, "but found .."},
    {"MATCH (a)-[*-2]->(c) RETURN c", 13, "expected an integer, .., ] or { but found -"},
    {"MATCH (n $p) RETURN n", 10, "a parameter may not stand for all properties of a pattern"},
    {"MATCH ()-[r:T $p]->() RETURN r", 15, "a parameter may not stand for all properties"},
    {"RETURN [(a {x: $p})-[$q]->() | 1]", 22, "a parameter may not stand for all properties"},
    {"MATCH (n) RETURN (n)-->()", 18, "a pattern is a condition and no value"},
    {"MATCH (n) WITH (n)-[]->() AS x RETURN x", 16, "a pattern is a condition and no value"},
    {"MATCH (n) RETURN 1 ORDER BY (n)--()", 29, "a pattern is a condition and no value"},
    {"MATCH (n) RETURN size((n)-->())", 23, "a pattern is a condition and no value"},
    {"MATCH (n) RETURN [(n)-->()]", 19, "a pattern is a condition and no value"},
    {"MATCH (n) RETURN CASE 1 WHEN (n)-->() THEN 2 END", 30, "a pattern is a condition"},
    {"MATCH (n) RETURN CASE WHEN true THEN 1 ELSE (n)-->() END", 45, "a pattern is a condition"},
    {"UNWIND (a)-->() AS x RETURN x", 8, "a pattern is a condition and no value"},
    {"MATCH (n) WITH n.x RETURN 1", 16, "WITH wants a name for this: write AS"},
    {"RETURN 1 UNION RETURN 1 UNION ALL RETURN 1", 25, "UNION and UNION ALL may not stand in"},
    {"RETURN EXISTS { RETURN 1 UNION ALL RETURN 1 UNION RETURN 1 }", 45, "UNION and UNION ALL"},
    {"MATCH p = shortestPath((a)-->()-->(b)) RETURN p", 11, "a shortest path is of one"},
    {"MATCH (a)-[*9223372036854775808]->() RETURN a", 12, "does not fit into 64 bits"},
    {"RETURN all(x IN [1])", 20, "but found )"},
    {"RETURN reduce(s = 0, x IN [1])", 30, "but found )"},
    {"RETURN CASE 1", 14, "expected WHEN but the query ends here"},
    {"RETURN CASE WHEN 1 THEN 2", 26, "expected ELSE, END or WHEN but the query ends here"},
    {"RETURN {1: 2}", 9, "expected a name but found 1"},
    {"RETURN {a.b: 2}", 10, "expected : but found ."},
    {"RETURN [, ]", 9, "expected an expression or ] but found ,"},
    {"RETURN [[1]", 12, "expected ] or ',' but the query ends here"},
    {"RETURN x[]", 10, "expected an expression or .. but found ]"},
    {"RETURN 1 < (1 < (1 < (1 < (1 < (1 < 2 < 3) < 3) < 3) < 3) < 3) < 3", 59, "nested more"},
    {"WITH 1 AS x", 12, "the query ends without RETURN"},
    {"UNWIND [1] RETURN 1", 12, "AS"},
    {"OPTIONAL RETURN 1", 10, "expected MATCH but found RETURN"},
    {"RETURN 1 INTO", 14, "expected a name but the query ends here"},
    {"RETURN 1 CREATE (a)", 10, "CREATE is not supported"},
    {"RETURN EXISTS { CREATE (a) }", 17, "CREATE is not supported"},
    {"RETURN EXISTS { }", 17, "but found }"},
    /* Clauses that are not the language's, by name. */
    {"MATCH (a) MERGE (b)", 11, "MERGE is not supported: gyre reads graphs"},
    {"MATCH (a) SET a.x = 1", 11, "SET is not supported"},
    {"MATCH (a) DELETE a", 11, "DELETE is not supported"},
    {"MATCH (a) DETACH DELETE a", 11, "DETACH is not supported"},
    {"MATCH (a) REMOVE a.x", 11, "REMOVE is not supported"},
    {"CALL db.labels()", 1, "CALL is not supported: gyre has no procedures"},
    {"MATCH (a) CALL db.labels() YIELD x RETURN x", 11, "CALL is not supported"},
    {"LOAD CSV FROM 'x' AS row RETURN row", 1, "LOAD is not supported"},
    {"MATCH (a) FOREACH (x IN [1] | SET a.x = 1)", 11, "FOREACH is not supported"},
    {"MATCH (a) WHERE EXISTS { MATCH (a) SET a.x = 1 } RETURN a", 36, "SET is not supported"},
    /* Habits from other languages. */
    {"MATCH (a) WHERE a.x == 1 RETURN a", 21, "equal is written ="},
    {"MATCH (a) WHERE a.x != 1 RETURN a", 21, "not equal is written <>"},
    {"MATCH (a) WHERE !a.x RETURN a", 17, "not is written NOT"},
    {"MATCH (a) WHERE a && b RETURN a", 19, "and is written AND"},
    {"MATCH (a) WHERE a.x = \xe2\x80\x98x\xe2\x80\x99 RETURN a", 23, "not typographic quotes"},
    {"RETURN $ x", 8, "a parameter is written $name"},
    {"MATCH (a) WHERE a.x = 10.0.0.5 RETURN a", 23, "an address stands in quotes: '10.0.0.5'"},
    {"MATCH (a) WHERE a.x BETWEEN 1 AND 2 RETURN a", 21, "write low <= x <= high"},
    {"MATCH (a) WHERE a.x LIKE 'x%' RETURN a", 21, "write STARTS WITH, CONTAINS or =~"},
    {"MATCH (a) RETURN a.x, count(*) GROUP BY a.x", 32, "grouped by the columns without"},
    {"MATCH (a WHERE a.x = 1) RETURN a", 10, "conditions stand in a WHERE behind the pattern"},
    {"MATCH ()-[e WHERE e.x = 1]->() RETURN e", 13, "conditions stand in a WHERE behind"},
    {"RETURN COUNT { (a)-->(b) RETURN b }", 26, "a query in braces begins with MATCH"},
    {"MATCH (a:A|B) RETURN a", 11, "labels have no alternatives"},
    {"MATCH (a)->(b) RETURN a", 11, "an arrow is written --> or -[e]->"},
    {"MATCH a-->b RETURN a", 8, "vertices stand in parentheses"},
    {"MATCH (a)-[e]->{1,3}(b) RETURN a", 16, "are written -[e*1..3]->"},
    {"MATCH (a)-[e]->+(b) RETURN a", 16, "flows in a row are written -[e*]->"},
    {"MATCH (a)-->*(b) RETURN a", 13, "flows in a row are written -[e*]->"},
    {"SHOW INDEXES", 1, "gyre info FILE tells what there is"},
    {"MATCH (a) RETURN a {.x}", 20, "map projections are written out"},
    /* Tokens. */
    {"MATCH (a) RETURN 'x", 18, "this string is not closed: ' is missing"},
    {"MATCH (a) RETURN \"x\\", 18, "this string is not closed: \" is missing"},
    {"MATCH (a) RETURN `x", 18, "this name is not closed"},
    {"MATCH (a) RETURN ``", 18, "a name may not be empty"},
    {"MATCH (a) /* x * /", 11, "this comment is not closed"},
    {"MATCH (a) RETURN 'a\\q'", 20, "\\q is no escape"},
    {"MATCH (a) RETURN '\\u12'", 19, "\\u wants the four hexadecimal digits"},
    {"MATCH (a) RETURN '\\ud800'", 19, "\\u wants"},
    {"MATCH (a) RETURN '\\U00110000'", 19, "\\U wants the eight"},
    {"MATCH (a) RETURN 99999999999999999999", 18, "does not fit into 64 bits"},
    {"MATCH (a) RETURN 0x10000000000000000", 18, "does not fit into 64 bits"},
    {"RETURN 9223372036854775808", 8, "9223372036854775808 does not fit into 64 bits"},
    {"RETURN 1 - 0x8000000000000000", 12, "0x8000000000000000 does not fit into 64 bits"},
    {"MATCH (a) RETURN 1e999", 18, "does not fit a float"},
    {"MATCH (a) RETURN 007", 18, "a number does not begin with 0: write 7, or 0o7 in base 8"},
    {"MATCH (a) RETURN 12ab", 18, "12ab is no number"},
    {"RETURN 0x", 8, "0x is no number"},
    {"MATCH (a) RETURN 1.5e3x", 18, "1.5e3x is no number"},
    {"MATCH (a) RETURN #", 18, "a comment begins with //"},
    {"MATCH (a) RETURN ?", 18, "unexpected character ?"},
    {"MATCH (a) RETURN \x01", 18, "unexpected byte 0x01"},
    {"MATCH (a) RETURN \xff", 18, "unexpected byte 0xff"},
    {"MATCH (a) RETURN \u00a7", 18, "unexpected character \u00a7"},
    {"MATCH (a) RETURN \u2026", 18, "unexpected character \u2026"},
    {"MATCH (a) RETURN \xc2", 18, "unexpected byte 0xc2"},
    {"MATCH a RETURN #", 9, "expected = but found RETURN"},
};

/* What the grammar reads and the typed binder does not. */
static const struct refused_row refusals[] = {
    {"RETURN 1", 1, "RETURN without MATCH is not supported"},
    {"MATCH (a)--(b)<-->(c)-[e]-(d)<-[]->(a)--(b)--(c)--(d)--(a)-[f]-(b) RETURN a", 59,
     "a ninth undirected relationship is not supported"},
    {"MATCH (a)-[e*]->(b) RETURN a", 13, "variable length is not supported"},
    {"MATCH (a)-[*2..3]->(b) RETURN a", 12, "variable length is not supported"},
    {"MATCH p = (a)-->(b) RETURN p", 7, "a named path is not supported"},
    {"MATCH shortestPath((a)-->(b)) RETURN a", 7, "a shortest path is not supported"},
    {"CREATE (a)", 1, "CREATE is not supported: gyre reads graphs"},
    {"MATCH (a) WITH a RETURN a", 11, "WITH is not supported"},
    {"UNWIND [1] AS x RETURN x", 1, "UNWIND is not supported"},
    {"MATCH (a) RETURN a UNION MATCH (a) RETURN a", 20, "UNION is not supported"},
    {"optional MATCH (a) RETURN a", 1, "OPTIONAL MATCH is not supported"},
    {"MATCH (a) RETURN CASE WHEN true THEN 1 END", 18, "CASE is not supported"},
    {"MATCH (a) WHERE EXISTS {(a)-->()} RETURN a", 17, "EXISTS is not supported"},
    {"MATCH (a) WHERE COUNT {(a)-->()} > 1 RETURN a", 17, "COUNT is not supported"},
    {"MATCH (a) WHERE (a)-->() RETURN a", 17, "a pattern as a condition is not supported"},
    {"MATCH (a) RETURN a INTO t", 25, "INTO is not supported"},
    {"MATCH (a) RETURN $x", 18, "a parameter is not supported"},
    {"MATCH (a) RETURN a.x =~ 'y'", 22, "a regular expression (=~) is not supported"},
    {"MATCH (a) RETURN a[0]", 19, "an index is not supported"},
    {"MATCH (a) RETURN a:A", 20, "a label as a condition is not supported"},
    {"MATCH (a) RETURN [x IN [1] | x]", 18, "a list comprehension is not supported"},
    {"MATCH (a) RETURN any(x IN [1] WHERE x)", 18, "a condition on the items of a list"},
    {"MATCH (a) RETURN reduce(s = 0, x IN [1] | s)", 18, "reduce is not supported"},
};

static void check_error(enum status status, const struct error *error,
                        const struct refused_row *row)
{
    bool is_right = status == STATUS_USAGE && strstr(error->text, row->message) != NULL &&
                    (error->column == row->column || row->column == 0);
    if (!is_right) {
        printf("\n%.80s\n  found    %d: %s\n  expected %d: %s\n", row->text, (int)error->column,
               error->text, (int)row->column, row->message);
    }
    CU_ASSERT_TRUE(is_right);
}

/* Parses the text, and when `is_plain` refuses what the typed binder does not know. */
static enum status parse_as(const char *text, bool is_plain, struct error *error)
{
    struct source source = {bytes_of(text), "query", error};
    struct chain memory = {0};
    struct ast_query *query = NULL;
    enum status status = parse_query(&query, &source, &memory);
    if (status == STATUS_OK && is_plain) {
        status = refuse_unsupported(query, &source);
    }
    chain_close(&memory);
    return status;
}

static enum status parse(const char *text, struct error *error)
{
    return parse_as(text, false, error);
}

static void what_is_wrong_is_refused_at_its_place(void)
{
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct error error = {0};
        enum status status = parse(errors[i].text, &error);
        check_error(status, &error, &errors[i]);
    }
}

static void what_the_binder_does_not_know_is_refused_by_name(void)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct error error = {0};
        CU_ASSERT_EQUAL(parse(refusals[i].text, &error), STATUS_OK);
        enum status status = parse_as(refusals[i].text, true, &error);
        check_error(status, &error, &refusals[i]);
    }
}

/* `before`, `count` times `open`, 1, `count` times `close`. */
static char *nested(const char *before, const char *open, const char *close, size_t count)
{
    char *text = memory_allocate(strlen(before) + 2 + count * (strlen(open) + strlen(close)), 1);
    char *end = stpcpy(text, before);
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, open);
    }
    end = stpcpy(end, "1");
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, close);
    }
    return text;
}

static void deep_nesting_is_refused(void)
{
    static const struct {
        const char *open;
        const char *close;
        size_t count;
    } rows[] = {
        {"(", ")", 100000},
        {"[", "]", 100000},
        {"{a:", "}", 100000},
        {"NOT ", "", 100000},
        {"-", "", 100000},
        {"f(", ")", 100000},
        {"1 + ", "", 1000},
        {"(", "", 201},
        {"1 ^ ", "", 300},
        {"NOT (", ")", 300},
        {"(1 OR -", ")", 100000},
        {"- ", "", 300},
        {"x[", "]", 10000},
        {"[x IN ", " | x]", 10000},
        {"[(a)-->() | ", "]", 10000},
        {"all(x IN ", " WHERE x)", 10000},
        {"reduce(s = ", ", x IN [] | s)", 10000},
        {"CASE WHEN ", " THEN 1 END", 20000},
        {"CASE ", " WHEN 1 THEN 1 END", 300},
        {"EXISTS { RETURN ", "}", 10000},
        {"EXISTS { MATCH ({x: NOT ", "}) }", 100},
        {"COUNT { UNWIND NOT NOT ", " AS x }", 90},
        {"EXISTS { WITH 1 AS a ORDER BY - a + ", " }", 130},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error error = {0};
        char *text = nested("MATCH (a) RETURN ", rows[i].open, rows[i].close, rows[i].count);
        struct refused_row row = {text, 0, "nested more than 200 levels deep"};
        enum status status = parse(text, &error);
        check_error(status, &error, &row);
        memory_free(text);
    }
    char *text = nested("RETURN ", "(", ")", 190);
    CU_ASSERT_EQUAL(parse(text, &(struct error){0}), STATUS_OK);
    memory_free(text);
}

/* What repeats is neither deep nor large. */
static void long_queries_are_not_deep(void)
{
    static const struct {
        const char *before;
        const char *repeated;
    } rows[] = {
        {"RETURN ", "1 OR "},
        {"RETURN ", "1 AND "},
        {"RETURN ", "1 < "},
        {"RETURN ", "1 XOR "},
        {"RETURN ", "1, "},
        {"MATCH (a) WHERE ", "(a)--() AND "},
        {"RETURN ", "(a.b.c) = duration.between.x(1) OR "},
        {"RETURN ", "[x IN y | x], [(a)--() | 1], "},
        {"RETURN ", "a:B:C OR "},
        {"RETURN ", "x[1..2] = [1, 2] AND "},
        {"", "RETURN 1 UNION ALL "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error error = {0};
        size_t count = (32 << 10) / strlen(rows[i].repeated);
        char *text = nested(rows[i].before, rows[i].repeated, "", count);
        bool is_open = rows[i].before[0] == '\0' || rows[i].before[0] == 'M';
        enum status status = parse(text, &error);
        CU_ASSERT_EQUAL(status, is_open ? STATUS_USAGE : STATUS_OK);
        CU_ASSERT_TRUE(!is_open || error.column >= strlen(text));
        memory_free(text);
    }
}

static void long_texts_and_names_are_refused(void)
{
    size_t size = QUERY_BYTES_MAX + 1;
    char *text = memory_allocate(size, 1);
    struct error error = {0};
    memset(text, ' ', size);
    CU_ASSERT_EQUAL(query_check(bytes_view(text, size), "query", &error), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "at most 1048576"));
    memset(text, 'x', size);
    memcpy(text, "MATCH (", 7);
    static const char rest[] = ") RETURN 1";
    memcpy(text + 7 + 256, rest, sizeof rest);
    error = (struct error){0};
    enum status status = parse(text, &error);
    check_error(status, &error, &(struct refused_row){text, 8, "longer than 255 bytes"});
    memory_free(text);
}

static void a_nul_is_no_end(void)
{
    struct error error = {0};
    CU_ASSERT_EQUAL(query_check(bytes_view("MATCH (a)\0RETURN a", 18), "query", &error),
                    STATUS_USAGE);
    CU_ASSERT_EQUAL(error.column, 10);
    CU_ASSERT_STRING_EQUAL(error.text, "unexpected byte 0x00");
    CU_ASSERT_EQUAL(query_check(bytes_view(NULL, 0), "query", NULL), STATUS_USAGE);
}

/* Every prefix of a query, and every query with one byte changed, ends well. */
static void damaged_queries_do_no_harm(void)
{
    static const char *const wholes[] = {
        "MATCH (a:IP {IPAddr: '\\u0041'})-[e:N*1..2]->(`b c`)<--() WHERE NOT a.x <= -1.5e3 + 0x1F "
        "OR e.y IN [1, null] XOR a.z STARTS WITH \"q\" /* c */ RETURN DISTINCT count(*) AS n, "
        "duration({days: 2}) ORDER BY n DESC SKIP 1 LIMIT 2; // end",
        "OPTIONAL MATCH p = shortestPath((a)-[:A|:B*..3]-(b {x: $y})) WHERE (a)-->(b:C) UNWIND "
        "[x IN nodes(p) WHERE x.y < 2 < 3 | x[1..]] AS q WITH *, CASE q WHEN 1 THEN 2 ELSE 3 END "
        "AS r WHERE all(x IN r WHERE EXISTS { (x)--() } ) RETURN reduce(s = 0, x IN [(a)-->(b) | "
        "b.c] | s + x) UNION ALL RETURN a.b.c(1) INTO t",
    };
    static const char bytes[] = {0,   '\'',   '`', '(', ')', '*', '/', '\\',
                                 '.', '\x80', 'e', ' ', '[', '|', '-', '{'};
    char text[512];
    for (size_t w = 0; w < COUNT_OF(wholes); w++) {
        size_t size = strlen(wholes[w]);
        for (size_t i = 0; i < size; i++) {
            (void)query_check(bytes_view(wholes[w], i), "query", NULL);
            for (size_t j = 0; j < sizeof bytes; j++) {
                memcpy(text, wholes[w], size);
                text[i] = bytes[j];
                (void)query_check(bytes_view(text, size), "query", NULL);
            }
        }
    }
}

static void every_failed_allocation_is_an_error(void)
{
    static const char text[] =
        "MATCH p = (a)-[e:A|B*2 {x: 'y'}]->(b:C) WHERE a.x IN [1, 2] AND (a)-->(b) UNWIND [1] AS q "
        "WITH q, [x IN y WHERE x | x[0]] AS r, CASE WHEN q THEN r[1..2] END AS s RETURN f(a), 'z', "
        "reduce(s = 0, x IN [(a)--() | 1] | s), EXISTS { (a) }, $p, a:B ORDER BY 1 UNION RETURN 1";
    for (uint64_t k = 1; k < 1000; k++) {
        struct error error = {0};
        memory_fault_set(k);
        enum status status = parse(text, &error);
        memory_fault_set(0);
        if (status == STATUS_OK) {
            CU_ASSERT_TRUE(k > 1);
            return;
        }
        CU_ASSERT_EQUAL(status, STATUS_FAILED);
    }
    CU_FAIL("it never had enough memory");
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(what_is_wrong_is_refused_at_its_place),
        CASE(what_the_binder_does_not_know_is_refused_by_name),
        CASE(deep_nesting_is_refused),
        CASE(long_queries_are_not_deep),
        CASE(long_texts_and_names_are_refused),
        CASE(a_nul_is_no_end),
        CASE(damaged_queries_do_no_harm),
        CASE(every_failed_allocation_is_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("grammar_errors", NULL, NULL, cases);
}
