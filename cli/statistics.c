/* What a run tells about itself; see statistics.h. */
#include "cli/statistics.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/message.h"
#include "cli/placement.h"
#include "cli/target.h"
#include "cli/text.h"
#include "cli/work.h"

enum { COUNTS_BYTES = 160 };

static void put_load(FILE *file, const struct session *session);
static void put_query(FILE *file, const struct gyre_result *result);
static double bytes_per_flow(const struct gyre_graph_info *graph);

void statistics_print(const struct session *session, const struct gyre_result *result,
                      bool is_whole)
{
    struct gyre_graph_info graph = gyre_graph_info(session->graph);
    struct gyre_query_statistics run = gyre_result_statistics(result);
    struct text_room rows;
    struct text_room visited;
    struct text_room flows;
    struct text_room loading;
    struct text_room matching;
    struct text_room bytes;
    struct text_room peak;
    /* A flow may be looked at more than once. */
    const char *of = run.flows_visited > graph.flows ? "visits to" : "of";
    const char *ending = run.flows_visited > graph.flows ? "" : " visited";
    char counts[COUNTS_BYTES];
    snprintf(counts, sizeof(counts), "%s row%s; %s %s %s flows%s", text_grouped(&rows, run.rows),
             text_plural(run.rows), text_grouped(&visited, run.flows_visited), of,
             text_grouped(&flows, graph.flows), ending);
    text_seconds(&matching, run.query_seconds);
    if (!is_whole) {
        message_line("%s; matched in %s%s", counts, matching.data,
                     gyre_result_is_kept(result) ? "; kept" : "");
        return;
    }
    message_line("%s; loaded in %s, matched in %s; %s graph (%.1f bytes a flow), %s peak", counts,
                 text_seconds(&loading, session->report.load_seconds), matching.data,
                 text_size(&bytes, graph.bytes), bytes_per_flow(&graph),
                 text_size(&peak, session_peak_rss_bytes()));
}

void statistics_print_load(const struct session *session)
{
    struct gyre_graph_info graph = gyre_graph_info(session->graph);
    struct text_room flows;
    struct text_room vertices;
    struct text_room loading;
    struct text_room bytes;
    message_line("%s flows between %s addresses; loaded in %s; %s graph (%.1f bytes a flow)",
                 text_grouped(&flows, graph.flows), text_grouped(&vertices, graph.vertices),
                 text_seconds(&loading, session->report.load_seconds),
                 text_size(&bytes, graph.bytes), bytes_per_flow(&graph));
}

int statistics_write(const char *path, const struct session *session,
                     const struct gyre_result *result)
{
    FILE *file = target_open(path);
    if (file != NULL) {
        fputs("{\n", file);
        put_load(file, session);
        placement_put_json(file, session);
        put_query(file, result);
        work_put_json(file, session, result);
        fprintf(file, "  \"peak_rss_bytes\": %" PRIu64 "\n}\n", session_peak_rss_bytes());
    }
    return target_close(file, path);
}

static void put_count(FILE *file, const char *name, uint64_t value)
{
    fprintf(file, "  \"%s\": %" PRIu64 ",\n", name, value);
}

static void put_seconds(FILE *file, const char *name, double seconds)
{
    fprintf(file, "  \"%s\": %.9f,\n", name, seconds);
}

static void put_load(FILE *file, const struct session *session)
{
    const struct gyre_load_report *report = &session->report;
    struct gyre_graph_info graph = gyre_graph_info(session->graph);
    fprintf(file, "  \"version\": \"%s\",\n", gyre_version());
    put_count(file, "flows", graph.flows);
    put_count(file, "vertices", graph.vertices);
    put_count(file, "links", graph.links);
    put_count(file, "partitions", graph.partitions);
    put_count(file, "graph_bytes", graph.bytes);
    fprintf(file, "  \"bytes_per_flow\": %.2f,\n", bytes_per_flow(&graph));
    put_count(file, "threads", gyre_engine_threads(session->engine));
    put_count(file, "nodes", gyre_engine_node_count(session->engine));
    put_count(file, "input_bytes", report->input_bytes);
    put_count(file, "rows_read", report->rows_read);
    put_count(file, "rows_loaded", report->rows_loaded);
    put_count(file, "rows_passed_over", report->rows_passed_over);
    put_count(file, "rows_rejected", report->rows_rejected);
    put_seconds(file, "load_seconds", report->load_seconds);
    put_seconds(file, "parse_seconds", report->parse_seconds);
    put_seconds(file, "build_seconds", report->build_seconds);
}

static void put_query(FILE *file, const struct gyre_result *result)
{
    struct gyre_query_statistics run = gyre_result_statistics(result);
    put_count(file, "rows", run.rows);
    put_count(file, "matches", run.matches);
    fprintf(file, "  \"partial\": %s,\n", gyre_result_is_partial(result) ? "true" : "false");
    put_count(file, "flows_visited", run.flows_visited);
    put_count(file, "flows_scanned", run.flows_scanned);
    put_count(file, "links_visited", run.links_visited);
    put_count(file, "tasks", run.tasks);
    put_count(file, "splits", run.splits);
    put_count(file, "steals_local", run.steals_local);
    put_count(file, "steals_remote", run.steals_remote);
    put_seconds(file, "query_seconds", run.query_seconds);
    put_seconds(file, "plan_seconds", run.plan_seconds);
    put_seconds(file, "filter_seconds", run.filter_seconds);
    put_seconds(file, "search_seconds", run.search_seconds);
    put_seconds(file, "finish_seconds", run.finish_seconds);
    put_count(file, "peak_budget_bytes", run.peak_budget_bytes);
    put_count(file, "peak_spill_bytes", run.peak_spill_bytes);
}

static double bytes_per_flow(const struct gyre_graph_info *graph)
{
    return graph->flows == 0 ? 0 : (double)graph->bytes / (double)graph->flows;
}
