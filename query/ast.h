/* The syntax tree: what was written, before any name is looked up.
 *
 * Everything lives in one chain and is freed with it. Lists are arrays that the grammar grows.
 * Builders return NULL when memory ends or a limit is reached, with the error set. The depth of
 * every expression, with all patterns and queries in it, is checked as it is built, so that
 * whatever walks the tree later may recurse. */
#ifndef GYRE_QUERY_AST_H
#define GYRE_QUERY_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "query/chain.h"
#include "query/source.h"

enum ast_kind {
    AST_NULL,
    AST_BOOL,
    AST_INTEGER,
    AST_FLOAT,
    AST_TEXT,
    AST_LIST, /* children: the items */
    AST_MAP,  /* children: the values; `keys` beside them */

    AST_VARIABLE,  /* `name` */
    AST_PARAMETER, /* $`name` */
    AST_PROPERTY,  /* children[0] . `name` */
    AST_INDEX,     /* children[0] [ children[1] ] */
    AST_SLICE,     /* children[0] [ children[1] .. children[2] ]; either bound may be NULL */
    AST_LABELS,    /* children[0] :A:B, `labels`: all of a vertex, the only one of a flow */
    AST_CALL,      /* `name` of children; a name with dots, duration.between, is one name */

    AST_CASE, /* children[0]: what is compared, or NULL; then pairs WHEN, THEN; last ELSE or NULL */

    /* `name` stands for each item of children[0] in turn. */
    AST_COMPREHENSION, /* [name IN c0 WHERE c1 | c2]; c1, c2 may be NULL */
    AST_ALL,           /* all(name IN c0 WHERE c1) */
    AST_ANY,
    AST_NONE,
    AST_SINGLE,
    AST_REDUCE, /* reduce(accumulator = c1, name IN c0 | c2) */

    /* `pattern`, of one path, used as a condition: there is a match. Of a shortest path: its
     * value, the path, or the list of all of them. */
    AST_PATTERN,
    AST_PATTERN_COMPREHENSION, /* [`pattern` WHERE c0 | c1]; c0 may be NULL */
    AST_EXISTS,                /* EXISTS { `query` }; of a bare pattern: a query of one MATCH */
    AST_COUNT,                 /* COUNT { `query` } */

    AST_NOT,
    AST_IS_NULL,
    AST_IS_NOT_NULL,
    AST_NEGATE,
    AST_PLUS,

    AST_AND, /* two or more children */
    AST_OR,
    AST_XOR,

    AST_EQUAL,
    AST_NOT_EQUAL,
    AST_LESS,
    AST_LESS_EQUAL,
    AST_GREATER,
    AST_GREATER_EQUAL,

    AST_ADD,
    AST_SUBTRACT,
    AST_MULTIPLY,
    AST_DIVIDE,
    AST_REMAINDER,
    AST_POWER,

    AST_STARTS_WITH,
    AST_ENDS_WITH,
    AST_CONTAINS,
    AST_MATCHES, /* =~ */
    AST_IN,
};

struct ast_names;
struct ast_pattern;
struct ast_query;

/* A name where it stands; `text.data` is NULL when there is none. NUL-terminated. */
struct ast_name {
    struct bytes text;
    struct source_span span;
};

struct ast_expression {
    enum ast_kind kind;
    struct source_span span; /* without parentheses around it */
    uint32_t place;          /* where errors point: an operator's own place, else span.begin */
    uint32_t depth;          /* 1 for a leaf; at most QUERY_DEPTH_MAX */
    uint32_t shared_depth; /* of operands that two comparisons share, one in another (ast_chain) */
    struct ast_expression **children;
    uint32_t child_count;
    uint32_t child_capacity;
    struct ast_name *keys; /* of a map, as many as children */
    uint32_t key_capacity;
    struct ast_name name;
    struct ast_name accumulator; /* AST_REDUCE */
    struct ast_names *labels;    /* AST_LABELS */
    struct ast_pattern *pattern; /* AST_PATTERN, AST_PATTERN_COMPREHENSION */
    struct ast_query *query;     /* AST_EXISTS, AST_COUNT */
    struct bytes text;           /* AST_TEXT, without quotes and escapes */
    int64_t integer;             /* AST_INTEGER; AST_BOOL: 0, 1 */
    double real;
    bool is_least;    /* 9223372036854775808 on its way to the minus before it; then false */
    bool is_distinct; /* call: f(DISTINCT ...) */
    bool is_star;     /* call: f(*) */
};

