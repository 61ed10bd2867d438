/* Ranges of time within a link: its flows are ascending in time, so the flows of a window are
 * contiguous and found by search. */
#ifndef GYRE_ENGINE_WINDOW_H
#define GYRE_ENGINE_WINDOW_H

#include <stdint.h>

#include "base/time_text.h"

/* The first position in [begin, end) whose time is not before `least`; `end` when there is none.
 * Cost: logarithmic in the distance from `begin` (galloping), one comparison when it is `begin`. */
uint32_t window_begin(const time_ns *times, uint32_t begin, uint32_t end, time_ns least);

/* One past the last position in [begin, end) whose time is not after `greatest`; galloping from
 * `begin` too, since windows are short. */
uint32_t window_end(const time_ns *times, uint32_t begin, uint32_t end, time_ns greatest);

/* a + b, held within int64. WINDOW_NONE (the greatest int64) plus anything stays no bound. */
static inline int64_t window_add(int64_t time, int64_t limit)
{
    int64_t sum;
    if (__builtin_add_overflow(time, limit, &sum)) {
        return limit > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

static inline int64_t window_subtract(int64_t time, int64_t limit)
{
    int64_t difference;
    if (__builtin_sub_overflow(time, limit, &difference)) {
        return limit > 0 ? INT64_MIN : INT64_MAX;
    }
    return difference;
}

#endif
