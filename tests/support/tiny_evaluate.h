/* Expressions over a tiny graph, evaluated into text: for tests of the engine. */
#ifndef GYRE_TESTS_SUPPORT_TINY_EVALUATE_H
#define GYRE_TESTS_SUPPORT_TINY_EVALUATE_H

#include "tests/support/tiny_query.h"

enum { TINY_EVALUATE_ROWS = 6 };
extern const struct tiny_row tiny_evaluate_rows[TINY_EVALUATE_ROWS];

/* The graph of the rows, with a query of one flow, (a)-[e1]->(b). */
void tiny_evaluate_open(struct tiny *tiny, uint32_t partition_count);

/* All rows as lanes, in the input's order. */
struct tiny_inputs {
    struct inputs inputs;
    edge_id edges[TINY_EVALUATE_ROWS];
    vertex_id sources[TINY_EVALUATE_ROWS];
    vertex_id targets[TINY_EVALUATE_ROWS];
};

void tiny_evaluate_inputs(const struct tiny *tiny, struct tiny_inputs *all);

/* The values of `count` lanes as text, parted by blanks, or the error's text. Valid until the next
 * call. */
const char *tiny_evaluate(struct tiny *tiny, const struct expression *expression,
                          const struct inputs *inputs, uint32_t count);

/* Asserts that two texts are equal, and shows them when they are not. */
void tiny_expect_text(const char *found, const char *expected);

#endif
