/* Which vertices of a slab can lie on a cycle of few hops from a root, whatever the times: a look
 * at links alone, before flows are looked at one by one. Half of the hops are gone forward, the
 * rest backward among what that leaves, so that a hub on the way is left with the neighbours that
 * matter.
 *
 * One worker's own, for one root at a time. */
#ifndef GYRE_ENGINE_CYCLE_REACH_H
#define GYRE_ENGINE_CYCLE_REACH_H

#include "engine/cycle_slab.h"

struct cycle_reach {
    uint8_t *from_root; /* [vertex_count]: hops, REACH_NONE: more than were gone */
    uint8_t *to_root;   /* [vertex_count]: hops, REACH_NONE: no way that is short enough */
    uint32_t *seen;     /* vertices with something to be cleared */
    uint32_t seen_count;
    uint32_t hops_max;
    uint32_t depth; /* hops gone forward */
    bool is_set;
    struct room rooms[3];
};
#define REACH_NONE UINT8_MAX

/* Makes ready for a slab; false without memory. */
bool reach_enter(struct cycle_reach *reach, const struct slab *slab, struct arena *arena);

/* For cycles of at most `hops_max` hops, which is below REACH_NONE / 2. */
void reach_set(struct cycle_reach *reach, const struct slab *slab, uint32_t root,
               uint32_t hops_max);
void reach_clear(struct cycle_reach *reach);

static inline uint32_t reach_from_root(const struct cycle_reach *reach, uint32_t vertex)
{
    uint32_t hops = reach->from_root[vertex];
    return hops == REACH_NONE ? reach->depth + 1 : hops;
}

/* Whether a flow from `source` to `target` can lie on a cycle of the root. */
static inline bool reach_holds(const struct cycle_reach *reach, uint32_t source, uint32_t target)
{
    return reach->to_root[source] != REACH_NONE && reach->to_root[target] != REACH_NONE &&
           reach_from_root(reach, source) + 1 + reach->to_root[target] <= reach->hops_max;
}

#endif
