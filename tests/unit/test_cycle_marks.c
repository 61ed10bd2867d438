/* floor: engine. A set of marks gives back what was put in, greatest first. */
#include "engine/cycle_marks.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

enum { NUMBERS_MAX = 300000, STEPS = 4000 };

static void marks_are_taken_greatest_first(void)
{
    static const uint32_t sizes[] = {1, 2, 63, 64, 65, 4095, 4096, 4097, 262145, NUMBERS_MAX};
    static bool is_marked[NUMBERS_MAX];
    uint64_t state = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint64_t *words = calloc(marks_word_count(sizes[s]), sizeof *words);
        CU_ASSERT_PTR_NOT_NULL_FATAL(words);
        struct marks marks;
        marks_init(&marks, words, sizes[s]);
        memset(is_marked, 0, sizeof is_marked);
        uint32_t greatest = 0;
        bool is_right = true;
        for (uint32_t i = 0; i < STEPS; i++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            if (i < STEPS / 2 && state >> 62 != 0) {
                uint32_t number = (uint32_t)(state >> 32) % sizes[s];
                marks_add(&marks, number);
                is_marked[number] = true;
                greatest = number > greatest ? number : greatest;
                continue;
            }
            while (greatest > 0 && !is_marked[greatest]) {
                greatest--;
            }
            uint32_t taken = 0;
            bool is_taken = marks_take_greatest(&marks, &taken);
            is_right = is_right && is_taken == is_marked[greatest];
            is_right = is_right && (!is_taken || taken == greatest);
            is_marked[greatest] = false;
        }
        CU_ASSERT_TRUE(is_right);
        free(words);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(marks_are_taken_greatest_first),
        CU_TEST_INFO_NULL,
    };
    return suite_run("cycle_marks", NULL, NULL, cases);
}
