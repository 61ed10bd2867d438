/* floor: base */
#include "base/memory.h"

#include <string.h>

#include "tests/support/suite.h"

static void allocation_is_zeroed(void)
{
    unsigned char *block = memory_allocate(100, 7);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    unsigned sum = 0;
    for (size_t index = 0; index < 700; index++) {
        sum += block[index];
    }
    CU_ASSERT_EQUAL(sum, 0);
    memory_free(block);
}

static void nothing_gives_a_pointer(void)
{
    void *none = memory_allocate(0, 8);
    CU_ASSERT_PTR_NOT_NULL(none);
    memory_free(none);
    none = memory_resize(NULL, 0, 8);
    CU_ASSERT_PTR_NOT_NULL(none);
    memory_free(none);
    memory_free(NULL);
}

static void product_that_overflows_is_refused(void)
{
    size_t half = SIZE_MAX / 2 + 1;
    CU_ASSERT_PTR_NULL(memory_allocate(half, 2));
    CU_ASSERT_PTR_NULL(memory_resize(NULL, half, 2));
    CU_ASSERT_PTR_NULL(memory_copy_text("text", SIZE_MAX));
}

static void resize_keeps_what_was_there(void)
{
    char *block = memory_resize(NULL, 4, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    memcpy(block, "flow", 4);
    block = memory_resize(block, 100000, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_EQUAL(memcmp(block, "flow", 4), 0);
    memory_free(block);
}

static void copy_of_text_is_terminated(void)
{
    char *copy = memory_copy_text("partition", 4);
    CU_ASSERT_STRING_EQUAL(copy, "part");
    memory_free(copy);
    copy = memory_copy_text(NULL, 0);
    CU_ASSERT_STRING_EQUAL(copy, "");
    memory_free(copy);
}

static void only_the_chosen_allocation_fails(void)
{
    for (uint64_t after = 0; after <= 6; after++) {
        memory_fault_set(after);
        char *kept = NULL;
        for (uint64_t call = 1; call <= 5; call++) {
            void *block = call % 2 == 0 ? memory_copy_text("x", 1) : memory_allocate(1, 1);
            CU_ASSERT_EQUAL(block == NULL, call == after);
            memory_free(block);
        }
        char *resized = memory_resize(kept, 8, 1);
        CU_ASSERT_EQUAL(resized == NULL, after == 6);
        memory_free(resized);
        CU_ASSERT_EQUAL(memory_fault_count(), 6);
    }
    memory_fault_set(0);
    CU_ASSERT_EQUAL(memory_fault_count(), 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(allocation_is_zeroed),
        CASE(nothing_gives_a_pointer),
        CASE(product_that_overflows_is_refused),
        CASE(resize_keeps_what_was_there),
        CASE(copy_of_text_is_terminated),
        CASE(only_the_chosen_allocation_fails),
        CU_TEST_INFO_NULL,
    };
    return suite_run("memory", NULL, NULL, cases);
}
