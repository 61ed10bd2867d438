/* floor: loader */
#include "loader/merge_text.h"

#include "tests/support/build_steps.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

/* Every cell's code, mapped, is its text; the dictionary is sorted and holds nothing else. */
static void check_texts(uint64_t row_count, uint32_t text_count, uint32_t worker_count,
                        uint32_t thread_count)
{
    struct sample sample;
    struct build_steps steps;
    char reason[256];
    sample_random(&sample, &(struct sample_options){row_count, row_count, 400, text_count, true,
                                                    false, false});
    build_steps_open(&steps, &sample, &(struct stage_options){1, worker_count, 500, false},
                     thread_count, 1);
    CU_ASSERT_EQUAL_FATAL(merge_texts(&steps.builder), STATUS_OK);
    uint64_t wrong = 0;
    for (uint32_t property = 0; property < SAMPLE_PROPERTIES; property++) {
        const struct dictionary *dictionary = &steps.graph->edges.dictionaries[property];
        CU_ASSERT_TRUE(dictionary_validate(dictionary, "texts", reason));
        uint64_t used = 0;
        bool *is_used = memory_allocate(dictionary->count, sizeof(bool));
        CU_ASSERT_PTR_NOT_NULL_FATAL(is_used);
        for (uint32_t worker = 0; worker < worker_count; worker++) {
            const struct text_table *table = &steps.staging.workers[worker].texts[property];
            const uint32_t *map = steps.builder.text_maps[property * worker_count + worker];
            for (uint32_t code = 0; code < table->count; code++) {
                wrong += !text_equal(dictionary->entries[map[code]], table->entries[code]);
                used += !is_used[map[code]];
                is_used[map[code]] = true;
            }
            CU_ASSERT_EQUAL(map[table->count], 0);
        }
        CU_ASSERT_EQUAL(used, dictionary->count);
        memory_free(is_used);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(steps.graph->edges.dictionaries[SAMPLE_PORT].count, 0);
    CU_ASSERT_TRUE(dictionary_validate(&steps.graph->vertices.address_texts, "addresses", reason));
    build_steps_close(&steps);
    sample_close(&sample);
}

static void few_texts_are_merged_by_one_worker(void)
{
    check_texts(0, 1, 1, 1);
    check_texts(1, 1, 1, 2);
    check_texts(900, 50, 3, 2);
}

static void many_texts_are_merged_over_buckets(void)
{
    check_texts(60000, 50000, 4, 1);
    check_texts(60000, 50000, 4, 3);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(few_texts_are_merged_by_one_worker),
        CASE(many_texts_are_merged_over_buckets),
        CU_TEST_INFO_NULL,
    };
    return suite_run("merge_text", NULL, NULL, cases);
}
