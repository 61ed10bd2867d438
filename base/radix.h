/* Stable least-significant-digit radix sort of (key, value) pairs, for one worker.
 *
 * Cost: one pass over the keys when they are in order; otherwise two, and one over the pairs per 11
 * bits of key in use. Runs of bits that are the same in all keys are skipped. Puts 96 KiB on the
 * stack. */
#ifndef GYRE_BASE_RADIX_H
#define GYRE_BASE_RADIX_H

#include <stdint.h>

#include "base/stop.h"

struct radix_pair {
    uint64_t key;
    uint64_t value;
};

/* Sorts `pairs` by key, ascending; equal keys keep their order. `scratch` holds `count` pairs. The
 * result is in `pairs`. Cannot fail. */
void radix_sort(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count);

/* The same, but left half done when patience is over: then `pairs` hold any of the pairs, and some
 * perhaps several times. */
void radix_sort_patiently(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count,
                          const struct stop_patience *patience);

#endif
