/* The language: openCypher's read part, and CREATE so that it can be refused where it stands.
 *
 * Expressions are layered as in openCypher's own grammar, loosest first: OR, XOR, AND, NOT,
 * comparisons (which chain), predicates on strings, lists and null, sums, products, powers, signs,
 * labels, properties and indices. A pattern is a condition beside comparisons; what begins one is
 * told by token.c, so that one token of look-ahead is enough for everything here. Words that begin
 * or join clauses are reserved, as in openCypher 9, but may name properties, labels, map entries
 * and what AS names. Semantic values live in the parser's chain, so nothing is freed on errors. */
%require "3.8"
%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct source_span}
%define parse.error custom
%define parse.lac full
%param { struct parser *parser }
%locations

%code requires {
#include "query/ast.h"
#include "query/parse.h"
}

%union {
    struct ast_name name;
    struct ast_names *names;
    struct ast_expression *expression;
    struct ast_node *node;
    struct ast_relationship *relationship;
    struct ast_path *path;
    struct ast_pattern *pattern;
    struct ast_projection *projection;
    struct ast_clause *clause;
    struct ast_branch *branch;
    struct ast_query *query;
    struct ast_range *range;
    enum ast_kind kind;
    enum ast_mode mode;
    bool flag;
}

%code provides {
int grammar_lex(GRAMMAR_STYPE *value, GRAMMAR_LTYPE *location, struct parser *parser);
}

%code {
#include "base/memory.h"
#include "query/bound.h"

/* The parser's own stack is never deeper than this: brackets are counted by token.c, and a level
 * of them takes some twenty entries at most. It lies on the C stack, so that only LAC's
 * exploration of a long chain of reductions, a rare thing, ever asks for memory. */
#define YYINITDEPTH 5000
#define YYMAXDEPTH 5000
#define YYMALLOC(size) memory_allocate(1, size)
#define YYFREE memory_free

#define YYLLOC_DEFAULT(current, right, count)                                                      \
    do {                                                                                           \
        (current).begin = (count) != 0 ? YYRHSLOC(right, 1).begin : YYRHSLOC(right, 0).end;        \
        (current).end = (count) != 0 ? YYRHSLOC(right, count).end : YYRHSLOC(right, 0).end;        \
    } while (0)

#define BUILDER (&parser->builder)

/* Ends an action whose value could not be built; the error is set. */
#define MADE(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            YYABORT;                                                                               \
        }                                                                                          \
    } while (0)

#define EXPRESSION(make) MADE(yyval.expression = (make))
#define LEAF(kind, span) EXPRESSION(ast_leaf(BUILDER, kind, span))
#define UNARY(kind, span, place, child) EXPRESSION(ast_unary(BUILDER, kind, span, place, child))
#define BINARY(kind, span, place, left, right)                                                     \
    EXPRESSION(ast_binary(BUILDER, kind, span, place, left, right))
#define LOGIC(kind, span, place, left, right)                                                      \
    EXPRESSION(ast_logic(BUILDER, kind, span, place, left, right))
#define EACH(kind, span, name, list, where, result)                                                \
    EXPRESSION(ast_each(BUILDER, kind, span, name, list, where, result))
#define RANGE(least, most) MADE(yyval.range = ast_new_range(BUILDER, least, most))
#define CLAUSE(list, last) MADE(yyval.branch = ast_add_clause(BUILDER, list, last))
#define BRANCH(list, last) MADE(yyval.query = ast_add_branch(BUILDER, list, last))

static void grammar_error(const struct source_span *span, struct parser *parser,
                          const char *message);
}

%token END 0 "the end of the query"
%token <name> NAME "a name" FUNCTION "a function"
%token <expression> INTEGER "an integer" FLOAT "a number" STRING "a string"
  PARAMETER "a parameter"
