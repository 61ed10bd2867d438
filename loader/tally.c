#include "loader/tally.h"

enum { COUNTERS_PER_LINE = 64 / sizeof(uint64_t) };

enum status tally_open(struct tally *tally, struct builder *builder, struct arena *arena,
                       uint32_t bucket_count)
{
    tally->worker_count = builder->worker_count;
    tally->bucket_count = bucket_count;
    tally->stride =
        ((uint64_t)bucket_count + COUNTERS_PER_LINE - 1) / COUNTERS_PER_LINE * COUNTERS_PER_LINE;
    TRY(builder_allocate_zeroed(builder, arena, &tally->cursors,
                                tally->stride * tally->worker_count, sizeof(uint64_t), "counting"));
    return builder_allocate(builder, arena, &tally->begins, (uint64_t)bucket_count + 1,
                            sizeof(uint64_t), "counting");
}

void tally_plan(struct tally *tally)
{
    uint64_t sum = 0;
    for (uint32_t bucket = 0; bucket < tally->bucket_count; bucket++) {
        tally->begins[bucket] = sum;
        for (uint32_t worker = 0; worker < tally->worker_count; worker++) {
            uint64_t *cursor = &tally_cursors(tally, worker)[bucket];
            uint64_t count = *cursor;
            *cursor = sum;
            sum += count;
        }
    }
    tally->begins[tally->bucket_count] = sum;
}
