/* What flows and vertices have to pass to be of a cycle (struct cycle_pattern), as bits. Inside the
 * engine only. */
#ifndef GYRE_ENGINE_CYCLE_FILTERS_H
#define GYRE_ENGINE_CYCLE_FILTERS_H

#include "engine/cycle_match.h"
#include "engine/filter.h"

/* Zeroed: none. The bits lie in an arena of its own, or in the cache. */
struct cycle_filters {
    struct arena *arena;
    struct filters of;                       /* the pattern's conditions */
    uint64_t **edge_bits[PATTERN_EDGES_MAX]; /* of each edge and its ends; NULL: all pass */
    bool is_none[PATTERN_EDGES_MAX];         /* known to be of no flow */
    bool is_false;                           /* no cycle passes */
    uint64_t **last_bits;                    /* of a path that need not come back: as first_bits */
    const uint64_t *end_bits;                /* the same, as anchor_bits */
};

/* Asks the conditions, with the externals where the search would take longer (`has_limit`: it may
 * end at any time), and sets what the query has of them. To be closed also where it failed. */
enum status cycle_filters_open(struct cycle_filters *filters, struct cycle_query *query,
                               const struct cycle_pattern *pattern,
                               const struct cycle_options *options, bool has_limit,
                               struct error *error);
void cycle_filters_close(struct cycle_filters *filters);

#endif
