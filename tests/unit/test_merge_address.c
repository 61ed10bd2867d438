/* floor: loader */
#include "loader/merge_address.h"

#include "loader/merge_text.h"
#include "tests/support/build_steps.h"
#include "tests/support/reference.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

static void check_addresses(uint64_t row_count, uint32_t address_count, uint32_t worker_count,
                            uint32_t thread_count, uint32_t partition_count)
{
    struct sample sample;
    struct build_steps steps;
    struct reference reference;
    sample_random(&sample, &(struct sample_options){row_count, row_count, address_count, 4, true,
                                                    false, false});
    build_steps_open(&steps, &sample, &(struct stage_options){2, worker_count, 300, false},
                     thread_count, partition_count);
    CU_ASSERT_EQUAL_FATAL(merge_texts(&steps.builder), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(merge_addresses(&steps.builder), STATUS_OK);
    const struct vertex_frame *frame = &steps.graph->vertices;
    reference_open(&reference, &sample, frame);
    CU_ASSERT_EQUAL_FATAL(frame->vertex_count, reference.vertex_count);
    uint64_t wrong = 0;
    for (uint32_t vertex = 0; vertex < frame->vertex_count; vertex++) {
        char text[ADDRESS_TEXT_BYTES];
        struct address address = frame->addresses[vertex];
        wrong += !address_equal(address, reference.addresses[vertex]);
        wrong +=
            graph_owner(frame, vertex) != frame->bucket_partition[vertex_frame_bucket(address)];
        graph_format_address(frame, address, text);
        wrong += graph_find_vertex(frame, bytes_of(text)) != vertex;
    }
    for (uint32_t index = 0; index < steps.staging.batch_count; index++) {
        const struct batch *batch = &steps.staging.batches[index];
        const vertex_id *map = steps.builder.vertex_maps[batch->worker];
        for (uint32_t row = 0; row < batch->row_count; row += 7) {
            uint64_t at = batch->first_row + row;
            wrong += map[batch->sources[row]] !=
                     reference_vertex(&reference, sample_cell(&sample, at, SAMPLE_SOURCE)->text);
            wrong += map[batch->targets[row]] !=
                     reference_vertex(&reference, sample_cell(&sample, at, SAMPLE_TARGET)->text);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    reference_close(&reference);
    build_steps_close(&steps);
    sample_close(&sample);
}

static void vertices_are_numbered_by_first_appearance(void)
{
    check_addresses(0, 1, 1, 1, 1);
    check_addresses(1, 1, 2, 1, 3);
    check_addresses(500, 30, 1, 1, 1);
    check_addresses(2000, 300, 3, 2, 2);
    check_addresses(2000, 300, 8, 3, 64);
}

/* More addresses than one shard holds. */
static void many_addresses_are_united_over_shards(void)
{
    check_addresses(6000, 40000, 3, 2, 1);
    check_addresses(6000, 40000, 2, 3, 5);
}

/* So many that some vertices overflow their shard's range of the lookup table, and that a hint is
 * for several vertices. */
static void every_vertex_of_many_is_found_and_owned(void)
{
    struct sample sample;
    struct build_steps steps;
    sample_random(&sample, &(struct sample_options){5, 40000, 10000000, 4, true, false, true});
    build_steps_open(&steps, &sample, &(struct stage_options){2, 2, 3000, false}, 2, 3);
    CU_ASSERT_EQUAL_FATAL(merge_texts(&steps.builder), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(merge_addresses(&steps.builder), STATUS_OK);
    const struct vertex_frame *frame = &steps.graph->vertices;
    CU_ASSERT_TRUE(frame->vertex_count > 70000);
    CU_ASSERT_TRUE(frame->owner_shift > 0);
    CU_ASSERT_TRUE(frame->lookup_size >= (uint64_t)frame->vertex_count * 2);
    CU_ASSERT_TRUE(frame->lookup_size < (uint64_t)frame->vertex_count * 4);
    uint64_t wrong = 0;
    for (uint32_t vertex = 0; vertex < frame->vertex_count; vertex++) {
        char text[ADDRESS_TEXT_BYTES];
        struct address address = frame->addresses[vertex];
        graph_format_address(frame, address, text);
        wrong += graph_find_vertex(frame, bytes_of(text)) != vertex;
        wrong +=
            graph_owner(frame, vertex) != frame->bucket_partition[vertex_frame_bucket(address)];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    build_steps_close(&steps);
    sample_close(&sample);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(vertices_are_numbered_by_first_appearance),
        CASE(many_addresses_are_united_over_shards),
        CASE(every_vertex_of_many_is_found_and_owned),
        CU_TEST_INFO_NULL,
    };
    return suite_run("merge_address", NULL, NULL, cases);
}
