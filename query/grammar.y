/* The language: the part of openCypher that reads, as far as gyre has it.
 *
 * Expressions are layered as in openCypher's own grammar, loosest first: OR, XOR, AND, NOT,
 * comparisons (which chain), predicates on strings, lists and null, sums, products, powers, signs.
 * Names of properties, labels and map entries may be keywords; variables may not, but for those
 * that begin a query. Semantic values live in the parser's chain, so nothing is freed on errors. */
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

/* The parser's own stack is never deeper than this: brackets are counted by the lexer, and a level
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

#define MAKE(value) MADE((value) = ast_new(BUILDER, sizeof *(value)))
#define LEAF(kind, span) MADE(yyval.expression = ast_leaf(BUILDER, kind, span))
#define UNARY(kind, span, place, child)                                                            \
    MADE(yyval.expression = ast_unary(BUILDER, kind, span, place, child))
#define BINARY(kind, span, place, left, right)                                                     \
    MADE(yyval.expression = ast_binary(BUILDER, kind, span, place, left, right))
#define LOGIC(kind, span, place, left, right)                                                      \
    MADE(yyval.expression = ast_logic(BUILDER, kind, span, place, left, right))
#define RANGE(least, most) MADE(yyval.range = ast_new_range(BUILDER, least, most))

static void grammar_error(const struct source_span *span, struct parser *parser,
                          const char *message);
}

%token END 0 "the end of the query"
%token <name> NAME "a name"
%token <expression> INTEGER "an integer" FLOAT "a number" STRING "a string"
%token NOT_EQUAL "<>" LESS_EQUAL "<=" GREATER_EQUAL ">=" RANGE ".."
%token <name> AND "AND" AS "AS" ASCENDING "ASC" BY "BY" CONTAINS "CONTAINS" DESCENDING "DESC"
  DISTINCT "DISTINCT" ENDS "ENDS" EXPLAIN "EXPLAIN" FALSE "false" IN "IN" IS "IS" LIMIT "LIMIT"
  MATCH "MATCH" NOT "NOT" NULL "null" OR "OR" ORDER "ORDER" PROFILE "PROFILE" RETURN "RETURN"
  SKIP "SKIP" STARTS "STARTS" TRUE "true" WHERE "WHERE" WITH "WITH" XOR "XOR"
%token <name> RESERVED "a word that is not supported"

%type <mode> mode
%type <query> matches clauses
%type <clause> match return
%type <pattern> pattern
%type <path> path chain
%type <node> node
%type <relationship> relationship detail
%type <names> labels labels_opt types types_opt
%type <range> range range_opt
%type <name> any_name keyword variable variable_opt alias_opt
%type <expression> properties_opt where_opt skip_opt limit_opt
%type <expression> expression exclusive conjunction negation comparison comparisons predicate sum
  product power signed postfix atom call list items map entries
%type <kind> comparator adder multiplier
%type <flag> distinct_opt descending_opt
%type <projection> projection projected sorts

%%

query: mode clauses semicolon_opt { parser->query = $clauses; parser->query->mode = $mode; }
;
mode:
  %empty  { $$ = AST_RUN; }
| EXPLAIN { $$ = AST_EXPLAIN; }
| PROFILE { $$ = AST_PROFILE; }
;
semicolon_opt: %empty | ';'
;
clauses: matches return { MADE(ast_add_clause(BUILDER, $1, $2)); $$ = $1; }
;
matches:
  match         { MAKE($$); MADE(ast_add_clause(BUILDER, $$, $1)); }
| matches match { MADE(ast_add_clause(BUILDER, $1, $2)); $$ = $1; }
;

/* MATCH. */

match: MATCH pattern where_opt {
    MAKE($$);
    $$->kind = AST_MATCH;
    $$->span = @$;
    $$->pattern = $pattern;
    $$->where = $where_opt;
}
;
where_opt:
  %empty           { $$ = NULL; }
| WHERE expression { $$ = $expression; }
;
pattern:
  path             { MAKE($$); MADE(ast_add_path(BUILDER, $$, $1)); }
| pattern ',' path { MADE(ast_add_path(BUILDER, $1, $path)); $$ = $1; }
;
path:
  chain
| variable '=' chain { $$ = $chain; $$->name = $variable; }
;
chain:
  node { MAKE($$); MADE(ast_add_node(BUILDER, $$, $1)); }
| chain relationship node {
    MADE(ast_add_relationship(BUILDER, $1, $relationship));
    MADE(ast_add_node(BUILDER, $1, $node));
    $$ = $1;
}
;
node: '(' variable_opt labels_opt properties_opt ')' {
    MAKE($$);
    $$->span = @$;
    $$->name = $variable_opt;
    $$->labels = $labels_opt;
    $$->properties = $properties_opt;
}
;
labels_opt:
  %empty { $$ = NULL; }
