/* Compiled expressions: the syntax tree with every name resolved to a slot, a function or a handle.
 * Immutable; live in the compiled query's chain. */
#ifndef GYRE_PIPELINE_TERM_H
#define GYRE_PIPELINE_TERM_H

#include "pipeline/run.h"
#include "query/ast.h"

struct members;
struct pattern;
struct subquery;

/* Of a term whose kind of value only a run will tell. */
enum { KIND_ANY = -1 };

struct term {
    enum ast_kind kind;      /* AST_NULL is any constant, AST_VARIABLE a slot */
    int known;               /* the value_kind that it has whenever it is not null, or KIND_ANY */
    enum value_kind items;   /* of a list: the kind of all of them; VALUE_NULL: not known */
    uint32_t place;          /* in the query's text, for errors */
    struct source_span span; /* what was written; of no length: nobody wrote it */
    uint32_t child_count;
    struct term **children;      /* as the kind says (query/ast.h); NULL where the tree has NULL */
    struct bytes name;           /* PROPERTY */
    const struct ast_name *keys; /* MAP */
    uint32_t slot;               /* VARIABLE; what comprehensions and reduce bind */
    uint32_t accumulator;        /* REDUCE: its slot */
    struct value literal;        /* AST_NULL */
    const struct members *members;   /* IN: of a constant list that is long; NULL: of another */
    const struct function *function; /* CALL */
    uint32_t vertex_handle;          /* PROPERTY: of that name, for either kind of entity */
    uint32_t edge_handle;
    const uint32_t *labels; /* LABELS: handles for vertices, then as many for edges */
    uint32_t label_count;
    struct pattern *pattern;   /* PATTERN, PATTERN_COMPREHENSION */
    struct subquery *subquery; /* EXISTS, COUNT */
};

/* Evaluates over the current row; the value's memory is the run's pool's, or lives longer.
 * STATUS_USAGE with line and column when it cannot be (a wrong kind, an overflow, ...). */
enum status evaluate(struct run *run, const struct term *term, struct value *value);

/* Whether a condition is true; null and false are not. Neither of these is an error. */
enum status evaluate_condition(struct run *run, const struct term *term, bool *holds);

#endif
