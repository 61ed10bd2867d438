#include "loader/derive.h"

#include "base/number.h"

/* As loader/field.c has it: decimals are exact up to here, and as far as powers of ten are. */
#define MANTISSA_MAX (INT64_C(1) << 53)

enum { SCALE_MAX = 22 };

static uint32_t merge_nulls(const struct wide *left, const struct wide *right, uint32_t *nulls);
static void make_seconds(struct wide *wide, uint32_t row_count);

void derive_column(struct wide *wide, enum derivation_kind kind, const struct wide *left,
                   const struct wide *right, uint32_t row_count)
{
    const int64_t *lefts = left->values;
    const int64_t *rights = right->values;
    int64_t *values = wide->values;
    uint32_t next = 0;
    bool is_sum = kind == DERIVE_SUM;
    uint32_t null_count = merge_nulls(left, right, wide->nulls);
    for (uint32_t i = 0; i < row_count; i++) {
        if (next < null_count && wide->nulls[next] == i) {
            next++;
            values[i] = 0;
            continue;
        }
        /* What no integer holds is null: no exporter counts so far. */
        if (is_sum ? __builtin_add_overflow(lefts[i], rights[i], &values[i])
                   : __builtin_sub_overflow(lefts[i], rights[i], &values[i])) {
            derive_nulls(wide, row_count);
            return;
        }
    }
    wide->null_count = null_count;
    if (!is_sum) {
        make_seconds(wide, row_count);
    }
}

void derive_nulls(struct wide *wide, uint32_t row_count)
{
    for (uint32_t row = 0; row < row_count; row++) {
        wide->nulls[row] = row;
    }
    wide->null_count = row_count;
}

static void turn_into_doubles(struct wide *wide, double divisor, uint32_t row_count)
{
    char *values = wide->values;
    for (uint32_t i = 0; i < row_count; i++) {
        int64_t mantissa;
        double value;
        memcpy(&mantissa, values + i * sizeof mantissa, sizeof mantissa);
        memcpy(&value, &mantissa, sizeof value);
        value = (wide->is_double ? value : (double)mantissa) / divisor;
        memcpy(values + i * sizeof value, &value, sizeof value);
    }
    wide->is_double = true;
}

void derive_seconds(struct wide *wide, uint32_t scale, uint32_t row_count)
{
    if (wide->is_double) {
        turn_into_doubles(wide, power_of_ten(scale), row_count);
    } else if (wide->scale + scale > SCALE_MAX) {
        turn_into_doubles(wide, power_of_ten(wide->scale) * power_of_ten(scale), row_count);
    } else {
        wide->scale += scale;
    }
}

/* Rows that are null in either, ascending; returns how many. */
static uint32_t merge_nulls(const struct wide *left, const struct wide *right, uint32_t *nulls)
{
    uint32_t count = 0;
    uint32_t i = 0;
    uint32_t k = 0;
    while (i < left->null_count || k < right->null_count) {
        uint32_t from_left = i < left->null_count ? left->nulls[i] : UINT32_MAX;
        uint32_t from_right = k < right->null_count ? right->nulls[k] : UINT32_MAX;
        nulls[count++] = from_left < from_right ? from_left : from_right;
        i += from_left <= from_right;
        k += from_right <= from_left;
    }
    return count;
}

/* From nanoseconds to decimals of as few digits as they need, so that they are stored narrowly. */
static void make_seconds(struct wide *wide, uint32_t row_count)
{
    int64_t *values = wide->values;
    int64_t unit = 1000000000;
    bool is_large = false;
    wide->scale = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        while (values[i] % unit != 0) {
            unit /= 1000;
            wide->scale += 3;
        }
    }
    for (uint32_t i = 0; i < row_count; i++) {
        values[i] /= unit;
        is_large |= values[i] > MANTISSA_MAX || values[i] < -MANTISSA_MAX;
    }
    if (is_large) {
        turn_into_doubles(wide, power_of_ten(wide->scale), row_count);
    }
}