%token NOT_EQUAL "<>" LESS_EQUAL "<=" GREATER_EQUAL ">=" MATCHES "=~" RANGE ".."
/* Brackets, by what they begin: a pattern, [x IN ...], [(a)-->(b) | ...]. */
%token PATTERN_PARENTHESIS "( of a pattern" EACH_BRACKET "[ of a list"
  PATHS_BRACKET "[ of a pattern"
/* Keywords stand together: token.c counts on the first and the last. */
%token <name> ALL "ALL" ALL_SHORTEST "allShortestPaths" AND "AND" ANY "ANY" AS "AS"
  ASCENDING "ASC" BY "BY" CASE "CASE" CIDR "CIDR" CONTAINS "CONTAINS" COUNT "COUNT" CREATE "CREATE"
  DESCENDING "DESC" DISTINCT "DISTINCT" ELSE "ELSE" END_CASE "END" ENDS "ENDS" EXISTS "EXISTS"
  EXPLAIN "EXPLAIN" FALSE "false" IN "IN" INTO "INTO" IS "IS" LIMIT "LIMIT" MATCH "MATCH"
  NONE "NONE" NOT "NOT" NULL "null" OPTIONAL "OPTIONAL" OR "OR" ORDER "ORDER" PROFILE "PROFILE"
  REDUCE "REDUCE" RESERVED "a word that is not supported" RETURN "RETURN"
  SHORTEST "shortestPath" SINGLE "SINGLE" SKIP "SKIP" STARTS "STARTS" THEN "THEN" TRUE "true"
  UNION "UNION" UNWIND "UNWIND" WHEN "WHEN" WHERE "WHERE" WITH "WITH" XOR "XOR"

%type <mode> mode
%type <query> branches subquery subquery_branches
%type <branch> branch readings writings subquery_branch subquery_readings
%type <clause> reading return create
%type <pattern> pattern
%type <path> path chain connected shortest
%type <node> node start
%type <relationship> relationship detail
%type <names> labels labels_opt types types_opt
%type <range> range range_opt
%type <name> any_name keyword soft_keyword variable variable_opt alias_opt into_opt function
%type <expression> properties_opt where_opt skip_opt limit_opt bound_opt result_opt else_opt
%type <expression> expression exclusive conjunction negation comparison comparisons predicate sum
  product power signed labelled postfix atom call case whens comprehension list items map entries
%type <kind> comparator adder multiplier quantifier subquery_kind
%type <flag> all_opt distinct_opt descending_opt
%type <projection> projection outputs sorts_opt sorts

%%

query: mode branches into_opt semicolon_opt {
    parser->query = $branches;
    parser->query->mode = $mode;
    parser->query->into = $into_opt;
    parser->query->span.begin = $mode == AST_RUN ? @branches.begin : @mode.begin;
    parser->query->span.end = @into_opt.end;
};
mode:
  %empty  { $$ = AST_RUN; }
| EXPLAIN { $$ = AST_EXPLAIN; }
| PROFILE { $$ = AST_PROFILE; };
into_opt: %empty { $$ = (struct ast_name){0}; } | INTO any_name { $$ = $2; };
semicolon_opt: %empty | ';';
branches:
  branch { BRANCH(NULL, $1); }
| branches UNION all_opt branch {
    $branch->is_all = $all_opt;
    $branch->union_span = @UNION;
    BRANCH($1, $branch);
};
all_opt: %empty { $$ = false; } | ALL { $$ = true; };

/* A query ends with RETURN, or with CREATE. */
branch:
  return          { CLAUSE(NULL, $1); }
| readings return { CLAUSE($1, $2); }
| writings return { CLAUSE($1, $2); }
| writings;
readings:
  reading          { CLAUSE(NULL, $1); }
| readings reading { CLAUSE($1, $2); }
| writings reading { CLAUSE($1, $2); };
writings:
  create          { CLAUSE(NULL, $1); }
| readings create { CLAUSE($1, $2); }
| writings create { CLAUSE($1, $2); };
create: CREATE pattern { MADE($$ = ast_create(BUILDER, @$, $pattern)); };

