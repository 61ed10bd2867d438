/* floor: loader */
#include "loader/partition_map.h"

#include "loader/merge_text.h"
#include "tests/support/build_steps.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

enum { BUSY_ROWS = 20000, BUSY_ADDRESSES = 3000, PARTITIONS_MAX = 64 };

static uint32_t partition_of(const struct vertex_frame *frame, struct address address)
{
    return frame->bucket_partition[vertex_frame_bucket(address)];
}

/* Opens a sample in which every fifth row has the same source, and the others have any. */
static void open_busy_on(const char *topology, struct build_steps *steps, struct sample *sample,
                         uint32_t worker_count, uint32_t thread_count, uint32_t partition_count)
{
    struct sample_options options = {7, BUSY_ROWS, BUSY_ADDRESSES, 4, true, false, true};
    sample_random(sample, &options);
    for (uint64_t row = 0; row < sample->row_count; row += 5) {
        char *text = sample->cells[row * SAMPLE_PROPERTIES + SAMPLE_SOURCE].text;
        snprintf(text, CELL_TEXT_BYTES, "10.0.0.1");
    }
    build_steps_open_on(topology, steps, sample,
                        &(struct stage_options){2, worker_count, 300, false}, thread_count,
                        partition_count);
    CU_ASSERT_EQUAL_FATAL(merge_texts(&steps->builder), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(partition_map_build(&steps->builder), STATUS_OK);
}

static void open_busy(struct build_steps *steps, struct sample *sample, uint32_t worker_count,
                      uint32_t thread_count, uint32_t partition_count)
{
    open_busy_on("synthetic:numa:2 core:2 pu:1", steps, sample, worker_count, thread_count,
                 partition_count);
}

static void close_busy(struct build_steps *steps, struct sample *sample)
{
    build_steps_close(steps);
    sample_close(sample);
}

static void count_flows(const struct build_steps *steps, uint64_t *counts)
{
    const struct staging *staging = &steps->staging;
    for (uint32_t index = 0; index < staging->batch_count; index++) {
        const struct batch *batch = &staging->batches[index];
        for (uint32_t row = 0; row < batch->row_count; row++) {
            struct address address =
                builder_address(&steps->builder, batch->worker, batch->sources[row]);
            counts[partition_of(&steps->graph->vertices, address)]++;
        }
    }
}

static uint64_t greatest_of(const uint64_t *counts, uint32_t count)
{
    uint64_t greatest = 0;
    for (uint32_t index = 0; index < count; index++) {
        greatest = counts[index] > greatest ? counts[index] : greatest;
    }
    return greatest;
}

/* A source with a fifth of all flows fits into a quarter of them, and is most of an eighth. */
static void partitions_are_level_beside_a_heavy_source(void)
{
    static const struct {
        uint32_t partitions;
        double greatest; /* share of all flows */
    } rows[] = {{1, 1.0}, {2, 0.51}, {4, 0.26}, {8, 0.205}, {64, 0.205}};
    for (uint32_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        struct build_steps steps;
        struct sample sample;
        uint64_t counts[PARTITIONS_MAX] = {0};
        open_busy(&steps, &sample, 2, 2, rows[at].partitions);
        count_flows(&steps, counts);
        uint64_t greatest = greatest_of(counts, rows[at].partitions);
        CU_ASSERT_TRUE((double)greatest <= rows[at].greatest * BUSY_ROWS);
        close_busy(&steps, &sample);
    }
}

/* Three partitions on two nodes: one node has a single one, which holds a half. */
static void nodes_are_level_where_partitions_cannot_be(void)
{
    struct build_steps steps;
    struct sample sample;
    uint64_t counts[PARTITIONS_MAX] = {0};
    open_busy(&steps, &sample, 2, 2, 3);
    count_flows(&steps, counts);
    CU_ASSERT_TRUE(counts[1] > BUSY_ROWS * 0.48);
    CU_ASSERT_TRUE(counts[1] < BUSY_ROWS * 0.52);
    close_busy(&steps, &sample);
}

/* Four cores and two. With two partitions each, those of a node are level too. */
static void nodes_hold_flows_as_they_have_cores(void)
{
    char path[512];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof(path), "%.*s/../numa/unequal_sockets.xml", (int)(slash - __FILE__),
             __FILE__);
    for (uint32_t partitions = 2; partitions <= 4; partitions += 2) {
        struct build_steps steps;
        struct sample sample;
        uint64_t counts[PARTITIONS_MAX] = {0};
        double each = BUSY_ROWS / 6.0 * 2 / partitions;
        open_busy_on(path, &steps, &sample, 2, 2, partitions);
        count_flows(&steps, counts);
        for (uint32_t index = 0; index < partitions; index++) {
            double expected = index % 2 == 0 ? 4 * each : 2 * each;
            CU_ASSERT_TRUE((double)counts[index] > expected * 0.98);
            CU_ASSERT_TRUE((double)counts[index] < expected * 1.02);
        }
        close_busy(&steps, &sample);
    }
}

static void map_depends_on_neither_threads_nor_chunks(void)
{
    struct build_steps steps[2];
    struct sample samples[2];
    open_busy(&steps[0], &samples[0], 1, 1, 5);
    open_busy(&steps[1], &samples[1], 3, 4, 5);
    CU_ASSERT_EQUAL(memcmp(steps[0].graph->vertices.bucket_partition,
                           steps[1].graph->vertices.bucket_partition,
                           VERTEX_BUCKETS * sizeof(uint16_t)),
                    0);
    close_busy(&steps[0], &samples[0]);
    close_busy(&steps[1], &samples[1]);
}

/* The most partitions that there may be: a bucket each. */
static void most_partitions_get_buckets_where_there_are_as_many(void)
{
    struct build_steps steps;
    struct sample sample;
    static bool has_bucket[GRAPH_PARTITIONS_MAX];
    open_busy(&steps, &sample, 1, 1, GRAPH_PARTITIONS_MAX);
    uint32_t missing = GRAPH_PARTITIONS_MAX;
    for (uint32_t bucket = 0; bucket < VERTEX_BUCKETS; bucket++) {
        uint32_t partition = steps.graph->vertices.bucket_partition[bucket];
        missing -= !has_bucket[partition];
        has_bucket[partition] = true;
    }
    /* A heavy bucket may fill its node alone, and leave that node's other partitions nothing. */
    CU_ASSERT_TRUE(missing < GRAPH_PARTITIONS_MAX / 2);
    close_busy(&steps, &sample);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(partitions_are_level_beside_a_heavy_source),
        CASE(nodes_are_level_where_partitions_cannot_be),
        CASE(nodes_hold_flows_as_they_have_cores),
        CASE(map_depends_on_neither_threads_nor_chunks),
        CASE(most_partitions_get_buckets_where_there_are_as_many),
        CU_TEST_INFO_NULL,
    };
    return suite_run("partition_map", NULL, NULL, cases);
}
