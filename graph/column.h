/* One property of the flows of one partition, in the narrowest width that holds it.
 *
 * Encoding: value = base + raw, where raw is an unsigned integer of `width` bytes (0: all raws are
 * 0, nothing is stored). Integers, times, durations, booleans (0/1) and text (dictionary codes) are
 * that value; a float with ENCODING_DECIMAL is (double)value / divisor, exact for the decimals of
 * the input; a float with ENCODING_DOUBLE is stored as it is, 8 bytes. Null is a set bit in
 * `null_bits`, and the raw below it is 0. Immutable after build; lives in the partition's arena. */
#ifndef GYRE_GRAPH_COLUMN_H
#define GYRE_GRAPH_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/schema.h"

enum encoding { ENCODING_INTEGER, ENCODING_DECIMAL, ENCODING_DOUBLE };

struct column {
    enum type type;
    enum encoding encoding;
    uint8_t width; /* bytes: 0, 1, 2, 4, 8 */
    int64_t base;
    double divisor;            /* of ENCODING_DECIMAL; a power of ten */
    const void *values;        /* [count] of `width` bytes; NULL when width is 0 */
    const uint64_t *null_bits; /* bit i & 63 of word i >> 6; NULL when nothing is null */
    uint64_t null_count;
};

static inline uint64_t column_raw(const struct column *column, uint64_t index)
{
    switch (column->width) {
    case 1:
        return ((const uint8_t *)column->values)[index];
    case 2:
        return ((const uint16_t *)column->values)[index];
    case 4:
        return ((const uint32_t *)column->values)[index];
    case 8:
        return ((const uint64_t *)column->values)[index];
    default:
        return 0;
    }
}

/* For everything but floats. Wraps as two's complement, so that any int64 can be held. */
static inline int64_t column_integer(const struct column *column, uint64_t index)
{
    return (int64_t)((uint64_t)column->base + column_raw(column, index));
}

double column_float(const struct column *column, uint64_t index);

static inline bool column_is_null(const struct column *column, uint64_t index)
{
    return column->null_bits != NULL && (column->null_bits[index >> 6] >> (index & 63) & 1) != 0;
}

/* The narrowest width for raws up to `largest`. */
uint8_t column_width_for(uint64_t largest);

/* Bytes of values and null bits for `count` rows. */
uint64_t column_bytes(const struct column *column, uint64_t count);

/* Checks the invariants above for `count` rows: a sound shape, the narrowest width (for texts: that
 * of the dictionary or less), nulls that agree with their count and have raw 0, codes below
 * `code_count`, booleans of 0 and 1, finite floats. False, and the first violation in `reason` (256
 * bytes). Slow. */
bool column_validate(const struct column *column, uint64_t count, uint64_t code_count,
                     const char *name, char *reason);

#endif
