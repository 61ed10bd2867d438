/* Intersecting two lists of neighbours, as the matcher closes triangles: the shorter is walked, the
 * longer searched by galloping. Bound: one pass over the shorter list (a sum, in the same run),
 * when the lists are of one size; the logarithm of the ratio on top when they are not. */
#include "perf/bench.h"

#include "base/bytes.h"
#include "engine/neighbours.h"

enum { LONG = 1 << 16 };

static vertex_id targets[LONG];
static vertex_id walked[LONG];

static void fill(int64_t count)
{
    for (uint32_t i = 0; i < LONG; i++) {
        targets[i] = i * 4 + (uint32_t)(hash_mix(i) % 4);
    }
    for (int64_t i = 0; i < count; i++) {
        walked[i] = (vertex_id)(i * (LONG * 4 / count) + (int64_t)(hash_mix((uint64_t)i) % 4));
    }
}

static void sum(void *context)
{
    const int64_t *count = context;
    uint64_t total = 0;
    for (int64_t i = 0; i < *count; i++) {
        total += walked[i];
    }
    bench_keep(&total);
}

static void intersect(struct bench *bench, int64_t count)
{
    fill(count);
    bench_set_bound(bench, sum, &count);
    while (bench_next(bench)) {
        struct neighbours list = {.entries = targets, .entry_words = 1, .end = LONG};
        uint64_t found = 0;
        for (int64_t i = 0; i < count; i++) {
            found += neighbours_search(&list, walked[i]);
        }
        bench_keep(&found);
    }
    bench_set_items(bench, bench_iterations(bench) * count);
}

void bench_main(void)
{
    bench_add("neighbours/intersect/64_of_65536", intersect, 64);
    bench_add("neighbours/intersect/4096_of_65536", intersect, 4096);
    bench_add("neighbours/intersect/65536_of_65536", intersect, 65536);
}
