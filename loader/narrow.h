/* From wide scratch to a staged column in the narrowest width: measured first, so that a batch can
 * be allocated as one block, then written. */
#ifndef GYRE_LOADER_NARROW_H
#define GYRE_LOADER_NARROW_H

#include <stdint.h>

#include "graph/column.h"
#include "loader/field.h"

/* Sets all of `column` but `values` and `null_bits`. Null rows of `wide` get the value whose raw
 * is 0. */
void narrow_measure(struct column *column, enum type type, struct wide *wide, uint32_t row_count);

/* Bytes for narrow_write, a multiple of 8. */
uint64_t narrow_bytes(const struct column *column, uint32_t row_count);

/* Writes values and null bits to `memory` (8-aligned), and points the column there. */
void narrow_write(struct column *column, const struct wide *wide, uint32_t row_count, void *memory);

#endif
