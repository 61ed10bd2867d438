/* A graph for a benchmark of the engine: random flows, loaded as anybody's would be, and one
 * worker. Everything is checked with CHECK. */
#ifndef GYRE_PERF_BENCH_GRAPH_H
#define GYRE_PERF_BENCH_GRAPH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/stop.h"
#include "loader/load.h"

struct bench_graph {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct graph *graph;
};

/* `flows` flows, a millisecond from one to the next, each between two of `vertices` vertices. */
static inline void bench_graph_open(struct bench_graph *made, uint32_t flows, uint32_t vertices)
{
    char path[] = "/tmp/gyre-bench-XXXXXX";
    const char *paths[] = {path};
    struct load_options options = {.paths = paths, .path_count = 1, .partition_count = 1};
    static struct load_report report;
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    CHECK(file != NULL);
    fprintf(file, "StartTime,SrcAddr,DstAddr\n");
    uint64_t state = 1;
    for (uint32_t i = 0; i < flows; i++) {
        uint32_t ends[2];
        for (uint32_t end = 0; end < 2; end++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            ends[end] = (uint32_t)((state >> 33) % vertices);
        }
        fprintf(file, "2011/08/16 00:%02u:%02u.%03u,10.0.%u.%u,10.0.%u.%u\n", i / 60000 % 60,
                i / 1000 % 60, i % 1000, ends[0] >> 8, ends[0] & 255, ends[1] >> 8, ends[1] & 255);
    }
    CHECK(fclose(file) == 0);
    *made = (struct bench_graph){0};
    budget_init(&made->budget, 0);
    stop_init(&made->stop, 0);
    CHECK(topology_open(&made->topology, NULL, NULL) == STATUS_OK);
    CHECK(team_open(&made->team, made->topology, 1, NULL) == STATUS_OK);
    CHECK(graph_load(&made->graph, made->team, &made->budget, &options, &made->stop, NULL, &report,
                     NULL) == STATUS_OK);
    CHECK(unlink(path) == 0);
}

static inline void bench_graph_close(struct bench_graph *made)
{
    graph_close(made->graph);
    team_close(made->team);
    topology_close(made->topology);
}

#endif