/* EXISTS { } and COUNT { }: a pattern, or a query that may go without RETURN. */
subquery:
  pattern where_opt {
    CLAUSE(NULL, ast_match(BUILDER, @$, $pattern, $where_opt));
    BRANCH(NULL, yyval.branch);
}
| subquery_branches;
subquery_branches:
  subquery_branch { BRANCH(NULL, $1); }
| subquery_branches UNION all_opt subquery_branch {
    $subquery_branch->is_all = $all_opt;
    $subquery_branch->union_span = @UNION;
    BRANCH($1, $subquery_branch);
};
subquery_branch:
  return                   { CLAUSE(NULL, $1); }
| subquery_readings return { CLAUSE($1, $2); }
| subquery_readings;
subquery_readings:
  reading                   { CLAUSE(NULL, $1); }
| subquery_readings reading { CLAUSE($1, $2); };

/* MATCH, UNWIND, WITH. */

reading:
  MATCH pattern where_opt { MADE($$ = ast_match(BUILDER, @$, $pattern, $where_opt)); }
| OPTIONAL MATCH pattern where_opt {
    MADE($$ = ast_match(BUILDER, @$, $pattern, $where_opt));
    $$->is_optional = true;
}
| UNWIND expression AS any_name { MADE($$ = ast_unwind(BUILDER, @$, $expression, $any_name)); }
| WITH projection where_opt {
    MADE($$ = ast_project(BUILDER, AST_WITH, @$, $projection, $where_opt));
};
where_opt: %empty { $$ = NULL; } | WHERE expression { $$ = $expression; };
pattern:
  path             { MADE($$ = ast_add_path(BUILDER, NULL, $1)); }
| pattern ',' path { MADE($$ = ast_add_path(BUILDER, $1, $path)); };
path:
  chain
| shortest
| variable '=' chain    { $$ = $chain; $$->name = $variable; }
| variable '=' shortest { $$ = $shortest; $$->name = $variable; };
shortest:
  SHORTEST '(' chain ')'     { $$ = $chain; $$->span = @$; $$->shortest = AST_SHORTEST; }
| ALL_SHORTEST '(' chain ')' { $$ = $chain; $$->span = @$; $$->shortest = AST_ALL_SHORTEST; };
chain:
  node                    { MADE($$ = ast_new_path(BUILDER, $1)); }
| chain relationship node { MADE($$ = ast_extend_path(BUILDER, $1, $2, $3)); };
/* A pattern that is a condition has a relationship. */
connected:
  start relationship node {
    MADE($$ = ast_new_path(BUILDER, $1));
    MADE($$ = ast_extend_path(BUILDER, $$, $2, $3));
}
| connected relationship node { MADE($$ = ast_extend_path(BUILDER, $1, $2, $3)); };
start: PATTERN_PARENTHESIS variable_opt labels_opt properties_opt ')' {
    MADE($$ = ast_new_node(BUILDER, @$, $2, $3, $4));
};
node:
  start
| '(' variable_opt labels_opt properties_opt ')' {
    MADE($$ = ast_new_node(BUILDER, @$, $2, $3, $4));
};
labels_opt: %empty { $$ = NULL; } | labels;
labels:
  ':' any_name        { MADE($$ = ast_add_name(BUILDER, NULL, $2)); }
| labels ':' any_name { MADE($$ = ast_add_name(BUILDER, $1, $3)); };
relationship:
  '-' detail '-'         { $$ = $2; $$->span = @$; $$->direction = AST_UNDIRECTED; }
| '-' detail '-' '>'     { $$ = $2; $$->span = @$; $$->direction = AST_RIGHT; }
| '<' '-' detail '-'     { $$ = $3; $$->span = @$; $$->direction = AST_LEFT; }
| '<' '-' detail '-' '>' { $$ = $3; $$->span = @$; $$->direction = AST_UNDIRECTED; };
detail:
  %empty { MADE($$ = ast_new_relationship(BUILDER, (struct ast_name){0}, NULL, NULL, NULL)); }
