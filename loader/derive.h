/* Columns that are not read but computed, over the rows of a chunk that was read. */
#ifndef GYRE_LOADER_DERIVE_H
#define GYRE_LOADER_DERIVE_H

#include "loader/field.h"
#include "loader/vocabulary.h"

/* Fills `wide` (empty but for its room) from two columns of integers or times. */
void derive_column(struct wide *wide, enum derivation_kind kind, const struct wide *left,
                   const struct wide *right, uint32_t row_count);

/* All rows are null. */
void derive_nulls(struct wide *wide, uint32_t row_count);

/* Floats that count units of 10^-scale become seconds. */
void derive_seconds(struct wide *wide, uint32_t scale, uint32_t row_count);

#endif
