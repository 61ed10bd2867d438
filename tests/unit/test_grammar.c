/* floor: query */
#include "query/parse.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/memory.h"
#include "query/bound.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Operators by their sign, for trees as text. */
static const char *const words[] = {
    [AST_NOT] = "not",
    [AST_IS_NULL] = "null?",
    [AST_IS_NOT_NULL] = "some?",
    [AST_NEGATE] = "neg",
    [AST_PLUS] = "pos",
    [AST_AND] = "and",
    [AST_OR] = "or",
    [AST_XOR] = "xor",
    [AST_EQUAL] = "=",
    [AST_NOT_EQUAL] = "<>",
    [AST_LESS] = "<",
    [AST_LESS_EQUAL] = "<=",
    [AST_GREATER] = ">",
    [AST_GREATER_EQUAL] = ">=",
    [AST_ADD] = "+",
    [AST_SUBTRACT] = "-",
    [AST_MULTIPLY] = "*",
    [AST_DIVIDE] = "/",
    [AST_REMAINDER] = "%",
    [AST_POWER] = "^",
    [AST_STARTS_WITH] = "starts",
    [AST_ENDS_WITH] = "ends",
    [AST_CONTAINS] = "contains",
    [AST_IN] = "in",
    [AST_LIST] = "list",
    [AST_MAP] = "map",
};

static void show(const struct ast_expression *node, FILE *out);

static void show_children(const struct ast_expression *node, FILE *out)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        fprintf(out, " ");
        if (node->keys != NULL) {
            fprintf(out, "%s:", node->keys[i].text.data);
        }
        show(node->children[i], out);
    }
    fprintf(out, ")");
}

/* A tree as text, fully in parentheses. */
static void show(const struct ast_expression *node, FILE *out)
{
    switch ((int)node->kind) {
    case AST_NULL:
        fprintf(out, "null");
        break;
    case AST_BOOL:
        fprintf(out, node->integer != 0 ? "true" : "false");
        break;
    case AST_INTEGER:
        fprintf(out, "%lld", (long long)node->integer);
        break;
    case AST_FLOAT:
        fprintf(out, "%gf", node->real);
        break;
    case AST_TEXT:
        fprintf(out, "'%.*s'", (int)node->text.size, node->text.data);
        break;
    case AST_VARIABLE:
        fprintf(out, "%s", node->name.text.data);
        break;
    case AST_PROPERTY:
        show(node->children[0], out);
        fprintf(out, ".%s", node->name.text.data);
        break;
    case AST_CALL:
        fprintf(out, "(%s%s%s", node->name.text.data, node->is_star ? "*" : "",
                node->is_distinct ? "!" : "");
        show_children(node, out);
        break;
    default:
        fprintf(out, "(%s", words[node->kind]);
        show_children(node, out);
    }
}

struct row {
    const char *text;
    const char *tree;
};

static const struct row expressions[] = {
    {"1 + 2 * 3 ^ 4 ^ 5", "(+ 1 (* 2 (^ (^ 3 4) 5)))"},
    {"1 - 2 - 3", "(- (- 1 2) 3)"},
    {"-2 ^ 2", "(^ -2 2)"},
    {"- - a.x", "(neg (neg a.x))"},
    {"+1 - -1 --1", "(- (- (pos 1) -1) -1)"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"1 OR 2 XOR 3 AND NOT 4 = 5", "(or 1 (xor 2 (and 3 (not (= 4 5)))))"},
    {"1 AND 2 AND (3 AND 4) OR 5 OR 6", "(or (and 1 2 (and 3 4)) 5 6)"},
    {"a < b <= c", "(and (< a b) (<= b c))"},
    {"a < b <= c <> d AND e", "(and (< a b) (<= b c) (<> c d) e)"},
    {"(a < b) <= c", "(<= (< a b) c)"},
    {"a.x + 1 IN [1, 2.5] = true", "(= (in (+ a.x 1) (list 1 2.5f)) true)"},
    {"a.x STARTS WITH 'x' + 'y' IS NOT NULL", "(some? (starts a.x (+ 'x' 'y')))"},
    {"NOT a.x IS NULL", "(not (null? a.x))"},
    {"a.x ENDS WITH 'b' or a.y contains 'c'", "(or (ends a.x 'b') (contains a.y 'c'))"},
    {"count(*) + Count(DISTINCT a.b) + f() + g(1, 2)",
     "(+ (+ (+ (count*) (Count! a.b)) (f)) (g 1 2))"},
    {"duration({days: 1, `a b`: -2})", "(duration (map days:1 a b:-2))"},
    {"a.Match.`x``y`.order", "a.Match.x`y.order"},
    {"a<-b", "(< a (neg b))"},
    {"[] ", "(list)"},
    {"{}", "(map)"},
    {"0x1F + 0o17 + 1.5e3 + .5 + 1E2", "(+ (+ (+ (+ 31 15) 1500f) 0.5f) 100f)"},
    {"'a\\\\\\'\\\"\\n\\t\\r\\b\\f' + \"it's\"", "(+ 'a\\'\"\n\t\r\b\f' 'it's')"},
    {"'\\u00e9\\u20AC\\U0001F600\\uD83D\\ude00'",
     "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf0\x9f\x98\x80'"},
    {"a /* * / ** */ + // rest\n b", "(+ a b)"},
    {"\xc2\xa0gr\xc3\xb6\xc3\x9f + explain", "(+ gr\xc3\xb6\xc3\x9f explain)"},
    {"nuLL = TRUE", "(= null true)"},
};