| '[' variable_opt types_opt range_opt properties_opt ']' {
    MADE($$ = ast_new_relationship(BUILDER, $2, $3, $4, $5));
};
types_opt: %empty { $$ = NULL; } | types;
types:
  ':' any_name           { MADE($$ = ast_add_name(BUILDER, NULL, $2)); }
| types '|' any_name     { MADE($$ = ast_add_name(BUILDER, $1, $3)); }
| types '|' ':' any_name { MADE($$ = ast_add_name(BUILDER, $1, $4)); };
range_opt: %empty { $$ = NULL; } | '*' range { $$ = $2; $$->span = @$; };
range:
  %empty                { RANGE(1, AST_HOPS_UNBOUNDED); }
| INTEGER               { RANGE($1->integer, $1->integer); }
| INTEGER RANGE         { RANGE($1->integer, AST_HOPS_UNBOUNDED); }
| RANGE                 { RANGE(1, AST_HOPS_UNBOUNDED); }
| RANGE INTEGER         { RANGE(1, $2->integer); }
| INTEGER RANGE INTEGER { RANGE($1->integer, $3->integer); };
properties_opt:
  %empty { $$ = NULL; }
| map
| PARAMETER;

/* What RETURN and WITH have in common. */

return: RETURN projection { MADE($$ = ast_project(BUILDER, AST_RETURN, @$, $2, NULL)); };
projection: distinct_opt outputs sorts_opt skip_opt limit_opt {
    $$ = $outputs;
    $$->is_distinct = $distinct_opt;
    $$->sorts = $sorts_opt == NULL ? NULL : $sorts_opt->sorts;
    $$->sort_count = $sorts_opt == NULL ? 0 : $sorts_opt->sort_count;
    $$->skip = $skip_opt;
    $$->limit = $limit_opt;
};
distinct_opt: %empty { $$ = false; } | DISTINCT { $$ = true; };
outputs:
  '*' {
    MADE($$ = ast_new(BUILDER, sizeof *$$));
    $$->is_star = true;
    $$->star_place = @1.begin;
}
| expression alias_opt {
    MADE($$ = ast_add_output(BUILDER, NULL, (struct ast_item){$1, @1, $2}));
}
| outputs ',' expression alias_opt {
    MADE($$ = ast_add_output(BUILDER, $1, (struct ast_item){$3, @3, $4}));
};
alias_opt: %empty { $$ = (struct ast_name){0}; } | AS any_name { $$ = $2; };
sorts_opt: %empty { $$ = NULL; } | ORDER BY sorts { $$ = $sorts; };
sorts:
  expression descending_opt { MADE($$ = ast_add_sort(BUILDER, NULL, (struct ast_sort){$1, $2})); }
| sorts ',' expression descending_opt {
    MADE($$ = ast_add_sort(BUILDER, $1, (struct ast_sort){$3, $4}));
};
descending_opt:
  %empty     { $$ = false; }
| ASCENDING  { $$ = false; }
| DESCENDING { $$ = true; };
skip_opt: %empty { $$ = NULL; } | SKIP expression { $$ = $2; };
limit_opt: %empty { $$ = NULL; } | LIMIT expression { $$ = $2; };

/* Expressions. */

expression:
  exclusive
| expression OR exclusive { LOGIC(AST_OR, @$, @2.begin, $1, $3); };
exclusive:
  conjunction
| exclusive XOR conjunction { LOGIC(AST_XOR, @$, @2.begin, $1, $3); };
conjunction:
  negation
| conjunction AND negation { LOGIC(AST_AND, @$, @2.begin, $1, $3); };
negation:
  comparison
| connected    { EXPRESSION(ast_path_condition(BUILDER, @$, $1)); }
| NOT negation { UNARY(AST_NOT, @$, @1.begin, $2); };
comparison:
  predicate
| comparisons;
comparisons:
  predicate comparator predicate   { BINARY($2, @$, @2.begin, $1, $3); }
