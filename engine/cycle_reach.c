#include "engine/cycle_reach.h"

#include <string.h>

bool reach_enter(struct cycle_reach *reach, const struct slab *slab, struct arena *arena)
{
    uint64_t vertices = slab->vertex_count;
    reach->from_root = room_take(&reach->rooms[0], arena, vertices, 1);
    reach->to_root = room_take(&reach->rooms[1], arena, vertices, 1);
    reach->seen = room_take(&reach->rooms[2], arena, vertices * 2, sizeof *reach->seen);
    reach->seen_count = 0;
    reach->is_set = false;
    if (reach->from_root == NULL || reach->to_root == NULL || reach->seen == NULL) {
        return false;
    }
    memset(reach->from_root, REACH_NONE, vertices);
    memset(reach->to_root, REACH_NONE, vertices);
    return true;
}

void reach_set(struct cycle_reach *reach, const struct slab *slab, uint32_t root, uint32_t hops_max)
{
    uint32_t *seen = reach->seen;
    uint32_t count = 0;
    reach->is_set = true;
    reach->hops_max = hops_max;
    reach->depth = hops_max / 2;
    reach->from_root[root] = 0;
    seen[count++] = root;
    for (uint32_t i = 0; i < count && reach->from_root[seen[i]] < reach->depth; i++) {
        uint8_t hops = (uint8_t)(reach->from_root[seen[i]] + 1);
        for (uint32_t l = slab->out_offset[seen[i]]; l < slab->out_offset[seen[i] + 1]; l++) {
            uint32_t target = slab->out_targets[l];
            if (reach->from_root[target] == REACH_NONE) {
                reach->from_root[target] = hops;
                seen[count++] = target;
            }
        }
    }
    uint32_t begin = count;
    reach->to_root[root] = 0;
    seen[count++] = root;
    for (uint32_t i = begin; i < count; i++) {
        uint32_t hops = reach->to_root[seen[i]] + 1u;
        for (uint32_t l = slab->in_offset_links[seen[i]]; l < slab->in_offset_links[seen[i] + 1];
             l++) {
            uint32_t source = slab->in_sources[l];
            if (reach->to_root[source] == REACH_NONE &&
                reach_from_root(reach, source) + hops <= hops_max) {
                reach->to_root[source] = (uint8_t)hops;
                seen[count++] = source;
            }
        }
    }
    reach->seen_count = count;
}

void reach_clear(struct cycle_reach *reach)
{
    for (uint32_t i = 0; i < reach->seen_count; i++) {
        reach->from_root[reach->seen[i]] = REACH_NONE;
        reach->to_root[reach->seen[i]] = REACH_NONE;
    }
    reach->seen_count = 0;
    reach->is_set = false;
}
