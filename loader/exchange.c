#include "loader/exchange.h"

struct exchange_step {
    struct builder *builder;
    struct exchange *exchange;
};

/* Rows of one batch within a worker's share. */
struct batch_range {
    uint32_t batch;
    uint32_t begin;
    uint32_t end;
};

static enum status sample_sources(struct exchange *exchange, struct builder *builder,
                                  struct arena *arena);
static enum status place_buckets(struct exchange *exchange, struct builder *builder,
                                 struct arena *arena);
static void count_rows(const struct worker *worker, void *context);
static void scatter_rows(const struct worker *worker, void *context);

static const char what[] = "exchanging flows";

enum status exchange_flows(struct exchange *exchange, struct builder *builder, struct arena *arena)
{
    struct exchange_step step = {builder, exchange};
    TRY(sample_sources(exchange, builder, arena));
    TRY(tally_open(&exchange->tally, builder, arena, exchange->buckets.count));
    TRY(builder_run(builder, count_rows, &step, what));
    tally_plan(&exchange->tally);
    TRY(place_buckets(exchange, builder, arena));
    return builder_run(builder, scatter_rows, &step, what);
}

static enum status sample_sources(struct exchange *exchange, struct builder *builder,
                                  struct arena *arena)
{
    const struct staging *staging = builder->staging;
    struct bucket_sample sample;
    TRY(bucket_sample_open(&sample, builder, arena, staging->row_count));
    const struct batch *batch = staging->batches;
    for (uint64_t row = 0; row < staging->row_count; row += sample.items_per_weight) {
        while (row >= batch->first_row + batch->row_count) {
            batch++;
        }
        uint32_t code = batch->sources[row - batch->first_row];
        bucket_sample_add(&sample, builder->vertex_maps[batch->worker][code]);
    }
    return buckets_open(&exchange->buckets, builder, arena, &sample, staging->row_count);
}

/* The next batch's part of the rows [*row, end); false when there is none. */
static bool next_range(const struct builder *builder, uint64_t *row, uint64_t end,
                       struct batch_range *range)
{
    if (*row >= end) {
        return false;
    }
    range->batch = builder_batch_of(builder, *row);
    const struct batch *batch = &builder->staging->batches[range->batch];
    uint64_t rest = end - batch->first_row;
    range->begin = (uint32_t)(*row - batch->first_row);
    range->end = rest < batch->row_count ? (uint32_t)rest : batch->row_count;
    *row = batch->first_row + range->end;
    return true;
}

static void count_batch(const struct buckets *buckets, const vertex_id *map,
                        const uint32_t *sources, uint32_t begin, uint32_t end, uint64_t *counts)
{
    for (uint32_t row = begin; row < end; row++) {
        counts[bucket_of(buckets, map[sources[row]])]++;
    }
}

static void count_rows(const struct worker *worker, void *context)
{
    struct exchange_step *step = context;
    struct builder *builder = step->builder;
    uint64_t row;
    uint64_t end;
    team_share(worker, builder->staging->row_count, &row, &end);
    struct batch_range range;
    while (!builder_must_stop(builder) && next_range(builder, &row, end, &range)) {
        const struct batch *batch = &builder->staging->batches[range.batch];
        count_batch(&step->exchange->buckets, builder->vertex_maps[batch->worker], batch->sources,
                    range.begin, range.end, tally_cursors(&step->exchange->tally, worker->index));
    }
}

/* What each partition holds, where its buckets begin in it, and room for the records. */
static enum status place_buckets(struct exchange *exchange, struct builder *builder,
                                 struct arena *arena)
{
    const struct buckets *buckets = &exchange->buckets;
    uint64_t *sizes;
    TRY(builder_allocate(builder, arena, &exchange->positions, buckets->count, sizeof(uint32_t),
                         what));
    TRY(builder_allocate(builder, arena, &sizes, buckets->count, sizeof(uint64_t), what));
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        uint64_t flow_count = 0;
        for (uint32_t bucket = buckets->partition_first[index];
             bucket < buckets->partition_first[index + 1]; bucket++) {
            exchange->positions[bucket] = (uint32_t)flow_count;
            sizes[bucket] = tally_size(&exchange->tally, bucket);
            flow_count += sizes[bucket];
        }
        if (flow_count > PARTITION_FLOWS_MAX) {
            return error_set(builder->error, STATUS_LIMIT,
                             "a partition would hold %llu flows, more than the %llu that one can; "
                             "raise --partitions",
                             (unsigned long long)flow_count,
                             (unsigned long long)PARTITION_FLOWS_MAX);
        }
        builder->graph->edges.partitions[index].flow_count = (uint32_t)flow_count;
    }
    TRY(deal_open(&exchange->deal, builder, arena, buckets->count, buckets->partition, sizes));
    return builder_allocate(builder, arena, &exchange->records, builder->staging->row_count,
                            sizeof(struct flow_record), what);
}

static void scatter_batch(const struct exchange *exchange, const vertex_id *map,
                          const struct batch *batch, const struct batch_range *range,
                          uint64_t *cursors)
{
    for (uint32_t row = range->begin; row < range->end; row++) {
        vertex_id source = map[batch->sources[row]];
        exchange->records[cursors[bucket_of(&exchange->buckets, source)]++] = (struct flow_record){
            .source = source,
            .target = map[batch->targets[row]],
            .batch = range->batch,
            .row = row,
        };
    }
}

static void scatter_rows(const struct worker *worker, void *context)
{
    struct exchange_step *step = context;
    struct builder *builder = step->builder;
    uint64_t row;
    uint64_t end;
    team_share(worker, builder->staging->row_count, &row, &end);
    struct batch_range range;
    while (!builder_must_stop(builder) && next_range(builder, &row, end, &range)) {
        const struct batch *batch = &builder->staging->batches[range.batch];
        scatter_batch(step->exchange, builder->vertex_maps[batch->worker], batch, &range,
                      tally_cursors(&step->exchange->tally, worker->index));
    }
}