| comparisons comparator predicate { EXPRESSION(ast_chain(BUILDER, $2, @$, @2.begin, $1, $3)); };
comparator:
  '='           { $$ = AST_EQUAL; }
| NOT_EQUAL     { $$ = AST_NOT_EQUAL; }
| '<'           { $$ = AST_LESS; }
| LESS_EQUAL    { $$ = AST_LESS_EQUAL; }
| '>'           { $$ = AST_GREATER; }
| GREATER_EQUAL { $$ = AST_GREATER_EQUAL; };
predicate:
  sum
| predicate STARTS WITH sum { BINARY(AST_STARTS_WITH, @$, @2.begin, $1, $4); }
| predicate ENDS WITH sum   { BINARY(AST_ENDS_WITH, @$, @2.begin, $1, $4); }
| predicate CONTAINS sum    { BINARY(AST_CONTAINS, @$, @2.begin, $1, $3); }
| predicate MATCHES sum     { BINARY(AST_MATCHES, @$, @2.begin, $1, $3); }
| predicate IN sum          { BINARY(AST_IN, @$, @2.begin, $1, $3); }
| predicate IN CIDR sum     { EXPRESSION(ast_in_cidr(BUILDER, @$, @2.begin, $1, $4)); }
| predicate IS NULL         { UNARY(AST_IS_NULL, @$, @2.begin, $1); }
| predicate IS NOT NULL     { UNARY(AST_IS_NOT_NULL, @$, @2.begin, $1); };
sum:
  product
| sum adder product { BINARY($2, @$, @2.begin, $1, $3); };
adder:
  '+' { $$ = AST_ADD; }
| '-' { $$ = AST_SUBTRACT; };
product:
  power
| product multiplier power { BINARY($2, @$, @2.begin, $1, $3); };
multiplier:
  '*' { $$ = AST_MULTIPLY; }
| '/' { $$ = AST_DIVIDE; }
| '%' { $$ = AST_REMAINDER; };
power:
  signed
| power '^' signed { BINARY(AST_POWER, @$, @2.begin, $1, $3); };
signed:
  labelled
| '-' signed { EXPRESSION(ast_sign(BUILDER, AST_NEGATE, @$, $2)); }
| '+' signed { EXPRESSION(ast_sign(BUILDER, AST_PLUS, @$, $2)); };
labelled:
  postfix
| postfix labels { EXPRESSION(ast_labelled(BUILDER, @$, $1, $2)); };
postfix:
  atom
| postfix '.' any_name           { EXPRESSION(ast_property(BUILDER, @$, $1, $3)); }
| postfix '[' expression ']'     { BINARY(AST_INDEX, @$, @2.begin, $1, $3); }
| postfix '[' bound_opt RANGE bound_opt ']' { EXPRESSION(ast_slice(BUILDER, @$, $1, $3, $5)); };
bound_opt: %empty { $$ = NULL; } | expression;
atom:
  INTEGER
| FLOAT
| STRING
| PARAMETER
| TRUE     { LEAF(AST_BOOL, @$); $$->integer = 1; }
| FALSE    { LEAF(AST_BOOL, @$); }
| NULL     { LEAF(AST_NULL, @$); }
| variable { EXPRESSION(ast_named(BUILDER, AST_VARIABLE, $1)); }
| call
| case
| comprehension
| list
| map
| shortest { EXPRESSION(ast_path_condition(BUILDER, @$, $1)); }
| subquery_kind '{' subquery '}' { EXPRESSION(ast_subquery(BUILDER, $1, @$, $3)); }
| '(' expression ')'             { $$ = $2; };
subquery_kind:
  EXISTS { $$ = AST_EXISTS; }
| COUNT  { $$ = AST_COUNT; };
call:
  function '(' ')'     { EXPRESSION(ast_call(BUILDER, @$, $1, NULL, false)); }
