#include "graph/column.h"

#include "graph/refuse.h"

#include <math.h>

static bool validate_shape(const struct column *column, uint64_t count, uint64_t code_count,
                           const char *name, char *reason);
static bool validate_nulls(const struct column *column, uint64_t count, const char *name,
                           char *reason);
static bool validate_values(const struct column *column, uint64_t count, uint64_t code_count,
                            const char *name, char *reason);

double column_float(const struct column *column, uint64_t index)
{
    if (column->encoding == ENCODING_DOUBLE) {
        return column->width == 0 ? 0.0 : ((const double *)column->values)[index];
    }
    double value = (double)column_integer(column, index);
    return column->encoding == ENCODING_DECIMAL ? value / column->divisor : value;
}

uint8_t column_width_for(uint64_t largest)
{
    if (largest == 0) {
        return 0;
    }
    if (largest <= UINT8_MAX) {
        return 1;
    }
    if (largest <= UINT16_MAX) {
        return 2;
    }
    return largest <= UINT32_MAX ? 4 : 8;
}

uint64_t column_bytes(const struct column *column, uint64_t count)
{
    uint64_t null_bytes = column->null_bits == NULL ? 0 : (count + 63) / 64 * sizeof(uint64_t);
    return count * column->width + null_bytes;
}

bool column_validate(const struct column *column, uint64_t count, uint64_t code_count,
                     const char *name, char *reason)
{
    return validate_shape(column, count, code_count, name, reason) &&
           validate_nulls(column, count, name, reason) &&
           validate_values(column, count, code_count, name, reason);
}

static bool is_power_of_ten(double value)
{
    double power = 1.0;
    while (power < value && power < 1e22) {
        power *= 10.0;
    }
    return power == value;
}

static bool validate_shape(const struct column *column, uint64_t count, uint64_t code_count,
                           const char *name, char *reason)
{
    uint8_t width = column->width;
    if (width != 0 && width != 1 && width != 2 && width != 4 && width != 8) {
        return refuse(reason, "column %s: width is %u", name, width);
    }
    if (width != 0 && count != 0 && column->values == NULL) {
        return refuse(reason, "column %s: no values", name);
    }
    bool is_float = column->type == TYPE_FLOAT;
    if (is_float != (column->encoding != ENCODING_INTEGER)) {
        return refuse(reason, "column %s: the encoding does not fit the type", name);
    }
    if (column->encoding == ENCODING_DOUBLE) {
        return width == sizeof(double) ||
               refuse(reason, "column %s: doubles of width %u", name, width);
    }
    if (column->encoding == ENCODING_DECIMAL && !is_power_of_ten(column->divisor)) {
        return refuse(reason, "column %s: the divisor %g is no power of ten", name,
                      column->divisor);
    }
    uint64_t largest = 0;
    for (uint64_t index = 0; index < count; index++) {
        uint64_t raw = column_raw(column, index);
        largest = raw > largest ? raw : largest;
    }
    /* Codes may be as wide as the dictionary asks, so that all partitions agree. */
    return width == column_width_for(largest) ||
           (column->type == TYPE_TEXT && width > column_width_for(largest) &&
            width <= column_width_for(code_count)) ||
           refuse(reason, "column %s: width is %u where the largest raw is %llu", name, width,
                  (unsigned long long)largest);
}

static bool validate_nulls(const struct column *column, uint64_t count, const char *name,
                           char *reason)
{
    if ((column->null_bits != NULL) != (column->null_count != 0)) {
        return refuse(reason, "column %s: null_bits and null_count do not agree", name);
    }
    if (column->null_bits == NULL) {
        return true;
    }
    uint64_t nulls = 0;
    for (uint64_t index = 0; index < (count + 63) / 64 * 64; index++) {
        if (!column_is_null(column, index)) {
            continue;
        }
        if (index >= count) {
            return refuse(reason, "column %s: null_bits are set after the last row", name);
        }
        nulls++;
        if (column_raw(column, index) != 0) {
            return refuse(reason, "column %s: the null at %llu has a raw other than 0", name,
                          (unsigned long long)index);
        }
    }
    if (nulls != column->null_count) {
        return refuse(reason, "column %s: null_count is %llu, the bits say %llu", name,
                      (unsigned long long)column->null_count, (unsigned long long)nulls);
    }
    return true;
}

static bool validate_values(const struct column *column, uint64_t count, uint64_t code_count,
                            const char *name, char *reason)
{
    for (uint64_t index = 0; index < count; index++) {
        if (column->type == TYPE_ADDRESS || column_is_null(column, index)) {
            continue;
        }
        uint64_t value = (uint64_t)column_integer(column, index);
        if (column->type == TYPE_TEXT && value >= code_count) {
            return refuse(reason, "column %s: the code at %llu is beyond the dictionary", name,
                          (unsigned long long)index);
        }
        if (column->type == TYPE_BOOL && value > 1) {
            return refuse(reason, "column %s: the boolean at %llu is neither 0 nor 1", name,
                          (unsigned long long)index);
        }
        if (column->type == TYPE_FLOAT && !isfinite(column_float(column, index))) {
            return refuse(reason, "column %s: the float at %llu is not finite", name,
                          (unsigned long long)index);
        }
    }
    return true;
}
