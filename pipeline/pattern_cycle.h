/* Which conditions of a pattern the search for temporal cycles (engine/cycles.h) decides itself. */
#ifndef GYRE_PIPELINE_PATTERN_CYCLE_H
#define GYRE_PIPELINE_PATTERN_CYCLE_H

#include "pipeline/pattern.h"

/* What conditions say of start times along a walk, and of its vertices. */
struct cycle_order {
    bool is_ascending;
    bool is_strict;
    bool is_simple;
    int64_t window_ns; /* INT64_MAX: none */
};

/* Whether a term is the list of flows of a pattern's only edge: its variable, or relationships(p).
 */
bool pattern_lists_edges(const struct pattern *pattern, const struct term *term);

/* Whether a term lists the vertices of a pattern's only path, which ends where it begins, so that
 * the first or the last may be missing: nodes(p), tail(nodes(p)), nodes(p)[1..], nodes(p)[..-1]. */
bool pattern_lists_vertices(const struct pattern *pattern, const struct term *term);

/* Whether condition `index` of a pattern whose only edge is variable says something of its order
 * and nothing else; adds it to `order`. STATUS_FAILED without memory. */
enum status pattern_read_order(const struct pattern *pattern, uint32_t index,
                               const struct entities *entities, struct chain *memory,
                               struct cycle_order *order, bool *is_order, struct error *error);

#endif