| function '(' '*' ')' {
    EXPRESSION(ast_call(BUILDER, @$, $1, NULL, false));
    $$->is_star = true;
}
| function '(' distinct_opt items ')' { EXPRESSION(ast_call(BUILDER, @$, $1, $4, $3)); };
function: variable | FUNCTION;
case:
  CASE whens else_opt END_CASE { EXPRESSION(ast_case(BUILDER, @$, NULL, $2, $3)); }
| CASE expression whens else_opt END_CASE { EXPRESSION(ast_case(BUILDER, @$, $2, $3, $4)); };
whens:
  WHEN expression THEN expression       { EXPRESSION(ast_add_when(BUILDER, NULL, $2, $4)); }
| whens WHEN expression THEN expression { EXPRESSION(ast_add_when(BUILDER, $1, $3, $5)); };
else_opt: %empty { $$ = NULL; } | ELSE expression { $$ = $2; };
comprehension:
  EACH_BRACKET variable IN expression where_opt result_opt ']' {
    EACH(AST_COMPREHENSION, @$, $2, $4, $5, $6);
}
| quantifier '(' variable IN expression WHERE expression ')' { EACH($1, @$, $3, $5, $7, NULL); }
| REDUCE '(' variable '=' expression ',' variable IN expression '|' expression ')' {
    EXPRESSION(ast_reduce(BUILDER, @$, $3, $5, $7, $9, $11));
}
| PATHS_BRACKET path where_opt '|' expression ']' {
    EXPRESSION(ast_path_comprehension(BUILDER, @$, $2, $3, $5));
};
quantifier:
  ALL    { $$ = AST_ALL; }
| ANY    { $$ = AST_ANY; }
| NONE   { $$ = AST_NONE; }
| SINGLE { $$ = AST_SINGLE; };
result_opt: %empty { $$ = NULL; } | '|' expression { $$ = $2; };
list:
  '[' ']'       { LEAF(AST_LIST, @$); }
| '[' items ']' { EXPRESSION(ast_bracketed(BUILDER, AST_LIST, @$, $2)); };
items:
  expression           { EXPRESSION(ast_add_item(BUILDER, NULL, $1)); }
| items ',' expression { EXPRESSION(ast_add_item(BUILDER, $1, $3)); };
map:
  '{' '}'         { LEAF(AST_MAP, @$); }
| '{' entries '}' { EXPRESSION(ast_bracketed(BUILDER, AST_MAP, @$, $2)); };
entries:
  any_name ':' expression             { EXPRESSION(ast_add_entry(BUILDER, NULL, $1, $3)); }
| entries ',' any_name ':' expression { EXPRESSION(ast_add_entry(BUILDER, $1, $3, $5)); };

/* Names. */

variable_opt: %empty { $$ = (struct ast_name){0}; } | variable;
variable: NAME | soft_keyword;
/* These only ever stand where no variable can. */
soft_keyword: ASCENDING | BY | DESCENDING | END_CASE | ENDS | EXPLAIN | INTO | PROFILE | STARTS;
any_name: NAME | soft_keyword | keyword;
keyword: ALL | ALL_SHORTEST | AND | ANY | AS | CASE | CIDR | CONTAINS | COUNT | CREATE | DISTINCT
| ELSE | EXISTS | FALSE | IN | IS | LIMIT | MATCH | NONE | NOT | NULL | OPTIONAL | OR | ORDER
| REDUCE | RESERVED | RETURN | SHORTEST | SINGLE | SKIP | THEN | TRUE | UNION | UNWIND | WHEN
| WHERE | WITH | XOR;

%%

/* Called for one thing only, a stack that is full. */
static void grammar_error(const struct source_span *span, struct parser *parser,
                          const char *message)
{
    (void)message;
    (void)source_error(parser->builder.source, span->begin,
                       "this is nested more than %d levels deep", QUERY_DEPTH_MAX);
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *parser)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *expected[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    if (count < 0) {
        return count;
    }
    for (int i = 0; i < count; i++) {
        expected[i] = yysymbol_name(kinds[i]);
    }
    parser_report_unexpected(parser, *yypcontext_location(context), expected, (uint32_t)count);
    return 0;
}
