/* The compiled form of an expression: what program.c writes and evaluate.c runs.
 *
 * Operations stand in the order of evaluation, over registers numbered as a stack: an operation
 * writes register `result` and reads its left operand from `result` and its right one from
 * `result + 1`. So a register is written in place, and a program needs as many as its expression
 * is deep.
 *
 * Errors are lazy. Integer overflow and division by zero mark their lane as null with an error
 * bit; strict operators pass the mark on, AND drops it where another operand is false or null, OR
 * where another is true. Only a mark that reaches the result fails the run. So
 * `x <> 0 AND 1 / x > 2` never fails, in whichever order the conjuncts are written or tested. */
#ifndef GYRE_ENGINE_PROGRAM_H
#define GYRE_ENGINE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/evaluate.h"
#include "engine/operations.h"

enum operation_code {
    OPERATION_LITERAL,
    OPERATION_VERTEX,
    OPERATION_EDGE,
    OPERATION_KEY,
    OPERATION_PROPERTY, /* or an end of a flow, as the expression says */
    OPERATION_CODE,     /* the dictionary code of a text property, as an integer */
    OPERATION_GROUP_KEY,
    OPERATION_AGGREGATE,

    OPERATION_CODE_RANGE, /* code - range_first < range_count, turned round by is_inverted */
    OPERATION_CODE_TABLE, /* table[code] */
    OPERATION_SET,        /* in `set` */
    OPERATION_NOT,
    OPERATION_IS_NULL,
    OPERATION_IS_NOT_NULL,
    OPERATION_TO_FLOAT,
    OPERATION_TO_TEXT,

    OPERATION_PLAIN,   /* cannot fail */
    OPERATION_CHECKED, /* marks lanes that fail */
    OPERATION_TEXT,
    OPERATION_ADDRESS,
    OPERATION_CONCATENATE,
    OPERATION_AND,
    OPERATION_OR,
};

/* Literals of an IN, sorted by lane_compare. */
struct literal_set {
    enum type type;
    uint32_t count;
    bool has_null;
    union lane *values;
};

struct operation {
    enum operation_code code;
    uint32_t result; /* register */
    uint32_t variable;
    uint32_t property;
    const struct expression *expression; /* for messages */
    union lane literal;
    bool is_null;     /* the literal is */
    bool is_inverted; /* of a code range */
    uint64_t range_first;
    uint64_t range_count;
    const uint8_t *table; /* [dictionary count] */
    struct literal_set set;
    plain_function plain;
    checked_function checked;
    text_function text;
    enum expression_kind comparison; /* of addresses */
};

struct program {
    const struct bound_query *query;
    enum type type;
    uint32_t register_count;
    uint32_t operation_count;
    bool makes_text; /* the result may lie in the registers' scratch */
    struct operation *operations;
};

/* Sorts the set's values by lane_compare. */
void literal_set_sort(struct literal_set *set, const struct graph *graph);

/* The comparison with its operands exchanged: < becomes >. */
enum expression_kind comparison_flipped(enum expression_kind kind);

/* Whether `kind` is one of EQUAL .. GREATER_EQUAL. */
bool comparison_is(enum expression_kind kind);

/* A text property; a literal that is not null. */
bool operand_is_text_column(const struct expression *expression);
bool operand_is_literal(const struct expression *expression);

/* Which codes of a text column satisfy `kind` against a literal: first .. first + count - 1, or
 * with `is_inverted` all others. False when `kind` is not one that a range can tell. */
struct code_range {
    uint64_t first;
    uint64_t count;
    bool is_inverted;
};
bool code_range_of(struct code_range *range, const struct dictionary *dictionary,
                   enum expression_kind kind, const struct text *literal);

/* A byte per code: 1 where it CONTAINS or ENDS WITH the literal, or equals one of IN's. NULL when
 * memory runs out. */
const uint8_t *code_table_of(const struct dictionary *dictionary,
                             const struct expression *expression, struct arena *arena);

#endif
