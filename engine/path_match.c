#include "engine/path_match.h"

#include "engine/cycle_filters.h"

enum status path_match_count(struct path_kinds *kinds, const struct cycle_pattern *pattern,
                             const struct path_told *told, const struct graph *graph,
                             const struct cycle_options *options,
                             struct match_statistics *statistics, struct error *error)
{
    struct cycle_query conditions = {.graph = graph};
    struct cycle_filters filters;
    struct path_statistics path_statistics = {0};
    *kinds = (struct path_kinds){0};
    enum status status = cycle_filters_open(&filters, &conditions, pattern, options, false, error);
    struct path_query query = {.graph = graph,
                               .hops_min = pattern->hops_min,
                               .hops_max = pattern->hops_max,
                               .window_ns = pattern->window_ns,
                               .is_strict = pattern->is_strict,
                               .is_backward = pattern->is_backward,
                               .is_counted = told->count,
                               .tells_begin = told->begin,
                               .tells_end = told->end,
                               .tells_hops = told->hops,
                               .tells_least = told->least,
                               .tells_first = told->first,
                               .flow_bits = conditions.flow_bits,
                               .first_bits = conditions.first_bits,
                               .last_bits = filters.last_bits,
                               .begin_bits = conditions.anchor_bits,
                               .end_bits = filters.end_bits};
    if (status == STATUS_OK && !filters.is_false) {
        status = paths_count(kinds, &query, options, &path_statistics, error);
    }
    statistics->flows_scanned += filters.of.flows_scanned;
    statistics->flows_visited += path_statistics.flows_visited;
    statistics->links_visited += path_statistics.links_visited;
    statistics->search_seconds += path_statistics.seconds;
    for (uint64_t i = 0; i < kinds->count; i++) {
        if (__builtin_add_overflow(statistics->matches, kinds->kinds[i].count,
                                   &statistics->matches)) {
            statistics->matches = UINT64_MAX;
        }
    }
    cycle_filters_close(&filters);
    return status;
}
