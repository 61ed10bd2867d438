/* floor: loader */
/* The exchange, with the tally and the buckets that it stands on. */
#include "loader/exchange.h"

#include "loader/merge_address.h"
#include "loader/merge_text.h"
#include "tests/support/build_steps.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

static void open_vertices(struct build_steps *steps, struct sample *sample, uint64_t row_count,
                          uint32_t thread_count, uint32_t partition_count, bool is_flat)
{
    uint32_t addresses = is_flat ? 10000000 : 3000;
    sample_random(
        sample, &(struct sample_options){row_count, row_count, addresses, 4, true, false, is_flat});
    build_steps_open(steps, sample, &(struct stage_options){4, 3, 700, false}, thread_count,
                     partition_count);
    CU_ASSERT_EQUAL_FATAL(merge_texts(&steps->builder), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(merge_addresses(&steps->builder), STATUS_OK);
}

/* Each row stands once, in the bucket of its source, in the order of the input. */
static uint64_t count_misplaced(const struct build_steps *steps, const struct exchange *exchange,
                                const struct sample *sample)
{
    uint64_t wrong = exchange->tally.begins[exchange->buckets.count] != sample->row_count;
    uint64_t row_sum = 0;
    for (uint32_t bucket = 0; bucket < exchange->buckets.count; bucket++) {
        const struct flow_record *records = exchange_records(exchange, bucket);
        uint64_t last = 0;
        for (uint64_t index = 0; index < tally_size(&exchange->tally, bucket); index++) {
            const struct batch *batch = &steps->staging.batches[records[index].batch];
            const vertex_id *map = steps->builder.vertex_maps[batch->worker];
            uint64_t row = batch->first_row + records[index].row;
            wrong += records[index].source < exchange->buckets.first[bucket] ||
                     records[index].source >= exchange->buckets.first[bucket + 1];
            wrong += records[index].source != map[batch->sources[records[index].row]] ||
                     records[index].target != map[batch->targets[records[index].row]];
            wrong += index > 0 && row <= last;
            last = row;
            row_sum += row;
        }
    }
    return wrong + (row_sum != sample->row_count * (sample->row_count - 1) / 2);
}

static void rows_reach_the_buckets_of_their_sources(void)
{
    static const struct {
        uint64_t rows;
        uint32_t threads, partitions;
        bool is_flat; /* more vertices than granules */
    } ways[] = {{1, 1, 1, false},
                {3000, 2, 1, false},
                {3000, 3, 9, false},
                {50000, 2, 2, false},
                {40000, 2, 3, true}};
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        struct sample sample;
        struct build_steps steps;
        struct exchange exchange = {0};
        open_vertices(&steps, &sample, ways[way].rows, ways[way].threads, ways[way].partitions,
                      ways[way].is_flat);
        CU_ASSERT_EQUAL_FATAL(exchange_flows(&exchange, &steps.builder, steps.scratch), STATUS_OK);
        CU_ASSERT_EQUAL(count_misplaced(&steps, &exchange, &sample), 0);
        CU_ASSERT_TRUE(ways[way].rows < 40000 || exchange.buckets.count > 4);
        uint64_t flow_count = 0;
        for (uint32_t index = 0; index < ways[way].partitions; index++) {
            flow_count += steps.graph->edges.partitions[index].flow_count;
        }
        CU_ASSERT_EQUAL(flow_count, ways[way].rows);
        build_steps_close(&steps);
        sample_close(&sample);
    }
}

