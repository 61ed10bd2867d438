/* Sums of floats and of integers that lose nothing, so that they do not depend on the order of
 * their terms, nor on who added which of them: an integer in units of a power of two, as wide as
 * the terms want it (U. Kulisch, W. L. Miranker, "Computer Arithmetic in Theory and Practice",
 * 1981). Terms of similar size take four words.
 *
 * What is not finite is added apart. One thread; the words lie in the pool that each call is given.
 */
#ifndef GYRE_VALUE_EXACT_SUM_H
#define GYRE_VALUE_EXACT_SUM_H

#include "value/pool.h"

/* Zeroed: 0. */
struct exact_sum {
    uint64_t *words;  /* two's complement, the least first; the last one only holds the sign */
    uint32_t count;   /* 0: nothing was added yet */
    uint32_t first;   /* the first bit of words[0] is worth 2^(64 * first - EXACT_SUM_BIAS) */
    double unbounded; /* the sum of what is not finite */
};

enum { EXACT_SUM_BIAS = 64 * 35 }; /* squares go down to 2^-2148 */

enum status exact_sum_add(struct exact_sum *sum, double value, struct pool *pool,
                          struct error *error);
enum status exact_sum_add_integer(struct exact_sum *sum, __int128 value, struct pool *pool,
                                  struct error *error);

/* Of an integer or a float. */
enum status exact_sum_add_square(struct exact_sum *sum, struct value number, struct pool *pool,
                                 struct error *error);

/* sum += other */
enum status exact_sum_merge(struct exact_sum *sum, const struct exact_sum *other, struct pool *pool,
                            struct error *error);

/* The float that is nearest. The sum is at its end, as in what follows. */
double exact_sum_value(struct exact_sum *sum);

/* count * squares - sum * sum, which is what all numbers differ from each other, squared, as the
 * float that is nearest; NaN where a number was not finite. */
enum status exact_sum_spread(struct exact_sum *sum, struct exact_sum *squares, uint64_t count,
                             struct pool *pool, double *spread, struct error *error);

#endif