static enum status parse(const char *text, struct chain *memory, struct ast_query **query,
                         struct error *error)
{
    struct source source = {bytes_of(text), "query", error};
    return parse_query(query, &source, memory);
}

static void expressions_bind_as_opencypher_says(void)
{
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        char text[256];
        char found[512] = "";
        struct error error = {0};
        struct chain memory = {0};
        struct ast_query *query = NULL;
        snprintf(text, sizeof text, "MATCH (a) RETURN %s", expressions[i].text);
        if (parse(text, &memory, &query, &error) == STATUS_OK) {
            FILE *out = fmemopen(found, sizeof found, "w");
            show(query->clauses[1]->projection->items[0].expression, out);
            fclose(out);
        }
        if (strcmp(found, expressions[i].tree) != 0) {
            printf("\n%s\n  found    %s %s\n  expected %s\n", text, found, error.text,
                   expressions[i].tree);
        }
        CU_ASSERT_STRING_EQUAL(found, expressions[i].tree);
        chain_close(&memory);
    }
}

static void a_query_has_all_its_parts(void)
{
    struct error error = {0};
    struct chain memory = {0};
    struct ast_query *query = NULL;
    enum status status =
        parse("explain match (a:IP:Host {IPAddr: '1'})-[e:A|B|:C {x: 1}]->()<--(:`L l`), (b) "
              "Where a.x = 1 MATCH (c) return distinct *, a.x as y order by y desc, a.z "
              "ascending Skip 1 limit 2;",
              &memory, &query, &error);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    CU_ASSERT_EQUAL(query->mode, AST_EXPLAIN);
    CU_ASSERT_EQUAL_FATAL(query->count, 3);
    const struct ast_pattern *pattern = query->clauses[0]->pattern;
    CU_ASSERT_EQUAL_FATAL(pattern->count, 2);
    const struct ast_path *path = pattern->paths[0];
    CU_ASSERT_EQUAL(path->node_count, 3);
    CU_ASSERT_EQUAL_FATAL(path->relationship_count, 2);
    CU_ASSERT_EQUAL(path->nodes[0]->labels->count, 2);
    CU_ASSERT_STRING_EQUAL(path->nodes[2]->labels->names[0].text.data, "L l");
    CU_ASSERT_EQUAL(path->relationships[0]->types->count, 3);
    CU_ASSERT_EQUAL(path->relationships[0]->direction, AST_RIGHT);
    CU_ASSERT_EQUAL(path->relationships[1]->direction, AST_LEFT);
    CU_ASSERT_PTR_NULL(path->relationships[1]->name.text.data);
    CU_ASSERT_PTR_NOT_NULL(query->clauses[0]->where);
    CU_ASSERT_PTR_NULL(query->clauses[1]->where);
    const struct ast_projection *projection = query->clauses[2]->projection;
    CU_ASSERT_TRUE(projection->is_distinct && projection->is_star);
    CU_ASSERT_EQUAL(projection->item_count, 1);
    CU_ASSERT_STRING_EQUAL(projection->items[0].alias.text.data, "y");
    CU_ASSERT_EQUAL_FATAL(projection->sort_count, 2);
    CU_ASSERT_TRUE(projection->sorts[0].is_descending && !projection->sorts[1].is_descending);
    CU_ASSERT_EQUAL(projection->skip->integer, 1);
    CU_ASSERT_EQUAL(projection->limit->integer, 2);
    chain_close(&memory);
}

