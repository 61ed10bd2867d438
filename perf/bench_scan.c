/* Positions of separators and newlines in a block of CSV. Bound: memcpy of the block, one pass over
 * the bytes (in the same run); the scalar twin shows what the instructions are worth. */
#include "perf/bench.h"

#include <string.h>

#include "base/bytes.h"
#include "loader/scan.h"

enum { BLOCK_BYTES = 1 << 16, FIELD_BYTES = 9, FIELDS = 15 };

static char block[BLOCK_BYTES + SCAN_PADDING];
static char copy[BLOCK_BYTES];
static uint32_t positions[BLOCK_BYTES + SCAN_PADDING];
static uint32_t line_ends[BLOCK_BYTES + SCAN_PADDING];

/* Fields of 5 to 13 bytes, 15 to a line, as in a capture. */
static void fill_block(void)
{
    uint32_t at = 0;
    for (uint64_t field = 1; at < BLOCK_BYTES; field++) {
        uint32_t size = FIELD_BYTES - 4 + (uint32_t)(hash_mix(field) % 9);
        for (uint32_t i = 0; i < size && at < BLOCK_BYTES; i++) {
            block[at++] = 'x';
        }
        if (at < BLOCK_BYTES) {
            block[at++] = field % FIELDS == 0 ? '\n' : ',';
        }
    }
}

static void run_scan(struct bench *bench, scan_function scan)
{
    struct scan_result result;
    fill_block();
    while (bench_next(bench)) {
        scan(block, BLOCK_BYTES, ',', positions, line_ends, &result);
        bench_keep(&result);
    }
    bench_set_bytes(bench, bench_iterations(bench) * BLOCK_BYTES);
}

static void chosen(struct bench *bench, int64_t unused)
{
    (void)unused;
    run_scan(bench, scan_choose());
}

static void scalar(struct bench *bench, int64_t unused)
{
    (void)unused;
    run_scan(bench, scan_scalar);
}

static void copy_block(struct bench *bench, int64_t unused)
{
    (void)unused;
    fill_block();
    while (bench_next(bench)) {
        memcpy(copy, block, BLOCK_BYTES);
        bench_keep(copy);
    }
    bench_set_bytes(bench, bench_iterations(bench) * BLOCK_BYTES);
}

void bench_main(void)
{
    bench_add("scan/chosen", chosen, 0);
    bench_add("scan/scalar", scalar, 0);
    bench_add("scan/bound/copy", copy_block, 0);
}
