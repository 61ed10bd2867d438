/* How much of what queries read lies on the reader's own node, if every worker filters and searches
 * its node's own partitions: a property of the placement and the query, the same in every run and
 * on every machine. Stealing lowers it as far as nodes are not equally busy.
 *
 *     locality NODES FILE QUERY... */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/match.h"
#include "loader/load.h"

struct rig {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct graph *graph;
};

static enum status rig_open(struct rig *rig, const char *node_count, const char *path,
                            struct error *error)
{
    char description[64];
    static struct load_report report;
    struct load_options options = {.paths = &path,
                                   .path_count = 1,
                                   .reject_limit_rows = UINT64_MAX,
                                   .reject_limit_percent = -1};
    snprintf(description, sizeof(description), "synthetic:numa:%s core:1 pu:1", node_count);
    budget_init(&rig->budget, 0);
    stop_init(&rig->stop, 0);
    TRY(topology_open(&rig->topology, description, error));
    TRY(team_open(&rig->team, rig->topology, 0, error));
    return graph_load(&rig->graph, rig->team, &rig->budget, &options, &rig->stop, NULL, &report,
                      error);
}

static void rig_close(struct rig *rig)
{
    graph_close(rig->graph);
    team_close(rig->team);
    topology_close(rig->topology);
}

static void print_balance(const struct rig *rig)
{
    const struct edge_frame *edges = &rig->graph->edges;
    uint32_t most = 0;
    for (uint32_t p = 0; p < edges->partition_count; p++) {
        uint32_t flows = edges->partitions[p].flow_count;
        most = flows > most ? flows : most;
    }
    printf("largest partition: %.3f of the mean\n",
           (double)most * edges->partition_count / (double)edges->flow_count);
}

static enum status print_locality(struct rig *rig, const char *text, struct error *error)
{
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct match_statistics statistics;
    struct match_options options = {.has_fixed_shares = true, .counts_reads = true};
    TRY(query_bind(&query, rig->graph, bytes_of(text), "query", error));
    enum status status = match_run(&result, query, rig->team, &rig->budget, &rig->stop, NULL,
                                   &options, &statistics, error);
    if (status == STATUS_OK) {
        /* Filters are dealt out to whoever is free, here perhaps one core only; but nothing keeps
         * them from being all local. */
        const uint64_t *bytes = statistics.locality.bytes;
        uint64_t local = bytes[0] + statistics.filter_locality.bytes[1];
        printf("%5.1f %% of %" PRIu64 " bytes are local: %s\n",
               100.0 * (double)local / (double)(bytes[0] + bytes[1]), bytes[0] + bytes[1], text);
    }
    result_close(result);
    query_close(query);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: locality NODES FILE QUERY...\n");
        return 2;
    }
    struct rig rig = {0};
    struct error error = {0};
    enum status status = rig_open(&rig, argv[1], argv[2], &error);
    if (status == STATUS_OK) {
        print_balance(&rig);
    }
    for (int i = 3; status == STATUS_OK && i < argc; i++) {
        status = print_locality(&rig, argv[i], &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "locality: %s\n", error.text);
    }
    rig_close(&rig);
    return (int)status;
}
