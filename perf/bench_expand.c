/* Paths over links with all flows that can follow: simple cycles among a few vertices that all talk
 * with one another, counted. The argument is about how many flows each link has. Bound: as many
 * flows as are visited, with their ways, read one after another and summed up. */
#include "perf/bench.h"

#include "base/memory.h"
#include "engine/cycle_search.h"
#include "perf/bench_graph.h"

enum { VERTICES = 7 };

struct rig {
    struct arrival *arrivals; /* [link_flows] */
    uint64_t link_flows;
    uint64_t flows_visited;
};

static void read_flows(void *context)
{
    const struct rig *rig = context;
    uint64_t sum = 0;
    for (uint64_t visited = 0; visited < rig->flows_visited; visited += rig->link_flows) {
        for (uint64_t i = 0; i < rig->link_flows; i++) {
            sum += rig->arrivals[i].ways + rig->arrivals[i].rank;
        }
        bench_keep(&sum);
    }
}

static void expand_paths(struct bench *bench, int64_t link_flows)
{
    struct bench_graph made;
    bench_graph_open(&made, (uint32_t)link_flows * VERTICES * VERTICES, VERTICES);
    struct cycle_query query = {.graph = made.graph,
                                .hops_min = 2,
                                .hops_max = 5,
                                .window_ns = CYCLE_WINDOW_ANY,
                                .is_strict = true,
                                .is_simple = true};
    struct cycle_options options = {.team = made.team, .budget = &made.budget, .stop = &made.stop};
    struct cycle_statistics statistics;
    struct cycle_counts counts;
    CHECK(cycles_count(&counts, &query, &options, &statistics, NULL) == STATUS_OK);
    cycle_counts_close(&counts);
    struct rig rig = {memory_allocate((size_t)link_flows, sizeof *rig.arrivals),
                      (uint64_t)link_flows, statistics.flows_visited};
    CHECK(rig.arrivals != NULL);
    bench_set_bound(bench, read_flows, &rig);
    while (bench_next(bench)) {
        CHECK(cycles_count(&counts, &query, &options, &statistics, NULL) == STATUS_OK);
        bench_keep(&counts.total);
        cycle_counts_close(&counts);
    }
    bench_set_items(bench, bench_iterations(bench) * (int64_t)statistics.flows_visited);
    bench_set_figure(bench, "links", (double)statistics.links_visited);
    bench_set_figure(bench, "cycles", (double)statistics.cycles);
    memory_free(rig.arrivals);
    bench_graph_close(&made);
}

void bench_main(void)
{
    bench_add("expand/flows/4", expand_paths, 4);
    bench_add("expand/flows/64", expand_paths, 64);
    bench_add("expand/flows/1024", expand_paths, 1024);
}
