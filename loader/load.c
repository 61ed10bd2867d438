#include "loader/load.h"

#include "base/time_text.h"
#include "loader/build.h"
#include "loader/parse.h"

static double seconds_since(int64_t start_ns)
{
    return (double)(clock_ns() - start_ns) / (double)NS_PER_SECOND;
}

enum status graph_load(struct graph **graph, struct team *team, struct budget *budget,
                       const struct load_options *options, struct stop *stop,
                       struct progress *progress, struct load_report *report, struct error *error)
{
    enum status status = STATUS_OK;
    struct staging staging = {0};
    *graph = NULL;
    *report = (struct load_report){0};
    int64_t start_ns = clock_ns();
    status = parse_files(&staging, team, budget, options, stop, progress, report, error);
    report->parse_seconds = seconds_since(start_ns);
    if (status != STATUS_OK) {
        goto done;
    }
    start_ns = clock_ns();
    status =
        graph_build(graph, &staging, team, options->partition_count, budget, stop, progress, error);
    if (status == STATUS_OK) {
        (*graph)->description = staging.description;
        staging.description = NULL;
    }
    staging_close(&staging);
    report->build_seconds = seconds_since(start_ns);
done:
    staging_close(&staging);
    return status;
}
