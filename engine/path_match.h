/* Temporal paths of a query's pattern by their ends: filters first, then the search of
 * engine/paths.h. */
#ifndef GYRE_ENGINE_PATH_MATCH_H
#define GYRE_ENGINE_PATH_MATCH_H

#include "engine/cycle_match.h"
#include "engine/match.h"
#include "engine/paths.h"

/* What is asked of paths. */
struct path_told {
    bool begin;
    bool end;
    bool hops;
    bool least; /* hops are asked for to find the fewest */
    bool first; /* when it ends first */
    bool count;
};

/* `pattern` as for cycles, but that its first two edges leave the two ends, nothing is asked of
 * some flow, and vertices may come again. */
enum status path_match_count(struct path_kinds *kinds, const struct cycle_pattern *pattern,
                             const struct path_told *told, const struct graph *graph,
                             const struct cycle_options *options,
                             struct match_statistics *statistics, struct error *error);

#endif
