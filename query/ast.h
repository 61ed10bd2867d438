/* The syntax tree: what was written, before any name is looked up.
 *
 * Everything lives in one chain and is freed with it. Lists are arrays that the grammar grows.
 * Builders return NULL when memory ends or a limit is reached, with the error set. */
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

    AST_VARIABLE, /* `name` */
    AST_PROPERTY, /* children[0] . `name` */
    AST_CALL,     /* `name` of children */

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
    AST_IN,
};

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
    struct ast_expression **children;
    uint32_t child_count;
    uint32_t child_capacity;
    struct ast_name *keys; /* of a map, as many as children */
    uint32_t key_capacity;
    struct ast_name name;
    struct bytes text; /* AST_TEXT, without quotes and escapes */
    int64_t integer;   /* AST_INTEGER; AST_BOOL: 0, 1 */
    double real;
    bool is_least;    /* 9223372036854775808, which is an integer only behind a minus */
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
    struct ast_expression *properties; /* AST_MAP or NULL */
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

/* nodes[0] relationships[0] nodes[1] ... */
struct ast_path {
    struct ast_name name; /* name = (a)-[e]->(b) */
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

enum ast_clause_kind { AST_MATCH, AST_RETURN };

struct ast_clause {
    enum ast_clause_kind kind;
    struct source_span span;
    struct ast_pattern *pattern;       /* MATCH */
    struct ast_expression *where;      /* MATCH; NULL: none */
    struct ast_projection *projection; /* RETURN */
};

enum ast_mode { AST_RUN, AST_EXPLAIN, AST_PROFILE };

struct ast_query {
    enum ast_mode mode;
    struct ast_clause **clauses;
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

struct ast_range *ast_new_range(const struct ast_builder *builder, int64_t min, int64_t max);

struct ast_expression *ast_leaf(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span);
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

/* Goes on with `a < b` or `a < b AND b <= c` by one more comparison of its last operand. */
struct ast_expression *ast_chain(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *left, struct ast_expression *right);

/* Minus and plus; a minus before an integer makes a negative integer. */
struct ast_expression *ast_sign(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span, struct ast_expression *child);

/* Adds a child to a list, a call or (with a key) a map. */
bool ast_add_child(const struct ast_builder *builder, struct ast_expression *parent,
                   struct ast_expression *child);
bool ast_add_entry(const struct ast_builder *builder, struct ast_expression *map,
                   struct ast_name key, struct ast_expression *value);

bool ast_add_name(const struct ast_builder *builder, struct ast_names *names, struct ast_name name);
bool ast_add_node(const struct ast_builder *builder, struct ast_path *path, struct ast_node *node);
bool ast_add_relationship(const struct ast_builder *builder, struct ast_path *path,
                          struct ast_relationship *relationship);
bool ast_add_path(const struct ast_builder *builder, struct ast_pattern *pattern,
                  struct ast_path *path);
bool ast_add_item(const struct ast_builder *builder, struct ast_projection *projection,
                  struct ast_item item);
bool ast_add_sort(const struct ast_builder *builder, struct ast_projection *projection,
                  struct ast_sort sort);
bool ast_add_clause(const struct ast_builder *builder, struct ast_query *query,
                    struct ast_clause *clause);

#endif
