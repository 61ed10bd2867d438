/* The needs of a search for cycles: conditions each of which some flow of a cycle has to meet, the
 * same flow or another. A mask has a bit for each need. Inside the engine only.
 *
 * A path over vertices takes all flows of a link at once (cycle_search.h), so that it is looked at
 * only if each need is met by some flow on it. Cycles on it are then counted by inclusion and
 * exclusion: those of all its flows, less those without the flows that meet one need, and so on. */
#ifndef GYRE_ENGINE_CYCLE_NEEDS_H
#define GYRE_ENGINE_CYCLE_NEEDS_H

#include "engine/cycles.h"
#include "engine/filter.h"

/* The mask of all needs. */
static inline uint8_t needs_of(const struct cycle_query *query)
{
    return (uint8_t)((1u << query->need_count) - 1);
}

/* The needs that a flow meets. */
static inline uint8_t needs_met(const struct cycle_query *query, uint32_t partition,
                                uint32_t position)
{
    uint32_t met = 0;
    for (uint32_t i = 0; i < query->need_count; i++) {
        met |= (uint32_t)bit_is_set(query->need_bits[i][partition], position) << i;
    }
    return (uint8_t)met;
}

/* Whether a cycle may begin with the flow. */
static inline bool cycle_may_begin(const struct cycle_query *query, edge_id edge)
{
    return query->first_bits == NULL ||
           bit_is_set(query->first_bits[edge_partition(edge)], edge_position(edge));
}

/* Whether a term of inclusion and exclusion, that of cycles without flows that meet any need of a
 * mask, is to be subtracted. */
static inline bool needs_subtract(uint32_t without)
{
    return __builtin_popcount(without) % 2 != 0;
}

#endif
