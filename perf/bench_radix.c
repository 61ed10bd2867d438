/* The radix sort of pairs. Bound: one memcpy of the pairs per pass and direction. */
#include "perf/bench.h"

#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/radix.h"

static struct radix_pair *pairs_make(int64_t count, uint32_t key_bits)
{
    struct radix_pair *pairs = memory_allocate((size_t)count, sizeof *pairs);
    for (int64_t i = 0; i < count; i++) {
        pairs[i].key = hash_mix((uint64_t)i) >> (64 - key_bits);
        pairs[i].value = (uint64_t)i;
    }
    return pairs;
}

struct copying {
    struct radix_pair *to;
    const struct radix_pair *from;
    size_t bytes;
};

static void copy_once(void *context)
{
    const struct copying *copying = context;
    memcpy(copying->to, copying->from, copying->bytes);
    bench_keep(copying->to);
}

static void sort_pairs(struct bench *bench, int64_t count)
{
    struct radix_pair *source = pairs_make(count, 33);
    struct radix_pair *pairs = memory_allocate((size_t)count, sizeof *pairs);
    struct radix_pair *scratch = memory_allocate((size_t)count, sizeof *pairs);
    struct copying copying = {pairs, source, (size_t)count * sizeof *pairs};
    bench_set_bound(bench, copy_once, &copying);
    while (bench_next(bench)) {
        memcpy(pairs, source, (size_t)count * sizeof *pairs);
        radix_sort(pairs, scratch, (uint64_t)count);
        bench_keep(pairs);
    }
    bench_set_items(bench, bench_iterations(bench) * count);
    memory_free(source);
    memory_free(pairs);
    memory_free(scratch);
}

static void copy_pairs(struct bench *bench, int64_t count)
{
    struct radix_pair *source = pairs_make(count, 33);
    struct radix_pair *pairs = memory_allocate((size_t)count, sizeof *pairs);
    while (bench_next(bench)) {
        memcpy(pairs, source, (size_t)count * sizeof *pairs);
        bench_keep(pairs);
    }
    bench_set_items(bench, bench_iterations(bench) * count);
    memory_free(source);
    memory_free(pairs);
}

void bench_main(void)
{
    bench_add("radix/sort/4096", sort_pairs, 4096);
    bench_add("radix/bound/copy/4096", copy_pairs, 4096);
    bench_add("radix/sort/524288", sort_pairs, 524288);
    bench_add("radix/bound/copy/524288", copy_pairs, 524288);
}
