/* Gathers from columns and links through edge ids: how values come into registers. */
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

/* The addresses of the flows' sources, or targets, as the property's role says; `edges` may be
 * `out` itself. Two binary searches a flow, or none where the one before is of the same link. */
void load_ends(const struct edge_frame *frame, uint32_t property, const edge_id *edges,
               uint32_t count, union lane *out);

#endif
