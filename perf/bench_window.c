/* Windows by galloping search. Bound: the two ends of each window read where they are known to
 * lie. */
#include "perf/bench.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/memory.h"
#include "engine/window.h"

enum { SEARCHES = 4096, WINDOW_NS = 60000 };

struct link {
    uint32_t flows;
    time_ns *times; /* [flows] */
    uint32_t begins[SEARCHES];
    uint32_t ends[SEARCHES];
};

static time_ns time_of(const struct link *link, uint32_t search)
{
    return (time_ns)search * link->flows * 1000 / SEARCHES;
}

static void find_windows(struct link *link)
{
    uint32_t hint = 0;
    for (uint32_t i = 0; i < SEARCHES; i++) {
        time_ns time = time_of(link, i);
        hint = window_begin(link->times, hint, link->flows, time);
        link->begins[i] = hint;
        link->ends[i] = window_end(link->times, hint, link->flows, time + WINDOW_NS);
    }
    bench_keep(link);
}

static time_ns time_at(const struct link *link, uint32_t position)
{
    return link->times[position == link->flows ? position - 1 : position];
}

static void read_ends(void *context)
{
    const struct link *link = context;
    time_ns total = 0;
    for (uint32_t i = 0; i < SEARCHES; i++) {
        total += time_at(link, link->ends[i]) - time_at(link, link->begins[i]);
    }
    bench_keep(&total);
}

/* Ascending searches for 60 s windows in one link with `flows` flows, as the matcher makes them. */
static void ascending(struct bench *bench, int64_t flows)
{
    struct link *link = memory_allocate(1, sizeof *link);
    CHECK(link != NULL);
    link->flows = (uint32_t)flows;
    link->times = memory_allocate(link->flows, sizeof *link->times);
    CHECK(link->times != NULL);
    for (uint32_t i = 0; i < link->flows; i++) {
        link->times[i] = (time_ns)i * 1000 + (time_ns)(hash_mix(i) % 1000);
    }
    find_windows(link);
    bench_set_bound(bench, read_ends, link);
    while (bench_next(bench)) {
        find_windows(link);
    }
    bench_set_items(bench, bench_iterations(bench) * SEARCHES);
    memory_free(link->times);
    memory_free(link);
}

void bench_main(void)
{
    bench_add("window/ascending/8", ascending, 8);
    bench_add("window/ascending/1024", ascending, 1024);
    bench_add("window/ascending/131072", ascending, 131072);
}
