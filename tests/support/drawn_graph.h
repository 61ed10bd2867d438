/* A graph of flows that the test draws and writes, loaded by three workers into three partitions on
 * two nodes, and what queries on it give. Header only; a test that includes it has one file. */
#ifndef GYRE_TESTS_SUPPORT_DRAWN_GRAPH_H
#define GYRE_TESTS_SUPPORT_DRAWN_GRAPH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "engine/match.h"
#include "loader/load.h"

static struct topology *topology;
static struct team *team;
static struct budget budget;
static struct graph *graph;

static inline uint64_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*seed);
}

/* Flows with hubs, loops, flows in parallel and at the same time. */
struct drawn_flows {
    uint64_t seed;
    uint32_t count;
    uint32_t addresses;
    uint32_t hubs;
    uint32_t seconds;
};

static inline bool write_drawn(FILE *file, struct drawn_flows flows)
{
    fputs("StartTime,SrcAddr,DstAddr,Proto,TotBytes\n", file);
    for (uint32_t i = 0; i < flows.count; i++) {
        uint64_t pick = next_random(&flows.seed);
        uint64_t second = pick % flows.seconds;
        fprintf(file, "2011-08-16 10:%02u:%02u,10.0.0.%u,10.0.0.%u,%s,%u\n",
                (unsigned)(second / 60), (unsigned)(second % 60),
                (unsigned)(pick / 100 % (pick / 7 % 3 == 0 ? flows.hubs : flows.addresses)),
                (unsigned)(pick / 10000 % (pick / 11 % 3 == 0 ? flows.hubs : flows.addresses)),
                pick / 1000000 % 4 == 0 ? "udp" : "tcp", 60 + i % 50);
    }
    return ferror(file) == 0;
}

/* `path` as of mkstemp; `write_flows` puts the flows there and says whether it could. */
static inline bool open_drawn(char *path, bool (*write_flows)(FILE *file))
{
    static struct load_report report;
    struct stop stop;
    const char *paths[] = {path};
    struct load_options options = {.paths = paths, .path_count = 1, .partition_count = 3};
    budget_init(&budget, 0);
    stop_init(&stop, 0);
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    bool is_written = file != NULL && write_flows(file);
    return file != NULL && fclose(file) == 0 && is_written &&
           topology_open(&topology, "synthetic:numa:2 core:2 pu:1", NULL) == STATUS_OK &&
           team_open(&team, topology, 3, NULL) == STATUS_OK &&
           graph_load(&graph, team, &budget, &options, &stop, NULL, &report, NULL) == STATUS_OK;
}

/* Whether the file is gone and all memory was given back. */
static inline bool close_drawn(const char *path)
{
    graph_close(graph);
    team_close(team);
    topology_close(topology);
    return unlink(path) == 0 && budget_used(&budget) == 0;
}

/* Of all rows, in their order; `lanes` has room for as many as there are columns. */
static inline enum status hash_rows(struct result *result, struct lanes *lanes, uint64_t *hash,
                                    struct error *error)
{
    uint64_t row_count = result_row_count(result);
    *hash = 0;
    for (uint64_t row = 0; row < row_count; row += EVALUATE_LANES) {
        uint64_t left = row_count - row;
        uint32_t count = left < EVALUATE_LANES ? (uint32_t)left : EVALUATE_LANES;
        TRY(result_read(result, row, count, lanes, error));
        for (uint32_t i = 0; i < count * result_column_count(result); i++) {
            int64_t value = lanes[i / count].values[i % count].integer;
            *hash = hash_mix(*hash ^ (uint64_t)value);
        }
    }
    return STATUS_OK;
}

#endif
