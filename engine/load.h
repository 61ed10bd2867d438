/* Gathers from columns through edge ids: how values come into registers. */
#ifndef GYRE_ENGINE_LOAD_H
#define GYRE_ENGINE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "query/expression.h"

/* Writes the property's values of `count` flows to `out`; `edges` may be `out` itself. Texts come
 * as texts, or as dictionary codes with `as_code`. Where a lane is null its value is not to be
 * used (a text may be NULL). Returns whether `nulls` was filled: not when no lane can be null. */
bool load_property(const struct edge_frame *frame, uint32_t property, bool as_code,
                   const edge_id *edges, uint32_t count, union lane *out, uint8_t *nulls);

#endif
