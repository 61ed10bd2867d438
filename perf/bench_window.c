/* Windows by galloping search. Bound: a cache miss per probe on long links; a few ns on short ones,
 * which most are. */
#include "perf/bench.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "engine/window.h"

enum { SEARCHES = 4096 };

/* Ascending searches for 60 s windows in one link with `flows` flows, as the matcher makes them. */
static void ascending(struct bench *bench, int64_t flows)
{
    time_ns *times = memory_allocate((size_t)flows, sizeof *times);
    for (int64_t i = 0; i < flows; i++) {
        times[i] = i * 1000 + (int64_t)(hash_mix((uint64_t)i) % 1000);
    }
    while (bench_next(bench)) {
        uint32_t hint = 0;
        for (int64_t i = 0; i < SEARCHES; i++) {
            int64_t time = i * flows * 1000 / SEARCHES;
            hint = window_begin(times, hint, (uint32_t)flows, time);
            uint32_t end = window_end(times, hint, (uint32_t)flows, time + 60000);
            bench_keep(&end);
        }
    }
    bench_set_items(bench, bench_iterations(bench) * SEARCHES);
    memory_free(times);
}

void bench_main(void)
{
    bench_add("window/ascending/8", ascending, 8);
    bench_add("window/ascending/1024", ascending, 1024);
    bench_add("window/ascending/131072", ascending, 131072);
}
