/* Loads a file once and counts the temporal cycles within windows, several times; prints JSON lines
 * with the best time of each, from the loaded graph to the count.
 *
 *     time_cycles THREADS RUNS FILE [SECONDS | MEANING]...
 *
 * Each SECONDS is a window; a MEANING, as in `simple<2..` (what is meant at first), `simple<=2..4`
 * or `trail<1..6`, is that of the windows after it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/cycles.h"
#include "loader/load.h"

struct rig {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct graph *graph;
};

static enum status rig_open(struct rig *rig, uint32_t threads, const char *path,
                            struct error *error)
{
    static struct load_report report;
    struct load_options options = {.paths = &path,
                                   .path_count = 1,
                                   .reject_limit_rows = UINT64_MAX,
                                   .reject_limit_percent = -1};
    budget_init(&rig->budget, 0);
    stop_init(&rig->stop, 0);
    TRY(topology_open(&rig->topology, NULL, error));
    TRY(team_open(&rig->team, rig->topology, threads, error));
    return graph_load(&rig->graph, rig->team, &rig->budget, &options, &rig->stop, NULL, &report,
                      error);
}

static void rig_close(struct rig *rig)
{
    graph_close(rig->graph);
    team_close(rig->team);
    topology_close(rig->topology);
}

static bool read_meaning(struct cycle_query *query, const char *text)
{
    char kind[8];
    char order[4];
    char most[12] = "";
    if (sscanf(text, "%6[a-z]%2[<=]%u..%11s", kind, order, &query->hops_min, most) < 3) {
        return false;
    }
    query->is_simple = strcmp(kind, "simple") == 0;
    query->is_strict = strcmp(order, "<") == 0;
    query->hops_max = most[0] == '\0' ? CYCLE_HOPS_ANY : (uint32_t)strtoul(most, NULL, 10);
    return true;
}

static enum status time_window(struct rig *rig, struct cycle_query query, double seconds, long runs,
                               struct error *error)
{
    query.graph = rig->graph;
    query.window_ns = (int64_t)(seconds * 1e9);
    struct cycle_options options = {.team = rig->team, .budget = &rig->budget, .stop = &rig->stop};
    struct cycle_statistics statistics;
    struct cycle_statistics best = {0};
    uint32_t hop_end = 0;
    int64_t best_ns = INT64_MAX;
    for (long run = 0; run < runs; run++) {
        struct cycle_counts counts;
        int64_t start = clock_ns();
        enum status status = cycles_count(&counts, &query, &options, &statistics, error);
        int64_t run_ns = clock_ns() - start;
        hop_end = counts.hop_end;
        cycle_counts_close(&counts);
        TRY(status);
        if (run_ns < best_ns) {
            best_ns = run_ns;
            best = statistics;
        }
    }
    printf("{\"window_seconds\": %g, \"cycles\": %" PRIu64 ", \"longest\": %u, \"seconds\": %.6f, "
           "\"prepare_seconds\": %.6f, \"slabs\": %" PRIu64 ", \"slab_flows\": %" PRIu64
           ", \"roots\": %" PRIu64 ", \"flows_visited\": %" PRIu64 ", \"links_visited\": %" PRIu64
           ", \"splits\": %" PRIu64 ", \"idle_ms\": %.3f}\n",
           seconds, best.cycles, hop_end - 1, (double)best_ns / 1e9, best.prepare_seconds,
           best.slabs, best.slab_flows, best.roots, best.flows_visited, best.links_visited,
           best.work.splits, (double)best.work.idle_ns / 1e6);
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: time_cycles THREADS RUNS FILE [SECONDS | MEANING]...\n");
        return 2;
    }
    struct rig rig = {0};
    struct error error = {0};
    enum status status = rig_open(&rig, (uint32_t)strtoul(argv[1], NULL, 10), argv[3], &error);
    struct cycle_query query = {0};
    CHECK(read_meaning(&query, "simple<2.."));
    for (int i = 4; status == STATUS_OK && i < argc; i++) {
        if (!read_meaning(&query, argv[i])) {
            status =
                time_window(&rig, query, strtod(argv[i], NULL), strtol(argv[2], NULL, 10), &error);
        }
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "time_cycles: %s\n", error.text);
    }
    rig_close(&rig);
    return (int)status;
}
