#include "engine/window.h"

/* First position in [begin, end) whose time is greater than `bound`. */
static uint32_t first_after(const time_ns *times, uint32_t begin, uint32_t end, time_ns bound)
{
    uint32_t step = 1;
    uint32_t low = begin;
    while (low < end && times[low] <= bound) {
        begin = low + 1;
        low = end - low > step ? low + step : end;
        step *= 2;
    }
    end = low;
    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;
        if (times[middle] <= bound) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

uint32_t window_begin(const time_ns *times, uint32_t begin, uint32_t end, time_ns least)
{
    return least == INT64_MIN ? begin : first_after(times, begin, end, least - 1);
}

uint32_t window_end(const time_ns *times, uint32_t begin, uint32_t end, time_ns greatest)
{
    if (begin < end && times[end - 1] <= greatest) {
        return end;
    }
    return first_after(times, begin, end, greatest);
}
