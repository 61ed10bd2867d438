/* Tests that draw their cases: how many, and which ones, unless somebody chooses otherwise. The
 * builds with sanitizers choose fewer (tests/CMakeLists.txt). */
#ifndef GYRE_TESTS_SUPPORT_CHOSEN_H
#define GYRE_TESTS_SUPPORT_CHOSEN_H

#include <stdint.h>
#include <stdlib.h>

static inline uint64_t chosen_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* How many cases: GYRE_PROPERTY_CASES, or else `otherwise`. */
static inline uint64_t chosen_cases(uint64_t otherwise)
{
    return chosen_number("GYRE_PROPERTY_CASES", otherwise);
}

/* The seed of the first one: GYRE_PROPERTY_SEED, or else `otherwise`. */
static inline uint64_t chosen_seed(uint64_t otherwise)
{
    return chosen_number("GYRE_PROPERTY_SEED", otherwise);
}

#endif