struct ast_names {
    struct ast_name *names;
    uint32_t count;
    uint32_t capacity;
};

struct ast_node {
    struct source_span span;
    struct ast_name name;
    struct ast_names *labels;          /* all of them hold: (a:A:B) */
    struct ast_expression *properties; /* AST_MAP, AST_PARAMETER or NULL */
};

enum ast_direction { AST_RIGHT, AST_LEFT, AST_UNDIRECTED };

#define AST_HOPS_UNBOUNDED INT64_MAX

/* [*min..max] */
struct ast_range {
    struct source_span span;
    int64_t min;
    int64_t max;
};

struct ast_relationship {
    struct source_span span;
    struct ast_name name;
    struct ast_names *types; /* one of them holds: [:A|B] */
    struct ast_range *range; /* NULL: exactly one flow */
    struct ast_expression *properties;
    enum ast_direction direction;
};

/* shortestPath((a)-[*]-(b)), allShortestPaths(...) */
enum ast_shortest { AST_ANY_LENGTH, AST_SHORTEST, AST_ALL_SHORTEST };

/* nodes[0] relationships[0] nodes[1] ... */
struct ast_path {
    struct ast_name name; /* name = (a)-[e]->(b) */
    enum ast_shortest shortest;
    struct source_span span;
    struct ast_node **nodes;
    struct ast_relationship **relationships;
    uint32_t node_count;
    uint32_t node_capacity;
    uint32_t relationship_count;
    uint32_t relationship_capacity;
};

struct ast_pattern {
    struct ast_path **paths;
    uint32_t count;
    uint32_t capacity;
};

struct ast_item {
    struct ast_expression *expression;
    struct source_span span; /* of the expression, parentheses and all */
    struct ast_name alias;
};

struct ast_sort {
    struct ast_expression *expression;
    bool is_descending;
};

/* What RETURN has in common with WITH. */
struct ast_projection {
    bool is_distinct;
    bool is_star; /* RETURN *: all named variables, before the items */
    uint32_t star_place;
    struct ast_item *items;
    uint32_t item_count;
    uint32_t item_capacity;
    struct ast_sort *sorts;
    uint32_t sort_count;
    uint32_t sort_capacity;
    struct ast_expression *skip; /* NULL: none */
    struct ast_expression *limit;
};

enum ast_clause_kind {
    AST_MATCH,
    AST_UNWIND,
    AST_WITH,
    AST_RETURN,
    AST_CREATE, /* is read so that it can be refused where it stands */
};

struct ast_clause {
    enum ast_clause_kind kind;
    struct source_span span;
    bool is_optional;             /* OPTIONAL MATCH */
    struct ast_pattern *pattern;  /* MATCH, CREATE */
    struct ast_expression *where; /* MATCH, WITH, and a RETURN that a WITH was made; NULL: none */
    struct ast_projection *projection; /* WITH, RETURN */
    struct ast_expression *list;       /* UNWIND list AS alias */
    struct ast_name alias;
};

/* What stands between one UNION and the next. */
struct ast_branch {
    struct ast_clause **clauses;
    uint32_t count;
    uint32_t capacity;
    bool is_all;                   /* UNION ALL before it */
    struct source_span union_span; /* of the UNION before it */
};

/* How many clauses a branch begins with that are MATCH, and not optional. */
static inline uint32_t ast_match_count(const struct ast_branch *branch)
{
    uint32_t count = 0;
    while (count < branch->count && branch->clauses[count]->kind == AST_MATCH &&
           !branch->clauses[count]->is_optional) {
        count++;
    }
    return count;
}

/* The comparison that says the same with its sides exchanged. */
static inline enum ast_kind ast_turned(enum ast_kind comparison)
{
    switch ((int)comparison) {
    case AST_LESS:
        return AST_GREATER;
    case AST_LESS_EQUAL:
        return AST_GREATER_EQUAL;
    case AST_GREATER:
        return AST_LESS;
    case AST_GREATER_EQUAL:
        return AST_LESS_EQUAL;
    default:
        return comparison;
    }
}

