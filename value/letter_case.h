/* Simple case mappings of the Unicode Character Database, 14.0, as runs of characters that are the
 * same step apart and the same distance from their other case. */
#ifndef GYRE_VALUE_LETTER_CASE_H
#define GYRE_VALUE_LETTER_CASE_H

#include <stdint.h>

struct letter_run {
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t distance;
};

struct letter_case {
    const struct letter_run *runs; /* ascending */
    uint32_t count;
};

extern const struct letter_case letter_case_upper;
extern const struct letter_case letter_case_lower;

/* The character in that case; itself when it has none. */
uint32_t letter_case_map(const struct letter_case *letter_case, uint32_t code_point);

#endif