struct refused_row {
    const char *text;
    uint64_t column;
    const char *message;
};

static const struct refused_row refusals[] = {
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
    {"MATCH (a) RETURN a b", 20, "unexpected b"},
    {"RETURN 1", 1, "expected MATCH but found RETURN"},
    /* Refused by name. */
    {"MATCH (a)-[e]-(b) RETURN a", 10, "undirected relationships are not supported: write -[e]->"},
    {"MATCH (a)<-->(b) RETURN a", 10, "undirected relationships are not supported"},
    {"MATCH (a)-[e*]->(b) RETURN a", 13, "variable length are not supported"},
    {"MATCH (a)-[*2..3]->(b) RETURN a", 12, "variable length are not supported"},
    {"MATCH (a)-[*..3]->(b) RETURN a", 12, "variable length are not supported"},
    {"MATCH p = (a)-->(b) RETURN p", 7, "named paths are not supported"},
    {"CREATE (a)", 1, "CREATE is not supported: gyre reads graphs"},
    {"MATCH (a) MERGE (b)", 11, "MERGE is not supported"},
    {"MATCH (a) SET a.x = 1", 11, "SET is not supported"},
    {"MATCH (a) DELETE a", 11, "DELETE is not supported"},
    {"MATCH (a) DETACH DELETE a", 11, "DETACH is not supported"},
    {"MATCH (a) REMOVE a.x", 11, "REMOVE is not supported"},
    {"CALL db.labels()", 1, "CALL is not supported: gyre has no procedures"},
    {"MATCH (a) WITH a RETURN a", 11, "WITH is not supported"},
    {"UNWIND [1] AS x RETURN x", 1, "UNWIND is not supported"},
    {"MATCH (a) RETURN a UNION MATCH (a) RETURN a", 20, "UNION is not supported"},
    {"optional MATCH (a) RETURN a", 1, "OPTIONAL MATCH is not supported"},
    {"MATCH (a) RETURN CASE 1", 18, "CASE is not supported"},
    {"MATCH (a) WHERE EXISTS {(a)-->()} RETURN a", 17, "EXISTS is not supported"},
    {"MATCH (a) RETURN a INTO t", 20, "INTO is not supported"},
    {"MATCH (a) RETURN $x", 18, "parameters ($name) are not supported"},
    {"MATCH (a) RETURN a.x =~ 'y'", 22, "regular expressions (=~) are not supported"},
    /* Habits from other languages. */
    {"MATCH (a) WHERE a.x == 1 RETURN a", 21, "equal is written ="},
    {"MATCH (a) WHERE a.x != 1 RETURN a", 21, "not equal is written <>"},
    {"MATCH (a) WHERE !a.x RETURN a", 17, "not is written NOT"},
    {"MATCH (a) WHERE a && b RETURN a", 19, "and is written AND"},
    {"MATCH (a) WHERE a.x = \xe2\x80\x98x\xe2\x80\x99 RETURN a", 23, "not typographic quotes"},
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
    {"MATCH (a) RETURN 1e999", 18, "does not fit a float"},
    {"MATCH (a) RETURN 007", 18, "a number does not begin with 0: write 7, or 0o7 in base 8"},
    {"MATCH (a) RETURN 12ab", 18, "12ab is no number"},
    {"MATCH (a) RETURN 1.5e3x", 18, "1.5e3x is no number"},
    {"MATCH (a) RETURN #", 18, "unexpected character #"},
    {"MATCH (a) RETURN \x01", 18, "unexpected byte 0x01"},
    {"MATCH (a) RETURN \xff", 18, "unexpected byte 0xff"},
    {"MATCH (a) RETURN \u00a7", 18, "unexpected character \u00a7"},
    {"MATCH (a) RETURN \u2026", 18, "unexpected character \u2026"},
    {"MATCH (a) RETURN \xc2", 18, "unexpected byte 0xc2"},
};

static void check_refused(const char *text, uint64_t column, const char *message)
{
    struct error error = {0};
    enum status status = query_check(bytes_of(text), "query", &error);
    bool is_right = status == STATUS_USAGE && strstr(error.text, message) != NULL &&
                    (error.column == column || column == 0);
    if (!is_right) {
        printf("\n%.80s\n  found    %d: %s\n  expected %d: %s\n", text, (int)error.column,
               error.text, (int)column, message);
    }
    CU_ASSERT_TRUE(is_right);
}