enum ast_mode { AST_RUN, AST_EXPLAIN, AST_PROFILE };

struct ast_query {
    enum ast_mode mode;
    struct ast_branch **branches; /* at least one */
    uint32_t count;
    uint32_t capacity;
    struct ast_name into; /* RETURN ... INTO name */
    struct source_span span;
};

struct ast_queries {
    struct ast_query **queries;
    uint32_t count;
    uint32_t capacity;
};

/* What the builders work with. */
struct ast_builder {
    const struct source *source;
    struct chain *memory;
};

/* `size` zeroed bytes. */
void *ast_new(const struct ast_builder *builder, size_t size);

/* Room for one more item; the caller stores it. */
void *ast_grow(const struct ast_builder *builder, void *items, uint32_t count, uint32_t *capacity,
               size_t size);

/* What is so deep stands inside `parent`; false when that is too deep. */
bool ast_deepen(const struct ast_builder *builder, struct ast_expression *parent, uint32_t depth,
                uint32_t shared_depth);

/* One more child, which may be NULL where the kind says so. A NULL parent is false. */
bool ast_add_child(const struct ast_builder *builder, struct ast_expression *parent,
                   struct ast_expression *child);

/* Expressions (ast.c). */

struct ast_expression *ast_leaf(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span);
struct ast_expression *ast_named(const struct ast_builder *builder, enum ast_kind kind,
                                 struct ast_name name);
struct ast_expression *ast_unary(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *child);
struct ast_expression *ast_binary(const struct ast_builder *builder, enum ast_kind kind,
                                  struct source_span span, uint32_t place,
                                  struct ast_expression *left, struct ast_expression *right);

/* AND, OR, XOR: adds to a left side of the same kind, so that long chains stay flat. */
struct ast_expression *ast_logic(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *left, struct ast_expression *right);

/* Goes on with `a < b` or `a < b AND b <= c` by one more comparison of its last operand. The two
 * share it; whatever goes over it twice does so a few times at most, for an operand that is shared
 * holds few others that are, one in another. */
struct ast_expression *ast_chain(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *left, struct ast_expression *right);

/* Minus and plus; a minus before an integer makes a negative integer. */
struct ast_expression *ast_sign(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span, struct ast_expression *child);

struct ast_expression *ast_property(const struct ast_builder *builder, struct source_span span,
                                    struct ast_expression *base, struct ast_name name);
struct ast_expression *ast_labelled(const struct ast_builder *builder, struct source_span span,
                                    struct ast_expression *base, struct ast_names *labels);
struct ast_expression *ast_slice(const struct ast_builder *builder, struct source_span span,
                                 struct ast_expression *base, struct ast_expression *from,
                                 struct ast_expression *to);

/* `arguments` is a list, or NULL for none. */
struct ast_expression *ast_call(const struct ast_builder *builder, struct source_span span,
                                struct ast_name name, struct ast_expression *arguments,
                                bool is_distinct);

/* address IN CIDR network, which is inCidr(address, network). */
struct ast_expression *ast_in_cidr(const struct ast_builder *builder, struct source_span span,
                                   uint32_t place, struct ast_expression *address,
                                   struct ast_expression *network);

/* A list and a map grow by one; NULL is an empty one. ast_bracketed gives it the span of its
 * brackets, or makes an empty one. */
struct ast_expression *ast_add_item(const struct ast_builder *builder, struct ast_expression *list,
                                    struct ast_expression *item);
struct ast_expression *ast_add_entry(const struct ast_builder *builder, struct ast_expression *map,
                                     struct ast_name key, struct ast_expression *value);
struct ast_expression *ast_bracketed(const struct ast_builder *builder, enum ast_kind kind,
                                     struct source_span span, struct ast_expression *items);

/* CASE grows by one WHEN; NULL has none. ast_case ends it: `subject` and `otherwise` may be
 * NULL. */
struct ast_expression *ast_add_when(const struct ast_builder *builder, struct ast_expression *whens,
                                    struct ast_expression *condition, struct ast_expression *value);
struct ast_expression *ast_case(const struct ast_builder *builder, struct source_span span,
                                struct ast_expression *subject, struct ast_expression *whens,
                                struct ast_expression *otherwise);

