/* floor: query */
#include "query/parse.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tree_text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

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
    /* Names: keywords where nothing else can stand. */
    {"count + any + end + starts + into + exists",
     "(+ (+ (+ (+ (+ count any) end) starts) into) exists)"},
    {"a.limit.`order by`.match", "a.limit.order by.match"},
    {"{order: 1, null: 2, case: 3, count: 4}", "(map order:1 null:2 case:3 count:4)"},
    {"duration.between(a, b).days + date('x') + a.b.c(1)",
     "(+ (+ (duration.between a b).days (date 'x')) (a.b.c 1))"},
    {"all(1) + any() + reduce(x) + shortestPath(x) + end(1) + exists(a.b)",
     "(+ (+ (+ (+ (+ (all 1) (any)) (reduce x)) (shortestPath x)) (end 1)) (exists a.b))"},
    {"$x + $1 + $`a b` + $limit", "(+ (+ (+ $x $1) $a b) $limit)"},
    /* Lists. */
    {"xs[0][-1].y", "(at (at xs 0) -1).y"},
    {"xs[1..2] + xs[..2] + xs[1..] + xs[..] + [1, 2][0]",
     "(+ (+ (+ (+ (slice xs 1 2) (slice xs - 2)) (slice xs 1 -)) (slice xs - -)) (at (list 1 2) "
     "0))"},
    {"xs[1.5..2]", "(slice xs 1.5f 2)"},
    {"[x IN xs]", "(each x xs - -)"},
    {"[x IN xs WHERE x > 1]", "(each x xs (> x 1) -)"},
    {"[x IN xs | x.y]", "(each x xs - x.y)"},
    {"[x IN [y IN ys | [y, 1]] WHERE x:A | x[0]]",
     "(each x (each y ys - (list y 1)) x:A (at x 0))"},
    {"[x IN xs, 2]", "(list (in x xs) 2)"},
    {"[(x IN xs)]", "(list (in x xs))"},
    {"1 IN [x IN xs] = true", "(= (in 1 (each x xs - -)) true)"},
    {"all(x IN xs WHERE x = 1) OR None (y IN [1, 2] where y)",
     "(or (all x xs (= x 1)) (none y (list 1 2) y))"},
    {"NOT any(x IN xs WHERE single(y IN x WHERE y))", "(not (any x xs (single y x y)))"},
    {"reduce(s = 0, x IN xs | s + x)", "(reduce s x xs 0 (+ s x))"},
    /* CASE. */
    {"CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END + 1", "(+ (case - a 1 b 2 3) 1)"},
    {"CASE a.x WHEN 1 THEN 'x' END", "(case a.x 1 'x' -)"},
    {"case end when end then end else end end", "(case end end end end)"},
    /* Labels. */
    {"a:A:B AND NOT b.x:C", "(and a:A:B (not b.x:C))"},
    {"{a: b:C}", "(map a:b:C)"},
    {"a.x =~ 'y.*' AND a.x + 'z' =~ b", "(and (=~ a.x 'y.*') (=~ (+ a.x 'z') b))"},
    /* Patterns and what looks like them. */
    {"(a)", "a"},
    {"(a)-(b)", "(- a b)"},
    {"(a)<-1", "(< a -1)"},
    {"(a) < - (b)", "(< a (neg b))"},
    {"(a)-[1][0]", "(- a (at (list 1) 0))"},
    {"(a:A)", "a:A"},
    {"(1)--(2)", "(- 1 -2)"},
    {"(a.x)--(b)", "(- a.x (neg b))"},
    {"(a) - b - (c)", "(- (- a b) c)"},
    {"NOT (a)-->(b)", "(not (path (a)-[]->(b)))"},
    {"NOT (a)--(b) AND (a)<--()", "(and (not (path (a)-[]-(b))) (path (a)<-[]-()))"},
    {"NOT ((a)-[:A|:B*2]->(:C {x: 1}))", "(not (path (a)-[:A|B*2..2]->(:C(map x:1))))"},
    {"NOT ()<-[e:`A b` {x: (1)}]->(b)<-[*..3]-({})",
     "(not (path ()-[e:A b(map x:1)]-(b)<-[*1..3]-((map))))"},
    {"exists((a:A:B)--(b))", "(exists (path (a:A:B)-[]-(b)))"},
    {"[(a)-->(b) | b.x]", "(paths (a)-[]->(b) - b.x)"},
    {"[p = (a)-[*]->(b) WHERE length(p) > 1 | p]", "(paths p=(a)-[*1]->(b) (> (length p) 1) p)"},
    {"[x IN xs WHERE (x)-->() | 1]", "(each x xs (path (x)-[]->()) 1)"},
    {"size([(a)--(b) | 1])", "(size (paths (a)-[]-(b) - 1))"},
    {"shortestPath((a)-[*..5]->(b))", "(path shortest (a)-[*1..5]->(b))"},
    {"length(allShortestPaths((a)-[:X*]-(b)))", "(length (path shortests (a)-[:X*1]-(b)))"},
    /* Networks; cidr is a name elsewhere. */
    {"a.x IN CIDR '10.0.0.0/8'", "(inCidr a.x '10.0.0.0/8')"},
    {"NOT a.x IN cidr $n AND b IN cidr", "(and (not (inCidr a.x $n)) (in b cidr))"},
    {"a IN cidr[0] OR cidr(1) = cidr.x", "(or (in a (at cidr 0)) (= (cidr 1) cidr.x))"},
    /* Queries in expressions. */
    {"EXISTS { (a)-->(b) WHERE b.x = 1 }", "(exists match (a)-[]->(b) where (= b.x 1))"},
    {"exists{(a)}", "(exists match (a))"},
    {"EXISTS { MATCH (a)-->(b) }", "(exists match (a)-[]->(b))"},
    {"COUNT { MATCH (a) WITH a AS b RETURN b UNION UNWIND [1] AS x RETURN x } > 1",
     "(> (count{} match (a); with  a as b; return  b union unwind  (list 1) as x; return  x) 1)"},
    {"count { (a)--(), (b) } + count(a)", "(+ (count{} match (a)-[]-(),(b)) (count a))"},
};

