/* Leaf loops over vectors of lanes: comparisons and arithmetic. `step` is 1, or 0 when one value
 * stands for all lanes; `out` may be an operand's own storage when that has step 1. */
#ifndef GYRE_ENGINE_OPERATIONS_H
#define GYRE_ENGINE_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "query/expression.h"

/* What a null byte says: 0 is a value. Errors have LANE_NULL too. */
enum { LANE_NULL = 1, LANE_OVERFLOW = 2, LANE_ZERO_DIVISION = 4 };
#define LANE_ERRORS (LANE_OVERFLOW | LANE_ZERO_DIVISION)

typedef void (*plain_function)(const union lane *left, uint32_t left_step, const union lane *right,
                               uint32_t right_step, union lane *out, uint32_t count);

/* Marks failing lanes that are not null in `nulls`; true when there was one. */
typedef bool (*checked_function)(const union lane *left, uint32_t left_step,
                                 const union lane *right, uint32_t right_step, union lane *out,
                                 uint8_t *nulls, uint32_t count);

typedef bool (*text_function)(const struct text *left, const struct text *right);

/* For comparisons of lanes of `type` by their integer or real (NULL for text and addresses), XOR,
 * and arithmetic of floats. NULL when there is none. */
plain_function plain_function_of(enum expression_kind kind, enum type type);

/* For arithmetic on integers, times and durations. `right` is the right operand's type. */
checked_function checked_function_of(enum expression_kind kind, enum type right);

/* For comparisons, STARTS WITH, ENDS WITH and CONTAINS. */
text_function text_function_of(enum expression_kind kind);

/* Whether comparison `kind` holds for an order of <0, 0, >0. */
bool comparison_holds(enum expression_kind kind, int order);

/* The text of an address, in `buffer` (ADDRESS_TEXT_BYTES) or borrowed from the frame. */
struct bytes address_view(const struct vertex_frame *frame, const struct address *address,
                          char *buffer);

/* The first sixteen characters of an address' text, in four bits each: ascending as the texts do,
 * as far as it goes, and all of the text of an IPv4 address. */
uint64_t address_text_digit(const struct vertex_frame *frame, const struct address *address);

/* Digits in whose order addresses are as vertices are ordered. The first tells those apart whose
 * high half is 0, all of IPv4 among them, so that workers can share what is sorted by it. */
enum { ADDRESS_DIGITS = 3 };
uint64_t address_digit(struct address address, uint32_t digit);

/* Which row of the input a flow was. */
static inline int64_t edge_row(const struct graph *graph, edge_id edge)
{
    return column_integer(&graph->edges.partitions[edge_partition(edge)].row, edge_position(edge));
}

/* Order of two values of one type: of addresses by their text, of vertices by their address, of
 * flows by their row, NaN last. Nothing here depends on how the graph is partitioned. */
int lane_compare(enum type type, const struct graph *graph, union lane left, union lane right);

/* Equality and hash as grouping sees them: NaN equals itself, -0.0 equals 0.0. */
bool lane_same(enum type type, union lane left, union lane right);
uint64_t lane_hash(enum type type, union lane lane);

#endif