static void buckets_cover_the_vertices_within_partitions(void)
{
    struct sample sample;
    struct build_steps steps;
    struct bucket_sample weights;
    struct buckets buckets;
    open_vertices(&steps, &sample, 3000, 1, 7, false);
    const struct vertex_frame *frame = &steps.graph->vertices;
    CU_ASSERT_EQUAL_FATAL(bucket_sample_open(&weights, &steps.builder, steps.scratch, 1000000),
                          STATUS_OK);
    for (uint32_t index = 0; index < 60000; index++) {
        bucket_sample_add(&weights, index % 3 == 0 ? 5 : index % frame->vertex_count);
    }
    CU_ASSERT_EQUAL_FATAL(buckets_open(&buckets, &steps.builder, steps.scratch, &weights, 1000000),
                          STATUS_OK);
    CU_ASSERT_TRUE(buckets.count > 20);
    CU_ASSERT_EQUAL(buckets.first[0], 0);
    CU_ASSERT_EQUAL(buckets.first[buckets.count], frame->vertex_count);
    for (uint32_t bucket = 0; bucket < buckets.count; bucket++) {
        uint32_t partition = buckets.partition[bucket];
        CU_ASSERT_TRUE(buckets.first[bucket] < buckets.first[bucket + 1]);
        CU_ASSERT_TRUE(buckets.first[bucket] >= frame->partition_base[partition]);
        CU_ASSERT_TRUE(buckets.first[bucket + 1] <= frame->partition_base[partition + 1]);
        CU_ASSERT_TRUE(bucket >= buckets.partition_first[partition] &&
                       bucket < buckets.partition_first[partition + 1]);
        for (vertex_id vertex = buckets.first[bucket]; vertex < buckets.first[bucket + 1];
             vertex++) {
            CU_ASSERT_EQUAL(bucket_of(&buckets, vertex), bucket);
        }
    }
    build_steps_close(&steps);
    sample_close(&sample);
}

static void deal_gives_each_unit_once_heavy_ones_of_the_own_node_first(void)
{
    enum { UNITS = 40 };
    struct sample sample;
    struct build_steps steps;
    uint32_t partitions[UNITS];
    uint64_t weights[UNITS];
    uint32_t seen[UNITS] = {0};
    struct deal deal;
    open_vertices(&steps, &sample, 10, 1, 4, false);
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        partitions[unit] = unit % 4; /* on nodes 0, 1, 0, 1 */
        weights[unit] = unit == 17 ? 1000 : 1;
    }
    CU_ASSERT_EQUAL_FATAL(
        deal_open(&deal, &steps.builder, steps.scratch, UNITS, partitions, weights), STATUS_OK);
    struct worker worker = *team_worker_at(steps.team, 0);
    worker.node = 1;
    for (uint32_t round = 0; round < 2; round++) {
        uint32_t unit;
        for (uint32_t turn = 0; turn < UNITS; turn++) {
            CU_ASSERT_TRUE_FATAL(deal_next(&deal, &steps.builder, &worker, &unit));
            CU_ASSERT_TRUE(turn > 0 || unit == 17);
            CU_ASSERT_EQUAL(partitions[unit] % 2 == 1, turn < UNITS / 2);
            seen[unit]++;
        }
        CU_ASSERT_FALSE(deal_next(&deal, &steps.builder, &worker, &unit));
        deal_restart(&deal);
    }
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        CU_ASSERT_EQUAL(seen[unit], 2);
    }
    build_steps_close(&steps);
    sample_close(&sample);
}

static void tally_places_bucket_by_bucket_and_worker_by_worker(void)
{
    struct sample sample;
    struct build_steps steps;
    struct tally tally;
    open_vertices(&steps, &sample, 10, 3, 1, false);
    CU_ASSERT_EQUAL_FATAL(tally_open(&tally, &steps.builder, steps.scratch, 2), STATUS_OK);
    for (uint32_t worker = 0; worker < 3; worker++) {
        tally_cursors(&tally, worker)[0] = worker + 1;
        tally_cursors(&tally, worker)[1] = 10;
    }
    tally_plan(&tally);
    static const uint64_t places[3][2] = {{0, 6}, {1, 16}, {3, 26}};
    for (uint32_t worker = 0; worker < 3; worker++) {
        CU_ASSERT_EQUAL(tally_cursors(&tally, worker)[0], places[worker][0]);
        CU_ASSERT_EQUAL(tally_cursors(&tally, worker)[1], places[worker][1]);
    }
    CU_ASSERT_EQUAL(tally_size(&tally, 0), 6);
    CU_ASSERT_EQUAL(tally_size(&tally, 1), 30);
    build_steps_close(&steps);
    sample_close(&sample);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_reach_the_buckets_of_their_sources),
        CASE(buckets_cover_the_vertices_within_partitions),
        CASE(deal_gives_each_unit_once_heavy_ones_of_the_own_node_first),
        CASE(tally_places_bucket_by_bucket_and_worker_by_worker),
        CU_TEST_INFO_NULL,
    };
    return suite_run("exchange", NULL, NULL, cases);
}
