#include "loader/narrow.h"

#include <string.h>

#include "base/number.h"

struct range {
    int64_t least;
    int64_t greatest;
};

static uint32_t first_value_row(const struct wide *wide);
static struct range integer_range(const int64_t *values, uint32_t count);
static struct range code_range(const uint32_t *codes, uint32_t count);
static void write_integers(const struct column *column, const int64_t *values, uint32_t count,
                           void *out);
static void write_codes(const struct column *column, const uint32_t *codes, uint32_t count,
                        void *out);

void narrow_measure(struct column *column, enum type type, struct wide *wide, uint32_t row_count)
{
    *column = (struct column){.type = type, .null_count = wide->null_count};
    if (type == TYPE_FLOAT) {
        bool is_double = wide->is_double && wide->null_count < row_count;
        column->encoding = is_double ? ENCODING_DOUBLE : ENCODING_DECIMAL;
        column->divisor = is_double ? 0 : power_of_ten(wide->scale);
    }
    if (wide->null_count == row_count) {
        return;
    }
    /* Nulls take some row's value first, so that they do not widen the range. */
    uint32_t value_row = first_value_row(wide);
    int64_t *integers = wide->values;
    uint32_t *codes = wide->values;
    struct range range = {0, 0};
    if (column->encoding == ENCODING_DOUBLE) {
        column->width = 8;
    } else if (type == TYPE_TEXT) {
        for (uint32_t i = 0; i < wide->null_count; i++) {
            codes[wide->nulls[i]] = codes[value_row];
        }
        range = code_range(codes, row_count);
    } else {
        for (uint32_t i = 0; i < wide->null_count; i++) {
            integers[wide->nulls[i]] = integers[value_row];
        }
        range = integer_range(integers, row_count);
    }
    if (column->encoding != ENCODING_DOUBLE) {
        column->base = range.least;
        column->width = column_width_for((uint64_t)range.greatest - (uint64_t)range.least);
    }
    for (uint32_t i = 0; i < wide->null_count; i++) {
        if (type == TYPE_TEXT) {
            codes[wide->nulls[i]] = (uint32_t)column->base;
        } else {
            integers[wide->nulls[i]] = column->base;
        }
    }
}

static uint64_t value_bytes(const struct column *column, uint32_t row_count)
{
    return ((uint64_t)column->width * row_count + 7) & ~UINT64_C(7);
}

static uint64_t null_bytes(const struct column *column, uint32_t row_count)
{
    return column->null_count == 0 ? 0 : ((uint64_t)row_count + 63) / 64 * sizeof(uint64_t);
}

uint64_t narrow_bytes(const struct column *column, uint32_t row_count)
{
    return value_bytes(column, row_count) + null_bytes(column, row_count);
}

void narrow_write(struct column *column, const struct wide *wide, uint32_t row_count, void *memory)
{
    if (column->width > 0) {
        column->values = memory;
        if (column->type == TYPE_TEXT) {
            write_codes(column, wide->values, row_count, memory);
        } else {
            write_integers(column, wide->values, row_count, memory);
        }
    }
    if (column->null_count > 0) {
        uint64_t *bits = (void *)((char *)memory + value_bytes(column, row_count));
        memset(bits, 0, null_bytes(column, row_count));
        for (uint32_t i = 0; i < wide->null_count; i++) {
            bits[wide->nulls[i] >> 6] |= UINT64_C(1) << (wide->nulls[i] & 63);
        }
        column->null_bits = bits;
    }
}

/* The first row that is not null; there is one. */
static uint32_t first_value_row(const struct wide *wide)
{
    uint32_t row = 0;
    while (row < wide->null_count && wide->nulls[row] == row) {
        row++;
    }
    return row;
}

static struct range integer_range(const int64_t *values, uint32_t count)
{
    struct range range = {values[0], values[0]};
    for (uint32_t i = 1; i < count; i++) {
        range.least = values[i] < range.least ? values[i] : range.least;
        range.greatest = values[i] > range.greatest ? values[i] : range.greatest;
    }
    return range;
}

static struct range code_range(const uint32_t *codes, uint32_t count)
{
    uint32_t least = codes[0];
    uint32_t greatest = codes[0];
    for (uint32_t i = 1; i < count; i++) {
        least = codes[i] < least ? codes[i] : least;
        greatest = codes[i] > greatest ? codes[i] : greatest;
    }
    return (struct range){least, greatest};
}

/* Doubles are copied as the bits that they are: their base is 0 and their width 8. */
static void write_integers(const struct column *column, const int64_t *values, uint32_t count,
                           void *out)
{
    const uint64_t base = (uint64_t)column->base;
    uint8_t *out_1 = out;
    uint16_t *out_2 = out;
    uint32_t *out_4 = out;
    uint64_t *out_8 = out;
    switch (column->width) {
    case 1:
        for (uint32_t i = 0; i < count; i++) {
            out_1[i] = (uint8_t)((uint64_t)values[i] - base);
        }
        break;
    case 2:
        for (uint32_t i = 0; i < count; i++) {
            out_2[i] = (uint16_t)((uint64_t)values[i] - base);
        }
        break;
    case 4:
        for (uint32_t i = 0; i < count; i++) {
            out_4[i] = (uint32_t)((uint64_t)values[i] - base);
        }
        break;
    case 8:
        for (uint32_t i = 0; i < count; i++) {
            out_8[i] = (uint64_t)values[i] - base;
        }
        break;
    }
}

static void write_codes(const struct column *column, const uint32_t *codes, uint32_t count,
                        void *out)
{
    const uint32_t base = (uint32_t)column->base;
    uint8_t *out_1 = out;
    uint16_t *out_2 = out;
    uint32_t *out_4 = out;
    switch (column->width) {
    case 1:
        for (uint32_t i = 0; i < count; i++) {
            out_1[i] = (uint8_t)(codes[i] - base);
        }
        break;
    case 2:
        for (uint32_t i = 0; i < count; i++) {
            out_2[i] = (uint16_t)(codes[i] - base);
        }
        break;
    case 4:
        for (uint32_t i = 0; i < count; i++) {
            out_4[i] = codes[i] - base;
        }
        break;
    }
}