/* Queries as trees. */
static const struct row queries[] = {
    {"RETURN 1", "return  1"},
    {"RETURN 1;", "return  1"},
    {"EXPLAIN RETURN 1 INTO t", "return  1 into t"},
    {"WITH 1 AS x, y RETURN *", "with  1 as x  y; return *"},
    {"MATCH (a) WITH DISTINCT a, count(*) AS order ORDER BY `order` DESC, a ASC SKIP 1 LIMIT $n "
     "WHERE `order` > 1 RETURN a AS limit",
     "match (a); with distinct  a  (count*) as order down order up a skip 1 limit $n where "
     "(> order 1); return  a as limit"},
    {"OPTIONAL MATCH p = (a)-[e]-(b) WHERE a:X UNWIND [1] AS end RETURN p",
     "optional match p=(a)-[e]-(b) where a:X; unwind  (list 1) as end; return  p"},
    {"RETURN 1 UNION RETURN 2 UNION RETURN 3", "return  1 union return  2 union return  3"},
    {"RETURN 1 AS x UNION ALL MATCH (all) RETURN all AS x INTO union",
     "return  1 as x union all match (all); return  all as x into union"},
    {"MATCH (a), shortestPath((a)-[*]->(b)), q = allShortestPaths((a)-[e*2..]-(b)) RETURN 1",
     "match (a),shortest (a)-[*1]->(b),q=shortests (a)-[e*2]-(b); return  1"},
    {"MATCH (a)-[*0]->()-[*0..0]->()<-[e:A|B|:C*..2 {x: 1}]-(a) RETURN 1",
     "match (a)-[*0..0]->()-[*0..0]->()<-[e:A|B|C*1..2(map x:1)]-(a); return  1"},
    {"CREATE (a:A {x: 1})-[:T]->(b $p), ()", "create (a:A(map x:1))-[:T]->(b$p),()"},
    {"CREATE (a) CREATE (b)", "create (a); create (b)"},
    {"MATCH (a) CREATE (a)-[:T]->(b) WITH b MATCH (b) UNWIND [] AS x CREATE (c) RETURN c",
     "match (a); create (a)-[:T]->(b); with  b; match (b); unwind  (list) as x; create (c); "
     "return  c"},
};

static enum status parse(const char *text, struct chain *memory, struct ast_query **query,
                         struct error *error)
{
    struct source source = {bytes_of(text), "query", error};
    return parse_query(query, &source, memory);
}

static void check_tree(const char *text, const char *found, const struct error *error,
                       const char *expected)
{
    if (strcmp(found, expected) != 0) {
        printf("\n%s\n  found    %s %s\n  expected %s\n", text, found, error->text, expected);
    }
    CU_ASSERT_STRING_EQUAL(found, expected);
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
            tree_show(query->branches[0]->clauses[1]->projection->items[0].expression, out);
            fclose(out);
        }
        check_tree(text, found, &error, expressions[i].tree);
        chain_close(&memory);
    }
}

