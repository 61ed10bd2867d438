/* floor: base */
#include "base/stop.h"

#include "tests/support/suite.h"

static void fresh_flag_asks_for_nothing(void)
{
    struct stop stop;
    stop_init(&stop, 0);
    CU_ASSERT_FALSE(stop_is_requested(&stop));
    CU_ASSERT_FALSE(stop_poll(&stop));
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_NONE);
}

static void first_reason_stands(void)
{
    struct stop stop;
    stop_init(&stop, 1);
    stop_request(&stop, STOP_ROWS);
    stop_request(&stop, STOP_FAILED);
    CU_ASSERT_TRUE(stop_is_requested(&stop));
    CU_ASSERT_TRUE(stop_poll(&stop));
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_ROWS);
}

static void deadline_is_seen_by_poll_only(void)
{
    struct stop stop;
    stop_init(&stop, 1);
    while (clock_ns() < stop.deadline_ns) {
    }
    CU_ASSERT_FALSE(stop_is_requested(&stop));
    CU_ASSERT_TRUE(stop_poll(&stop));
    CU_ASSERT_TRUE(stop_is_requested(&stop));
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_DEADLINE);
}

static void interrupts_are_kept_until_they_are_told(void)
{
    struct stop stop;
    stop_init(&stop, 0);
    stop_request(&stop, STOP_ROWS);
    stop_forget(&stop, false);
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_NONE);
    stop_request(&stop, STOP_ROWS);
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_ROWS);
    stop_forget(&stop, false);
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_INTERRUPTED);
    stop_forget(&stop, true);
    CU_ASSERT_EQUAL(stop_reason(&stop), STOP_NONE);
}

static void patience_ends_by_interrupts_only(void)
{
    const int64_t hour_ns = INT64_C(3600) * 1000000000;
    struct stop stop;
    struct stop_patience patience;
    CU_ASSERT_FALSE(stop_patience_is_over(NULL));
    stop_init(&stop, 0);
    stop_request(&stop, STOP_DEADLINE);
    stop_patience_init(&patience, &stop, 0);
    CU_ASSERT_FALSE(stop_patience_is_over(&patience));
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_TRUE(stop_patience_is_over(&patience));
    /* What had been interrupted before has its grace. */
    stop_patience_init(&patience, &stop, hour_ns);
    CU_ASSERT_FALSE(stop_patience_is_over(&patience));
    stop_patience_init(&patience, &stop, 0);
    CU_ASSERT_TRUE(stop_patience_is_over(&patience));
}

static void far_deadlines_do_not_overflow(void)
{
    struct stop stop;
    stop_init(&stop, INT64_MAX);
    CU_ASSERT_EQUAL(stop.deadline_ns, INT64_MAX);
    CU_ASSERT_FALSE(stop_poll(&stop));
}

static void clock_does_not_go_back(void)
{
    int64_t last = clock_ns();
    for (int round = 0; round < 1000; round++) {
        int64_t now = clock_ns();
        CU_ASSERT(now >= last);
        last = now;
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(fresh_flag_asks_for_nothing),      CASE(first_reason_stands),
        CASE(deadline_is_seen_by_poll_only),    CASE(interrupts_are_kept_until_they_are_told),
        CASE(patience_ends_by_interrupts_only), CASE(far_deadlines_do_not_overflow),
        CASE(clock_does_not_go_back),           CU_TEST_INFO_NULL,
    };
    return suite_run("stop", NULL, NULL, cases);
}
