/* Unary filters: a range over a column's raw values to a bit per flow. Bound: reading the values
 * once, for which memcpy in the same run stands. */
#include "perf/bench.h"

#include <string.h>

#include "base/bytes.h"
#include "engine/filter_kernel.h"

enum { FLOWS = 558919 };

static uint64_t values[FLOWS];
static uint64_t copy[FLOWS];
static uint64_t words[FLOWS / 64 + 1];

static void fill_values(void)
{
    for (uint64_t i = 0; i < FLOWS; i++) {
        values[i] = hash_mix(i);
    }
}

static void range(struct bench *bench, int64_t width)
{
    fill_values();
    while (bench_next(bench)) {
        switch (width) {
        case 1:
            range_filter_u8((const uint8_t *)values, FLOWS, 3, 9, words);
            break;
        case 2:
            range_filter_u16((const uint16_t *)values, FLOWS, 3, 900, words);
            break;
        case 4:
            range_filter_u32((const uint32_t *)values, FLOWS, 3, 1u << 30, words);
            break;
        default:
            range_filter_u64(values, FLOWS, 3, UINT64_C(1) << 60, words);
            break;
        }
        bench_keep(words);
    }
    bench_set_items(bench, bench_iterations(bench) * FLOWS);
    bench_set_bytes(bench, bench_iterations(bench) * FLOWS * width);
}

static void copy_values(struct bench *bench, int64_t width)
{
    fill_values();
    while (bench_next(bench)) {
        memcpy(copy, values, (size_t)(FLOWS * width));
        bench_keep(copy);
    }
    bench_set_items(bench, bench_iterations(bench) * FLOWS);
    bench_set_bytes(bench, bench_iterations(bench) * FLOWS * width);
}

void bench_main(void)
{
    bench_add("filter/range/u8", range, 1);
    bench_add("filter/bound/copy/u8", copy_values, 1);
    bench_add("filter/range/u16", range, 2);
    bench_add("filter/bound/copy/u16", copy_values, 2);
    bench_add("filter/range/u32", range, 4);
    bench_add("filter/bound/copy/u32", copy_values, 4);
    bench_add("filter/range/u64", range, 8);
    bench_add("filter/bound/copy/u64", copy_values, 8);
}