static void queries_have_the_clauses_that_are_written(void)
{
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        char found[512] = "";
        struct error error = {0};
        struct chain memory = {0};
        struct ast_query *query = NULL;
        if (parse(queries[i].text, &memory, &query, &error) == STATUS_OK) {
            FILE *out = fmemopen(found, sizeof found, "w");
            tree_show_query(query, out);
            fclose(out);
        }
        check_tree(queries[i].text, found, &error, queries[i].tree);
        chain_close(&memory);
    }
}

/* Of an expression that is drawn, the text in parentheses and the tree. */
struct drawn {
    uint64_t random;
    FILE *text;
    FILE *tree;
};

static uint32_t draw(struct drawn *drawn, uint32_t count)
{
    drawn->random = drawn->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(drawn->random >> 33) % count;
}

/* Text and tree, with the children where they have a %. */
struct form {
    const char *text;
    const char *tree;
};

static const struct form leaves[] = {
    {"1", "1"},     {"count", "count"}, {"$p", "$p"},           {"'x'", "'x'"},  {"[]", "(list)"},
    {".5", "0.5f"}, {"null", "null"},   {"a.end", "a.end"},     {"{}", "(map)"}, {"end", "end"},
    {"f()", "(f)"}, {"b:A:B", "b:A:B"}, {"a.b.c()", "(a.b.c)"},
};

static const struct form forms[] = {
    {"(%) < -f(%)", "(< % (neg (f %)))"},
    {"(%)-(%)", "(- % %)"},
    {"NOT (%)", "(not %)"},
    {"[%, %]", "(list % %)"},
    {"[x IN % | %]", "(each x % - %)"},
    {"[x IN % WHERE %]", "(each x % % -)"},
    {"(%)[%]", "(at % %)"},
    {"(%)[%..]", "(slice % % -)"},
    {"CASE % WHEN % THEN % END", "(case % % % -)"},
    {"CASE WHEN % THEN % ELSE % END", "(case - % % %)"},
    {"any(x IN % WHERE %)", "(any x % %)"},
    {"reduce(s = 1, x IN % | %)", "(reduce s x % 1 %)"},
    {"[(a {x: %})--(b) | %]", "(paths (a(map x:%))-[]-(b) - %)"},
    {"EXISTS { (a)-[{x: %}]->() WHERE % }", "(exists match (a)-[(map x:%)]->() where %)"},
    {"f(DISTINCT %, %)", "(f! % %)"},
    {"{a: %, in: %}", "(map a:% in:%)"},
    {"(%) IS NULL", "(null? %)"},
    {"/* ( */ (%) =~ (%)", "(=~ % %)"},
    {"count { WITH % AS x RETURN % }", "(count{} with  % as x; return  %)"},
};

static void draw_expression(struct drawn *drawn, uint32_t depth)
{
    const struct form *form = depth == 0 || draw(drawn, 4) == 0
                                  ? &leaves[draw(drawn, COUNT_OF(leaves))]
                                  : &forms[draw(drawn, COUNT_OF(forms))];
    const char *text = form->text;
    const char *tree = form->tree;
    bool has_more = true;
    while (has_more) {
        size_t text_size = strcspn(text, "%");
        size_t tree_size = strcspn(tree, "%");
        fprintf(drawn->text, "%.*s", (int)text_size, text);
        fprintf(drawn->tree, "%.*s", (int)tree_size, tree);
        has_more = text[text_size] != '\0';
        if (has_more) {
            draw_expression(drawn, depth - 1);
        }
        text += text_size + (has_more ? 1 : 0);
        tree += tree_size + (has_more ? 1 : 0);
    }
}

static void any_expression_gives_its_own_tree(void)
{
    enum { CASES = 2000, TEXT_BYTES = 1 << 16 };
    static char text[TEXT_BYTES];
    static char expected[TEXT_BYTES];
    static char found[TEXT_BYTES];
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct error error = {0};
        struct chain memory = {0};
        struct ast_query *query = NULL;
        struct drawn drawn = {seed, fmemopen(text, sizeof text, "w"),
                              fmemopen(expected, sizeof expected, "w")};
        fprintf(drawn.text, "RETURN ");
        draw_expression(&drawn, 4);
        fclose(drawn.text);
        fclose(drawn.tree);
        found[0] = '\0';
        if (parse(text, &memory, &query, &error) == STATUS_OK) {
            FILE *out = fmemopen(found, sizeof found, "w");
            tree_show(query->branches[0]->clauses[0]->projection->items[0].expression, out);
            fclose(out);
        }
        check_tree(text, found, &error, expected);
        chain_close(&memory);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(expressions_bind_as_opencypher_says),
        CASE(queries_have_the_clauses_that_are_written),
        CASE(any_expression_gives_its_own_tree),
        CU_TEST_INFO_NULL,
    };
    return suite_run("grammar", NULL, NULL, cases);
}
