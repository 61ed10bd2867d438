/* Loads a file once and runs queries several times each; prints seconds as JSON lines, for
 * perf/peers. Uses the public interface only, as any program would.
 *
 *     time_queries THREADS RUNS FILE QUERY... */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "gyre.h"

static int fail(const struct gyre_error *error)
{
    fprintf(stderr, "time_queries: %s\n", error->text);
    return 1;
}

/* The most memory that this process had so far. */
static unsigned long long peak_bytes(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (unsigned long long)usage.ru_maxrss * 1024;
}

/* The best of `runs`, none of which gains from another's filters, and the first column of the first
 * row, which is a count. */
static int time_query(struct gyre_graph *graph, const char *text, long runs,
                      struct gyre_error *error)
{
    double best = 0;
    struct gyre_value value = {0};
    struct gyre_query_statistics statistics = {0};
    for (long run = 0; run < runs; run++) {
        struct gyre_result *result = NULL;
        gyre_graph_forget(graph);
        if (gyre_query(&result, graph, text, NULL, error) != GYRE_OK ||
            gyre_result_value(result, 0, 0, &value, error) != GYRE_OK) {
            gyre_result_close(result);
            return 1;
        }
        statistics = gyre_result_statistics(result);
        if (run == 0 || statistics.query_seconds < best) {
            best = statistics.query_seconds;
        }
        gyre_result_close(result);
    }
    printf("{\"count\": %lld, \"seconds\": %.9f, \"flows_visited\": %llu}\n",
           (long long)value.integer, best, (unsigned long long)statistics.flows_visited);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: time_queries THREADS RUNS FILE QUERY...\n");
        return 2;
    }
    struct gyre_engine_options options = {.threads = (uint32_t)strtoul(argv[1], NULL, 10)};
    long runs = strtol(argv[2], NULL, 10);
    const char *paths[] = {argv[3]};
    struct gyre_error error = {0};
    struct gyre_engine *engine = NULL;
    struct gyre_graph *graph = NULL;
    struct gyre_load_report report = {0};
    int status = gyre_engine_open(&engine, &options, &error);
    if (status == GYRE_OK) {
        status = gyre_load(&graph, engine, paths, 1, NULL, &report, &error);
    }
    if (status == GYRE_OK) {
        struct gyre_graph_info info = gyre_graph_info(graph);
        printf("{\"load\": %.6f, \"parse\": %.6f, \"build\": %.6f, \"flows\": %llu, "
               "\"bytes\": %llu, \"memory\": %llu}\n",
               report.load_seconds, report.parse_seconds, report.build_seconds,
               (unsigned long long)info.flows, (unsigned long long)info.bytes, peak_bytes());
    }
    for (int i = 4; status == GYRE_OK && i < argc; i++) {
        status = time_query(graph, argv[i], runs, &error);
    }
    if (status != GYRE_OK) {
        status = fail(&error);
    }
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    return status;
}