static void what_is_wrong_is_refused_at_its_place(void)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        check_refused(refusals[i].text, refusals[i].column, refusals[i].message);
    }
}

/* MATCH (a) RETURN, `count` times `before`, 1, `count` times `after`. */
static char *nested(const char *before, const char *after, size_t count)
{
    static const char start[] = "MATCH (a) RETURN ";
    char *text = memory_allocate(sizeof start + 1 + count * (strlen(before) + strlen(after)), 1);
    char *end = stpcpy(text, start);
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, before);
    }
    end = stpcpy(end, "1");
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, after);
    }
    return text;
}

static void deep_nesting_is_refused(void)
{
    static const struct {
        const char *before;
        const char *after;
        size_t count;
    } rows[] = {
        {"(", ")", 100000}, {"[", "]", 100000},  {"{a:", "}", 100000},     {"NOT ", "", 100000},
        {"-", "", 100000},  {"f(", ")", 100000}, {"1 + ", "", 1000},       {"(", "", 201},
        {"1 ^ ", "", 300},  {"NOT (", ")", 300}, {"(1 OR -", ")", 100000}, {"- ", "", 300},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = nested(rows[i].before, rows[i].after, rows[i].count);
        check_refused(text, 0, "nested more than 200 levels deep");
        memory_free(text);
    }
    char *text = nested("(", ")", 190);
    CU_ASSERT_EQUAL(query_check(bytes_of(text), "query", NULL), STATUS_OK);
    memory_free(text);
}

static void long_chains_are_not_deep(void)
{
    static const char *const flat[] = {"1 OR ", "1 AND ", "1 < ", "1 XOR ", "1, "};
    for (size_t i = 0; i < COUNT_OF(flat); i++) {
        char *text = nested(flat[i], "", 5000);
        CU_ASSERT_EQUAL(query_check(bytes_of(text), "query", NULL), STATUS_OK);
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
    check_refused(text, 8, "longer than 255 bytes");
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
    static const char whole[] =
        "MATCH (a:IP {IPAddr: '\\u0041'})-[e:N*1..2]->(`b c`)<--() WHERE NOT a.x <= -1.5e3 + 0x1F "
        "OR e.y IN [1, null] XOR a.z STARTS WITH \"q\" /* c */ RETURN DISTINCT count(*) AS n, "
        "duration({days: 2}) ORDER BY n DESC SKIP 1 LIMIT 2; // end";
    static const char bytes[] = {0, '\'', '`', '(', ')', '*', '/', '\\', '.', '\x80', 'e', ' '};
    char text[sizeof whole];
    for (size_t i = 0; i < sizeof whole; i++) {
        (void)query_check(bytes_view(whole, i), "query", NULL);
        for (size_t j = 0; j < sizeof bytes; j++) {
            memcpy(text, whole, sizeof whole);
            text[i] = bytes[j];
            (void)query_check(bytes_view(text, sizeof whole - 1), "query", NULL);
        }
    }
}

static void every_failed_allocation_is_an_error(void)
{
    static const char text[] = "MATCH (a)-[e {x: 'y'}]->(b) WHERE a.x IN [1, 2] RETURN f(a), 'z'";
    for (uint64_t k = 1; k < 1000; k++) {
        memory_fault_set(k);
        enum status status = query_check(bytes_of(text), "query", NULL);
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
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("grammar", NULL, NULL);
    CU_ADD_TEST(suite, expressions_bind_as_opencypher_says);
    CU_ADD_TEST(suite, a_query_has_all_its_parts);
    CU_ADD_TEST(suite, what_is_wrong_is_refused_at_its_place);
    CU_ADD_TEST(suite, deep_nesting_is_refused);
    CU_ADD_TEST(suite, long_chains_are_not_deep);
    CU_ADD_TEST(suite, long_texts_and_names_are_refused);
    CU_ADD_TEST(suite, a_nul_is_no_end);
    CU_ADD_TEST(suite, damaged_queries_do_no_harm);
    CU_ADD_TEST(suite, every_failed_allocation_is_an_error);
    CU_basic_run_tests();
    bool has_failed = CU_get_number_of_failures() != 0;
    CU_cleanup_registry();
    return has_failed;
}
