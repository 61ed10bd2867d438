/* The scheduler against a plain loop: the same search, with an equal and fixed share of the first
 * step's candidates for every worker.
 *
 * Uniform work: `overhead_percent` is what the scheduler costs, to be below 3. Work that hangs on
 * one hub, whose links all fall into one worker's share: `gain` is how many times faster the
 * scheduler is; its bound is the number of workers, given as many idle cores. Both ways run in turn
 * and the best time of each counts; more iterations (--benchmark_min_time) make it steadier. */
#include "perf/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/stop.h"
#include "engine/match.h"
#include "loader/load.h"
#include "numa/topology.h"

enum { VERTICES = 1 << 12, UNIFORM_FLOWS = 1 << 17, HUB_LINKS = 1500, ROUNDS_MIN = 5 };

static const char uniform_query[] =
    "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(a) WHERE a <> b AND a <> c AND b <> c AND "
    "e1.StartTime < e2.StartTime AND e2.StartTime < e3.StartTime RETURN count(*)";
static const char hub_query[] =
    "MATCH (a)-[e1]->(b) MATCH (a)-[e2]->(c) WHERE b <> c AND e1.StartTime < e2.StartTime "
    "RETURN count(*)";

struct rig {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct graph *graph;
};

static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void put_flow(FILE *file, uint32_t index, uint32_t source, uint32_t target)
{
    fprintf(file, "2011/08/16 %02u:%02u:%02u.%06u,10.0.%u.%u,10.0.%u.%u\n", index / 3600000 % 24,
            index / 60000 % 60, index / 1000 % 60, index % 1000 * 1000, source >> 8, source & 255,
            target >> 8, target & 255);
}

static void write_flows(FILE *file, bool has_hub)
{
    uint64_t state = 1;
    uint32_t uniform = has_hub ? UNIFORM_FLOWS / 8 : UNIFORM_FLOWS;
    fprintf(file, "StartTime,SrcAddr,DstAddr\n");
    for (uint32_t i = 0; i < uniform; i++) {
        uint32_t source = (uint32_t)(random_next(&state) % VERTICES);
        put_flow(file, i, source, (uint32_t)(random_next(&state) % VERTICES));
    }
    for (uint32_t i = 0; has_hub && i < HUB_LINKS; i++) {
        put_flow(file, uniform + i, VERTICES, i);
    }
}

static void rig_open(struct rig *rig, uint32_t worker_count, bool has_hub)
{
    char path[] = "/tmp/gyre-bench-schedule-XXXXXX";
    const char *paths[] = {path};
    struct load_options options = {.paths = paths, .path_count = 1, .partition_count = 1};
    static struct load_report report;
    struct stop stop;
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    CHECK(file != NULL);
    write_flows(file, has_hub);
    CHECK(fclose(file) == 0);
    budget_init(&rig->budget, 0);
    stop_init(&stop, 0);
    CHECK(topology_open(&rig->topology, NULL, NULL) == STATUS_OK);
    CHECK(team_open(&rig->team, rig->topology, worker_count, NULL) == STATUS_OK);
    CHECK(graph_load(&rig->graph, rig->team, &rig->budget, &options, &stop, NULL, &report, NULL) ==
          STATUS_OK);
    unlink(path);
}

static void rig_close(struct rig *rig)
{
    graph_close(rig->graph);
    team_close(rig->team);
    topology_close(rig->topology);
}

/* Seconds of the search alone. */
static double search_once(struct rig *rig, const char *text, bool has_fixed_shares)
{
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct match_options options = {.has_fixed_shares = has_fixed_shares};
    struct match_statistics statistics;
    struct stop stop;
    stop_init(&stop, 0);
    CHECK(query_bind(&query, rig->graph, bytes_of(text), "query", NULL) == STATUS_OK);
    CHECK(match_run(&result, query, rig->team, &rig->budget, &stop, NULL, &options, &statistics,
                    NULL) == STATUS_OK);
    result_close(result);
    query_close(query);
    return statistics.search_seconds;
}

static void run(struct bench *bench, uint32_t worker_count, bool has_hub)
{
    struct rig rig = {0};
    const char *text = has_hub ? hub_query : uniform_query;
    double best[2] = {1e9, 1e9};
    rig_open(&rig, worker_count, has_hub);
    while (bench_next(bench)) {
        for (uint32_t round = 0; round < 2 * ROUNDS_MIN; round++) {
            double seconds = search_once(&rig, text, round % 2 != 0);
            best[round % 2] = seconds < best[round % 2] ? seconds : best[round % 2];
        }
    }
    if (has_hub) {
        bench_set_figure(bench, "gain", best[1] / best[0]);
    } else {
        bench_set_figure(bench, "overhead_percent", 100 * (best[0] / best[1] - 1));
    }
    rig_close(&rig);
}

static void uniform(struct bench *bench, int64_t worker_count)
{
    run(bench, (uint32_t)worker_count, false);
}

static void hub(struct bench *bench, int64_t worker_count)
{
    run(bench, (uint32_t)worker_count, true);
}

void bench_main(void)
{
    int64_t cores = sysconf(_SC_NPROCESSORS_ONLN);
    bench_add("schedule/uniform/workers:1", uniform, 1);
    bench_add("schedule/uniform/workers:all", uniform, cores);
    bench_add("schedule/hub/workers:all", hub, cores);
}
