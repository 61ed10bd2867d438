/* The binder: from a syntax tree to a bound query. Internal to query/.
 *
 * Functions that make an expression return NULL when they fail, with the error set, and so does
 * every caller of theirs: the first error ends binding. What is made lives in the bound query's
 * chain, the syntax tree in another one that ends with binding. */
#ifndef GYRE_QUERY_BIND_H
#define GYRE_QUERY_BIND_H

#include <stdbool.h>
#include <stdint.h>

#include "query/ast.h"
#include "query/bound.h"
#include "query/chain.h"
#include "query/source.h"

enum symbol_kind { SYMBOL_VERTEX, SYMBOL_EDGE };

/* A named variable of the pattern. */
struct symbol {
    struct bytes name;
    enum symbol_kind kind;
    uint32_t index;
    uint32_t clause; /* that bound it first */
};

enum { SYMBOLS_MAX = PATTERN_EDGES_MAX + PATTERN_VERTICES_MAX };

/* Outputs as they were bound, before grouping makes them read keys and aggregates. */
struct item {
    struct expression *expression; /* over matches and aggregates */
    uint32_t place;
};

struct binder {
    const struct source *source;
    struct chain *memory; /* of the bound query */
    struct bound_query *query;
    uint32_t clause;

    struct symbol symbols[SYMBOLS_MAX];
    uint32_t symbol_count;

    uint32_t predicate_capacity;
    uint32_t aggregate_capacity;
    uint32_t key_capacity;
    uint32_t output_capacity;
    uint32_t item_capacity;
    struct item *items; /* as many as outputs */

    const char *no_aggregates; /* where aggregates are not allowed and we are: "WHERE"; or NULL */
    bool sees_outputs;         /* in ORDER BY: names of outputs hide variables */
};

/* An operand and the text that stands for it in messages. */
struct operand {
    struct expression *expression;
    struct bytes text;
    uint32_t place;
};

/* bind.c */

/* Fails with the given error text at `place`; for the functions that return expressions. */
#define BIND_FAIL(binder, place, ...) \
    ((void)source_error((binder)->source, place, __VA_ARGS__), (struct expression *)NULL)

void *binder_allocate(struct binder *binder, size_t count, size_t size);
void *binder_grow(struct binder *binder, void *items, uint32_t count, uint32_t *capacity,
                  size_t size);
const struct symbol *binder_find(const struct binder *binder, struct bytes name);

/* All clauses. */
enum status bind_clauses(struct binder *binder, const struct ast_query *ast);

/* bind_pattern.c */

/* Vertices and edges of a MATCH, and its inline properties as conjuncts. */
enum status bind_pattern(struct binder *binder, const struct ast_pattern *pattern);

/* bind_conjunct.c */

/* Takes a condition apart into predicates and windows. */
enum status bind_condition(struct binder *binder, struct expression *condition);
enum predicate_kind predicate_classify(const struct expression *expression);

/* unify.c */

/* Pattern vertices that conjuncts say are one become one, and the vertices are numbered anew; to be
 * called while only edges, predicates and symbols refer to them. */
enum status bind_unify(struct binder *binder);

/* bind_expression.c */
struct expression *bind_expression(struct binder *binder, const struct ast_expression *ast);

/* A property of what `base` is, a vertex or an edge. */
struct expression *bind_property(struct binder *binder, struct expression *base,
                                 struct bytes base_text, const struct ast_name *name);
struct operand bind_operand(struct binder *binder, const struct ast_expression *ast);

/* As bind_expression, for what has to be true, false or null; `what` wants it so. */
struct expression *bind_truth(struct binder *binder, const struct ast_expression *ast,
                              const char *what);

/* bind_operator.c: types of operators, conversions */
struct expression *bind_comparison(struct binder *binder, enum expression_kind kind,
                                   struct operand left, struct operand right, uint32_t place);
struct expression *bind_arithmetic(struct binder *binder, enum expression_kind kind,
                                   struct operand left, struct operand right, uint32_t place);
struct expression *bind_text_operator(struct binder *binder, enum expression_kind kind,
                                      struct operand left, struct operand right, uint32_t place);
struct expression *bind_sign(struct binder *binder, enum ast_kind kind, struct operand child,
                             uint32_t place);

/* Makes both operands one type, so that they can be equal; false, with the error set, when they
 * never are. */
bool bind_equatable(struct binder *binder, struct operand *left, struct operand *right,
                    uint32_t place);

/* "an integer". */
const char *type_phrase(enum type type);

/* bind_in.c: x IN [...] */
struct expression *bind_in(struct binder *binder, const struct ast_expression *ast);

/* bind_call.c: functions and aggregates */
struct expression *bind_call(struct binder *binder, const struct ast_expression *ast);

/* bind_return.c */
enum status bind_return(struct binder *binder, const struct ast_clause *clause);

/* group.c: outputs over keys and aggregates */
enum status group_outputs(struct binder *binder);

/* Rewrites an expression over matches and aggregates as one over keys and aggregates. */
struct expression *group_expression(struct binder *binder, const struct expression *expression);
bool expression_has_aggregate(const struct expression *expression);

/* build.c: making expressions */

/* `count` children follow in `children`; masks are theirs together. Folds what is constant. */
struct expression *build_operator(struct binder *binder, enum expression_kind kind, enum type type,
                                  uint32_t place, struct expression **children, uint32_t count);
struct expression *build_unary(struct binder *binder, enum expression_kind kind, enum type type,
                               uint32_t place, struct expression *child);
struct expression *build_binary(struct binder *binder, enum expression_kind kind, enum type type,
                                uint32_t place, struct expression *left, struct expression *right);

/* AND, OR or XOR over any number of conditions, as a balanced tree. */
struct expression *build_logic(struct binder *binder, enum expression_kind kind, uint32_t place,
                               struct expression **children, uint32_t count);

/* Without children: literals (their lane is set by the caller) and references. */
struct expression *build_leaf(struct binder *binder, enum expression_kind kind, enum type type,
                              uint32_t place);
struct expression *build_variable(struct binder *binder, enum symbol_kind kind, uint32_t index,
                                  uint32_t place);
struct expression *build_key(struct binder *binder, uint32_t vertex, uint32_t place);
struct expression *build_null(struct binder *binder, uint32_t place);
struct expression *build_bool(struct binder *binder, bool value, uint32_t place);
struct expression *build_integer(struct binder *binder, enum type type, int64_t value,
                                 uint32_t place);
struct expression *build_float(struct binder *binder, double value, uint32_t place);
struct expression *build_text(struct binder *binder, struct bytes text, uint32_t place);

/* Whether two expressions are the same, value for value. */
bool expression_equal(const struct expression *left, const struct expression *right);

static inline bool expression_is_null(const struct expression *expression)
{
    return expression->kind == EXPRESSION_LITERAL && expression->type == TYPE_NULL;
}

static inline bool expression_is_literal(const struct expression *expression, enum type type)
{
    return expression->kind == EXPRESSION_LITERAL && expression->type == type;
}

/* constant.c */

/* The literal that `expression` is when its children are literals; `expression` itself when it
 * cannot be told yet. NULL, with the error set, when it overflows or divides by zero. */
struct expression *constant_fold(struct binder *binder, struct expression *expression);

#endif