| labels
;
labels:
  ':' any_name        { MAKE($$); MADE(ast_add_name(BUILDER, $$, $2)); }
| labels ':' any_name { MADE(ast_add_name(BUILDER, $1, $3)); $$ = $1; }
;
relationship:
  '-' detail '-'         { $$ = $2; $$->span = @$; $$->direction = AST_UNDIRECTED; }
| '-' detail '-' '>'     { $$ = $2; $$->span = @$; $$->direction = AST_RIGHT; }
| '<' '-' detail '-'     { $$ = $3; $$->span = @$; $$->direction = AST_LEFT; }
| '<' '-' detail '-' '>' { $$ = $3; $$->span = @$; $$->direction = AST_UNDIRECTED; }
;
detail:
  %empty { MAKE($$); }
| '[' variable_opt types_opt range_opt properties_opt ']' {
    MAKE($$);
    $$->name = $variable_opt;
    $$->types = $types_opt;
    $$->range = $range_opt;
    $$->properties = $properties_opt;
}
;
types_opt:
  %empty { $$ = NULL; }
| types
;
types:
  ':' any_name           { MAKE($$); MADE(ast_add_name(BUILDER, $$, $2)); }
| types '|' any_name     { MADE(ast_add_name(BUILDER, $1, $3)); $$ = $1; }
| types '|' ':' any_name { MADE(ast_add_name(BUILDER, $1, $4)); $$ = $1; }
;
range_opt:
  %empty    { $$ = NULL; }
| '*' range { $$ = $2; $$->span = @$; }
;
range:
  %empty                { RANGE(1, AST_HOPS_UNBOUNDED); }
| INTEGER               { RANGE($1->integer, $1->integer); }
| INTEGER RANGE         { RANGE($1->integer, AST_HOPS_UNBOUNDED); }
| RANGE                 { RANGE(1, AST_HOPS_UNBOUNDED); }
| RANGE INTEGER         { RANGE(1, $2->integer); }
| INTEGER RANGE INTEGER { RANGE($1->integer, $3->integer); }
;
properties_opt:
  %empty { $$ = NULL; }
| map
;

/* RETURN. */

return: RETURN distinct_opt projection skip_opt limit_opt {
    MAKE($$);
    $$->kind = AST_RETURN;
    $$->span = @$;
    $$->projection = $projection;
    $$->projection->is_distinct = $distinct_opt;
    $$->projection->skip = $skip_opt;
    $$->projection->limit = $limit_opt;
}
;
distinct_opt:
  %empty   { $$ = false; }
| DISTINCT { $$ = true; }
;
projection:
  projected
| projected ORDER BY sorts {
    $$ = $projected;
    $$->sorts = $sorts->sorts;
    $$->sort_count = $sorts->sort_count;
}
;
projected:
  '*' { MAKE($$); $$->is_star = true; $$->star_place = @1.begin; }
| expression alias_opt {
    MAKE($$);
    MADE(ast_add_item(BUILDER, $$, (struct ast_item){$1, @1, $2}));
}
| projected ',' expression alias_opt {
    MADE(ast_add_item(BUILDER, $1, (struct ast_item){$3, @3, $4}));
    $$ = $1;
}
;
alias_opt:
  %empty      { $$ = (struct ast_name){0}; }
| AS variable { $$ = $2; }
;
sorts:
  expression descending_opt {
    MAKE($$);
    MADE(ast_add_sort(BUILDER, $$, (struct ast_sort){$1, $2}));
}
| sorts ',' expression descending_opt {
    MADE(ast_add_sort(BUILDER, $1, (struct ast_sort){$3, $4}));
    $$ = $1;
}
;
descending_opt:
  %empty     { $$ = false; }
| ASCENDING  { $$ = false; }
| DESCENDING { $$ = true; }
;
skip_opt:
  %empty          { $$ = NULL; }
| SKIP expression { $$ = $2; }
;
limit_opt:
  %empty           { $$ = NULL; }
| LIMIT expression { $$ = $2; }
;

/* Expressions. */

expression:
  exclusive
| expression OR exclusive { LOGIC(AST_OR, @$, @2.begin, $1, $3); }
;
exclusive:
  conjunction
| exclusive XOR conjunction { LOGIC(AST_XOR, @$, @2.begin, $1, $3); }
;
conjunction:
  negation
| conjunction AND negation { LOGIC(AST_AND, @$, @2.begin, $1, $3); }
;
negation:
  comparison
| NOT negation { UNARY(AST_NOT, @$, @1.begin, $2); }
;
comparison:
  predicate
