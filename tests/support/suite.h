/* A test program of one suite, with CUnit.
 *
 *     int main(void)
 *     {
 *         CU_TestInfo cases[] = {
 *             CASE(what_is_a_fact),
 *             CU_TEST_INFO_NULL,
 *         };
 *         return suite_run("module", NULL, NULL, cases);
 *     } */
#ifndef GYRE_TESTS_SUPPORT_SUITE_H
#define GYRE_TESTS_SUPPORT_SUITE_H

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdlib.h>

#define CASE(function)      \
    {                       \
#function, function \
    }

/* `open` and `close`, where there are any, are called before and after all cases, and give 0 when
 * they succeed. Returns what the program exits with. */
static inline int suite_run(const char *name, CU_InitializeFunc open, CU_CleanupFunc close,
                            CU_TestInfo *cases)
{
    CU_SuiteInfo suites[] = {{name, open, close, NULL, NULL, cases}, CU_SUITE_INFO_NULL};
    bool is_ready =
        CU_initialize_registry() == CUE_SUCCESS && CU_register_suites(suites) == CUE_SUCCESS;
    if (is_ready) {
        CU_basic_run_tests();
    }
    /* Of any kind: a suite that could not be opened has no failed assertion. */
    bool has_passed = is_ready && CU_get_number_of_failure_records() == 0;
    CU_cleanup_registry();
    return has_passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
