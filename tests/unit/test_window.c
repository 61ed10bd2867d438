/* floor: engine */
#include "engine/window.h"

#include "base/bytes.h"
#include "tests/support/suite.h"

enum { COUNT = 200 };

/* Ascending times with ties. */
static void fill(time_ns *times, uint64_t seed)
{
    time_ns time = -50;
    for (uint32_t i = 0; i < COUNT; i++) {
        time += (time_ns)(hash_mix(seed + i) % 4);
        times[i] = time;
    }
}

static void bounds_are_those_of_a_linear_scan(void)
{
    time_ns times[COUNT];
    for (uint64_t seed = 0; seed < 200; seed++) {
        fill(times, seed * 1000);
        uint32_t begin = (uint32_t)(hash_mix(seed) % COUNT);
        uint32_t end = begin + (uint32_t)(hash_mix(seed + 7) % (COUNT - begin + 1));
        for (time_ns bound = -60; bound < 600; bound += 7) {
            uint32_t first = begin;
            while (first < end && times[first] < bound) {
                first++;
            }
            uint32_t last = first;
            while (last < end && times[last] <= bound) {
                last++;
            }
            CU_ASSERT_EQUAL(window_begin(times, begin, end, bound), first);
            CU_ASSERT_EQUAL(window_end(times, begin, end, bound), last);
        }
    }
}

static void an_empty_range_stays_empty(void)
{
    time_ns times[1] = {5};
    CU_ASSERT_EQUAL(window_begin(times, 1, 1, 0), 1);
    CU_ASSERT_EQUAL(window_end(times, 0, 0, 9), 0);
}

static void the_extremes_of_time_are_no_bounds(void)
{
    time_ns times[3] = {INT64_MIN, 0, INT64_MAX};
    CU_ASSERT_EQUAL(window_begin(times, 0, 3, INT64_MIN), 0);
    CU_ASSERT_EQUAL(window_end(times, 0, 3, INT64_MAX), 3);
    CU_ASSERT_EQUAL(window_begin(times, 0, 3, INT64_MAX), 2);
    CU_ASSERT_EQUAL(window_end(times, 0, 3, INT64_MIN), 1);
}

static void sums_saturate(void)
{
    CU_ASSERT_EQUAL(window_add(INT64_MAX - 1, 5), INT64_MAX);
    CU_ASSERT_EQUAL(window_add(INT64_MIN + 1, -5), INT64_MIN);
    CU_ASSERT_EQUAL(window_subtract(INT64_MIN + 1, 5), INT64_MIN);
    CU_ASSERT_EQUAL(window_subtract(INT64_MAX - 1, -5), INT64_MAX);
    CU_ASSERT_EQUAL(window_add(7, -9), -2);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(bounds_are_those_of_a_linear_scan),
        CASE(an_empty_range_stays_empty),
        CASE(the_extremes_of_time_are_no_bounds),
        CASE(sums_saturate),
        CU_TEST_INFO_NULL,
    };
    return suite_run("window", NULL, NULL, cases);
}