| comparisons
;
comparisons:
  predicate comparator predicate   { BINARY($2, @$, @2.begin, $1, $3); }
| comparisons comparator predicate { MADE($$ = ast_chain(BUILDER, $2, @$, @2.begin, $1, $3)); }
;
comparator:
  '='           { $$ = AST_EQUAL; }
| NOT_EQUAL     { $$ = AST_NOT_EQUAL; }
| '<'           { $$ = AST_LESS; }
| LESS_EQUAL    { $$ = AST_LESS_EQUAL; }
| '>'           { $$ = AST_GREATER; }
| GREATER_EQUAL { $$ = AST_GREATER_EQUAL; }
;
predicate:
  sum
| predicate STARTS WITH sum { BINARY(AST_STARTS_WITH, @$, @2.begin, $1, $4); }
| predicate ENDS WITH sum   { BINARY(AST_ENDS_WITH, @$, @2.begin, $1, $4); }
| predicate CONTAINS sum    { BINARY(AST_CONTAINS, @$, @2.begin, $1, $3); }
| predicate IN sum          { BINARY(AST_IN, @$, @2.begin, $1, $3); }
| predicate IS NULL         { UNARY(AST_IS_NULL, @$, @2.begin, $1); }
| predicate IS NOT NULL     { UNARY(AST_IS_NOT_NULL, @$, @2.begin, $1); }
;
sum:
  product
| sum adder product { BINARY($2, @$, @2.begin, $1, $3); }
;
adder:
  '+' { $$ = AST_ADD; }
| '-' { $$ = AST_SUBTRACT; }
;
product:
  power
| product multiplier power { BINARY($2, @$, @2.begin, $1, $3); }
;
multiplier:
  '*' { $$ = AST_MULTIPLY; }
| '/' { $$ = AST_DIVIDE; }
| '%' { $$ = AST_REMAINDER; }
;
power:
  signed
| power '^' signed { BINARY(AST_POWER, @$, @2.begin, $1, $3); }
;
signed:
  postfix
| '-' signed { MADE($$ = ast_sign(BUILDER, AST_NEGATE, @$, $2)); }
| '+' signed { MADE($$ = ast_sign(BUILDER, AST_PLUS, @$, $2)); }
;
postfix:
  atom
| postfix '.' any_name {
    UNARY(AST_PROPERTY, @$, @3.begin, $1);
    $$->name = $3;
}
;
atom:
  INTEGER
| FLOAT
| STRING
| TRUE     { LEAF(AST_BOOL, @$); $$->integer = 1; }
| FALSE    { LEAF(AST_BOOL, @$); }
| NULL     { LEAF(AST_NULL, @$); }
| variable { LEAF(AST_VARIABLE, @$); $$->name = $1; }
| call
| list
| map
| '(' expression ')' { $$ = $2; }
;
call:
  NAME '(' ')'     { LEAF(AST_CALL, @$); $$->name = $1; }
| NAME '(' '*' ')' { LEAF(AST_CALL, @$); $$->name = $1; $$->is_star = true; }
| NAME '(' distinct_opt items ')' {
    $$ = $items;
    $$->kind = AST_CALL;
    $$->span = @$;
    $$->place = @$.begin;
    $$->name = $1;
    $$->is_distinct = $distinct_opt;
}
;
list:
  '[' ']'       { LEAF(AST_LIST, @$); }
| '[' items ']' { $$ = $2; $$->span = @$; $$->place = @$.begin; }
;
items:
  expression           { LEAF(AST_LIST, @$); MADE(ast_add_child(BUILDER, $$, $1)); }
| items ',' expression { MADE(ast_add_child(BUILDER, $1, $3)); $$ = $1; }
;
map:
  '{' '}'         { LEAF(AST_MAP, @$); }
| '{' entries '}' { $$ = $2; $$->span = @$; $$->place = @$.begin; }
;
entries:
  any_name ':' expression {
    LEAF(AST_MAP, @$);
    MADE(ast_add_entry(BUILDER, $$, $1, $3));
}
| entries ',' any_name ':' expression {
    MADE(ast_add_entry(BUILDER, $1, $3, $5));
    $$ = $1;
}
;

/* Names. */

variable_opt:
  %empty { $$ = (struct ast_name){0}; }
| variable
;
variable: NAME | EXPLAIN | PROFILE
;
any_name: NAME | keyword
;
keyword: AND | AS | ASCENDING | BY | CONTAINS | DESCENDING | DISTINCT | ENDS | EXPLAIN | FALSE | IN
| IS | LIMIT | MATCH | NOT | NULL | OR | ORDER | PROFILE | RETURN | SKIP | STARTS | TRUE | WHERE
| WITH | XOR | RESERVED
;

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
