/* Slabs of time, trimmed to what lies in a strongly connected component, as compact graphs. The
 * argument is how many flows a window has: with few nearly all fall to the cheap trimming, with as
 * many as vertices the components are found, with more of these most flows are in one and unfolded.
 * Bound: every bundle of every slab read once, and both its ends marked. */
#include "perf/bench.h"

#include "base/memory.h"
#include "engine/cycle_slab.h"
#include "perf/bench_graph.h"

enum { FLOWS = 1 << 17, VERTICES = 1 << 13 };

struct rig {
    const struct bundles *bundles;
    uint64_t bundle_count; /* over all slabs: an interval may be in two */
    uint8_t *marks;        /* [vertices of the graph] */
};

static uint64_t offset_of(const struct bundles *bundles, uint64_t interval)
{
    return bundles->offset[interval < bundles->interval_count ? interval : bundles->interval_count];
}

static void mark_ends(void *context)
{
    struct rig *rig = context;
    const struct bundles *bundles = rig->bundles;
    rig->bundle_count = 0;
    for (uint32_t slab = 0; slab < slabs_in(bundles); slab++) {
        uint64_t begin = offset_of(bundles, (uint64_t)slab * SLAB_INTERVALS);
        uint64_t end = offset_of(bundles, (uint64_t)slab * SLAB_INTERVALS + SLAB_INTERVALS + 1);
        for (uint64_t i = begin; i < end; i++) {
            rig->marks[bundles->bundles[i].source] |= 1;
            rig->marks[bundles->bundles[i].target] |= 2;
        }
        rig->bundle_count += end - begin;
    }
    bench_keep(rig->marks);
}

static void trim_slabs(struct bench *bench, int64_t flows)
{
    struct bench_graph made;
    bench_graph_open(&made, FLOWS, VERTICES);
    struct cycle_query query = {.graph = made.graph,
                                .hops_min = 2,
                                .hops_max = CYCLE_HOPS_ANY,
                                .window_ns = flows * 1000000,
                                .is_strict = true,
                                .is_simple = true};
    struct cycle_options options = {.team = made.team, .budget = &made.budget, .stop = &made.stop};
    struct bundles bundles = {0};
    struct slab_builder builder = {0};
    struct arena *arena = NULL;
    CHECK(bundles_build(&bundles, &query, &options, NULL, NULL, NULL) == STATUS_OK);
    CHECK(arena_open(&arena, made.topology, 0, &made.budget, NULL) == STATUS_OK);
    slab_builder_init(&builder, &query, &bundles, arena, &made.stop);
    struct rig rig = {&bundles, 0, memory_allocate(made.graph->vertices.vertex_count, 1)};
    CHECK(rig.marks != NULL);
    uint64_t kept = 0;
    bench_set_bound(bench, mark_ends, &rig);
    while (bench_next(bench)) {
        for (uint32_t i = 0; i < slabs_in(&bundles); i++) {
            struct slab *slab = NULL;
            CHECK(slab_build(&slab, &builder, i, NULL) == STATUS_OK);
            if (slab != NULL) {
                kept += slab->flow_count;
                slab_release(slab, &builder);
            }
        }
    }
    int64_t items = bench_iterations(bench) * (int64_t)rig.bundle_count;
    bench_set_items(bench, items);
    bench_set_figure(bench, "kept", (double)kept / (double)items);
    memory_free(rig.marks);
    arena_close(arena);
    bundles_close(&bundles);
    bench_graph_close(&made);
}

void bench_main(void)
{
    bench_add("trim/slabs/256", trim_slabs, 256);
    bench_add("trim/slabs/4096", trim_slabs, 4096);
    bench_add("trim/slabs/32768", trim_slabs, 32768);
}