/* A comprehension or a quantifier (which has no `result`): `name` stands for each item. */
struct ast_expression *ast_each(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span, struct ast_name name,
                                struct ast_expression *list, struct ast_expression *where,
                                struct ast_expression *result);
struct ast_expression *ast_reduce(const struct ast_builder *builder, struct source_span span,
                                  struct ast_name accumulator, struct ast_expression *start,
                                  struct ast_name name, struct ast_expression *list,
                                  struct ast_expression *step);

/* Two spellings of one expression (ast_equal.c); patterns and queries in it equal only themselves.
 */
bool ast_equal(const struct ast_expression *left, const struct ast_expression *right);

/* A copy in which the variable `from` is called `to` (ast_rename.c), also where something inside
 * binds that name anew; patterns and queries in it are those of the original. */
struct ast_expression *ast_renamed(const struct ast_builder *builder,
                                   const struct ast_expression *expression, struct bytes from,
                                   struct bytes to);

/* What an expression says of the variable `subject`, whatever that is called: equal keys say the
 * same. Without patterns and queries. Returns the length that it wanted to write. */
uint64_t ast_key(const struct ast_expression *expression, struct bytes subject, uint8_t *key,
                 uint64_t key_bytes);

/* Patterns and queries inside expressions (ast_clause.c). */
struct ast_expression *ast_path_condition(const struct ast_builder *builder,
                                          struct source_span span, struct ast_path *path);
struct ast_expression *ast_path_comprehension(const struct ast_builder *builder,
                                              struct source_span span, struct ast_path *path,
                                              struct ast_expression *where,
                                              struct ast_expression *result);
struct ast_expression *ast_subquery(const struct ast_builder *builder, enum ast_kind kind,
                                    struct source_span span, struct ast_query *query);

/* Patterns and clauses (ast_clause.c). What grows by one may be NULL: then it is made. */

struct ast_names *ast_add_name(const struct ast_builder *builder, struct ast_names *names,
                               struct ast_name name);
struct ast_node *ast_new_node(const struct ast_builder *builder, struct source_span span,
                              struct ast_name name, struct ast_names *labels,
                              struct ast_expression *properties);
struct ast_relationship *ast_new_relationship(const struct ast_builder *builder,
                                              struct ast_name name, struct ast_names *types,
                                              struct ast_range *range,
                                              struct ast_expression *properties);
struct ast_range *ast_new_range(const struct ast_builder *builder, int64_t min, int64_t max);

/* A path of one node, and longer by a relationship to one more. */
struct ast_path *ast_new_path(const struct ast_builder *builder, struct ast_node *node);
struct ast_path *ast_extend_path(const struct ast_builder *builder, struct ast_path *path,
                                 struct ast_relationship *relationship, struct ast_node *node);
struct ast_pattern *ast_add_path(const struct ast_builder *builder, struct ast_pattern *pattern,
                                 struct ast_path *path);

struct ast_projection *ast_add_output(const struct ast_builder *builder,
                                      struct ast_projection *projection, struct ast_item item);
struct ast_projection *ast_add_sort(const struct ast_builder *builder, struct ast_projection *sorts,
                                    struct ast_sort sort);

struct ast_clause *ast_match(const struct ast_builder *builder, struct source_span span,
                             struct ast_pattern *pattern, struct ast_expression *where);
struct ast_clause *ast_create(const struct ast_builder *builder, struct source_span span,
                              struct ast_pattern *pattern);
struct ast_clause *ast_unwind(const struct ast_builder *builder, struct source_span span,
                              struct ast_expression *list, struct ast_name alias);
struct ast_clause *ast_project(const struct ast_builder *builder, enum ast_clause_kind kind,
                               struct source_span span, struct ast_projection *projection,
                               struct ast_expression *where);

struct ast_branch *ast_add_clause(const struct ast_builder *builder, struct ast_branch *branch,
                                  struct ast_clause *clause);
struct ast_queries *ast_add_query(const struct ast_builder *builder, struct ast_queries *queries,
                                  struct ast_query *query);
struct ast_query *ast_add_branch(const struct ast_builder *builder, struct ast_query *query,
                                 struct ast_branch *branch);

#endif
