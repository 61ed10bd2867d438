/* The exchange of rows to the buckets of their sources, with the sampling and counting before it.
 * Bound: the records written once in the order of the input, into memory as fresh. */
#include "perf/bench.h"

#include "loader/exchange.h"
#include "loader/merge_address.h"
#include "loader/merge_text.h"
#include "tests/support/build_steps.h"
#include "tests/support/sample_random.h"

enum { ROWS = 1 << 16, ADDRESSES = 3000, BATCH_ROWS = 4096 };

static void write_records(void *context)
{
    struct build_steps *steps = context;
    struct arena *arena = NULL;
    CHECK(builder_open_arena(&steps->builder, &arena) == STATUS_OK);
    struct flow_record *records = arena_allocate(arena, ROWS, sizeof *records);
    CHECK(records != NULL);
    for (uint32_t row = 0; row < ROWS; row++) {
        records[row] = (struct flow_record){.source = row, .target = row, .batch = 0, .row = row};
    }
    bench_keep(records);
    arena_close(arena);
}

static void exchange_rows(struct bench *bench, int64_t partitions)
{
    struct sample sample;
    struct build_steps steps;
    sample_random(&sample, &(struct sample_options){1, ROWS, ADDRESSES, 4, true, false, false});
    build_steps_open(&steps, &sample, &(struct stage_options){4, 1, BATCH_ROWS, false}, 1,
                     (uint32_t)partitions);
    CHECK(merge_texts(&steps.builder) == STATUS_OK);
    CHECK(merge_addresses(&steps.builder) == STATUS_OK);
    bench_set_bound(bench, write_records, &steps);
    while (bench_next(bench)) {
        struct exchange exchange = {0};
        struct arena *arena = NULL;
        CHECK(builder_open_arena(&steps.builder, &arena) == STATUS_OK);
        CHECK(exchange_flows(&exchange, &steps.builder, arena) == STATUS_OK);
        bench_keep(exchange.records);
        arena_close(arena);
    }
    bench_set_items(bench, bench_iterations(bench) * ROWS);
    build_steps_close(&steps);
    sample_close(&sample);
}

void bench_main(void)
{
    bench_add("exchange/partitions/1", exchange_rows, 1);
    bench_add("exchange/partitions/8", exchange_rows, 8);
}
