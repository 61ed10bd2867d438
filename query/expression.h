/* Typed expressions, as the binder leaves them: names resolved, types known, operands of one type
 * wherever an operator wants that (the binder inserts EXPRESSION_TO_FLOAT and EXPRESSION_TO_TEXT).
 *
 * Values are lanes: 8 bytes whose meaning the type tells. Null is kept beside the lane. Logic is
 * three-valued. Immutable after binding; lives in the bound query's memory. */
#ifndef GYRE_QUERY_EXPRESSION_H
#define GYRE_QUERY_EXPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "graph/dictionary.h"
#include "graph/graph.h"
#include "graph/schema.h"

union lane {
    int64_t integer;               /* BOOL (0, 1), INTEGER, TIME, DURATION */
    double real;                   /* FLOAT */
    const struct text *text;       /* TEXT; borrowed from a dictionary, a literal, a scratch pool */
    const struct address *address; /* ADDRESS; borrowed from the vertex frame */
    vertex_id vertex;              /* VERTEX */
    edge_id edge;                  /* EDGE */
};

enum expression_kind {
    EXPRESSION_LITERAL,   /* `literal`, or null when type is TYPE_NULL */
    EXPRESSION_VERTEX,    /* pattern vertex `variable` */
    EXPRESSION_EDGE,      /* pattern edge `variable` */
    EXPRESSION_KEY,       /* ADDRESS of pattern vertex `variable` */
    EXPRESSION_PROPERTY,  /* property `property` of pattern edge `variable`; never source/target:
                             the binder makes those EXPRESSION_KEY of the end */
    EXPRESSION_END,       /* ADDRESS of the source or target, as `property` says, of what stands for
                             pattern edge `variable`: undirected, so that it may be either vertex */
    EXPRESSION_GROUP_KEY, /* bound_query.keys[variable], after grouping */
    EXPRESSION_AGGREGATE, /* bound_query.aggregates[variable], after grouping */
    EXPRESSION_OUTPUT,    /* bound_query.outputs[variable]; in ORDER BY only */

    EXPRESSION_TO_FLOAT, /* INTEGER -> FLOAT */
    EXPRESSION_TO_TEXT,  /* ADDRESS -> TEXT */

    EXPRESSION_NOT,
    EXPRESSION_IS_NULL, /* any type -> BOOL, never null */
    EXPRESSION_IS_NOT_NULL,
    EXPRESSION_NEGATE, /* INTEGER, FLOAT, DURATION */

    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_XOR,

    /* Both operands of one type: BOOL, INTEGER, FLOAT, TEXT, ADDRESS, TIME, DURATION, VERTEX, EDGE
     * (the last two: equality only). Addresses are ordered as their text is. */
    EXPRESSION_EQUAL,
    EXPRESSION_NOT_EQUAL,
    EXPRESSION_LESS,
    EXPRESSION_LESS_EQUAL,
    EXPRESSION_GREATER,
    EXPRESSION_GREATER_EQUAL,

    /* INTEGER, FLOAT (both operands); TIME +- DURATION -> TIME; TIME - TIME -> DURATION;
     * DURATION +- DURATION; DURATION * INTEGER|FLOAT and DURATION / INTEGER|FLOAT -> DURATION;
     * ADD of TEXT concatenates. Integer overflow and integer division by zero are errors. */
    EXPRESSION_ADD,
    EXPRESSION_SUBTRACT,
    EXPRESSION_MULTIPLY,
    EXPRESSION_DIVIDE,
    EXPRESSION_REMAINDER,
    EXPRESSION_POWER, /* FLOAT, FLOAT -> FLOAT */

    /* TEXT, TEXT -> BOOL */
    EXPRESSION_STARTS_WITH,
    EXPRESSION_ENDS_WITH,
    EXPRESSION_CONTAINS,

    /* children[0] in children[1..]: literals of its type, or null */
    EXPRESSION_IN,
};

struct expression {
    enum expression_kind kind;
    enum type type;
    uint32_t child_count;
    struct expression **children;
    uint32_t variable;
    uint32_t property;
    union lane literal;   /* ADDRESS literals have an address of their own, in the query's memory */
    uint32_t edge_mask;   /* pattern edges that the value depends on */
    uint32_t vertex_mask; /* pattern vertices */
    uint32_t query_offset; /* where it stands in the query's text */
};

#endif
