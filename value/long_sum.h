/* Sums that do not depend on the order of their terms but for the last bits of a float: integers in
 * 128 bits, floats as the unevaluated sum of two (T. J. Dekker, "A floating-point technique for
 * extending the available precision", 1971). */
#ifndef GYRE_VALUE_LONG_SUM_H
#define GYRE_VALUE_LONG_SUM_H

#include <math.h>
#include <stdint.h>

/* high + low, |low| at most half a unit in the last place of high. Zeroed: 0. */
struct long_sum {
    double high;
    double low;
};

/* sum += value + value_low. What is not finite stays so, and never becomes NaN by the correction.
 */
static inline void long_sum_add(struct long_sum *sum, double value, double value_low)
{
    double total = sum->high + value;
    double part = total - sum->high;
    double lost = (sum->high - (total - part)) + (value - part) + (sum->low + value_low);
    double high = total + lost;
    if (!isfinite(high)) {
        *sum = (struct long_sum){total, 0};
        return;
    }
    *sum = (struct long_sum){high, lost - (high - total)};
}

/* An integer exactly, as two floats. */
static inline void long_sum_add_integer(struct long_sum *sum, int64_t integer)
{
    /* The upper part has 32 bits less to hold, so that both are exact. */
    double upper = (double)(integer >> 32) * 0x1p32;
    long_sum_add(sum, upper, 0);
    long_sum_add(sum, (double)(integer & UINT32_MAX), 0);
}

#endif
