/* Comparing expressions, for filters that are shared. */
#ifndef GYRE_ENGINE_SAME_H
#define GYRE_ENGINE_SAME_H

#include <stdbool.h>
#include <stdint.h>

#include "query/expression.h"

/* Whether two expressions are alike, taking pattern edge `left_edge` of the left one for
 * `right_edge` of the right one. Literals are the same when their bits, text or address are. */
bool expression_same(const struct expression *left, const struct expression *right,
                     uint32_t left_edge, uint32_t right_edge);

#endif
