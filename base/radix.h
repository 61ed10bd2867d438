/* Stable least-significant-digit radix sort of (key, value) pairs, for one worker.
 *
 * Cost: 2 passes over memory per 11 bits of key that are in use; the bits above the highest set bit
 * of all keys are skipped, and so is a digit that is the same in all keys. */
#ifndef GYRE_BASE_RADIX_H
#define GYRE_BASE_RADIX_H

#include <stdint.h>

struct radix_pair {
    uint64_t key;
    uint64_t value;
};

/* Sorts `pairs` by key, ascending; equal keys keep their order. `scratch` holds `count` pairs. The
 * result is in `pairs`. Cannot fail. */
void radix_sort(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count);

#endif
