/* The flows of a link in the order in which a path takes them. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_STRETCH_H
#define GYRE_ENGINE_PATH_STRETCH_H

#include "engine/feasible.h"
#include "engine/filter.h"
#include "engine/path_search.h"

struct path_stretch {
    const struct partition *holder;
    vertex_id far;
    uint32_t begin;
    uint32_t count;
    bool is_descending;
    uint64_t *const *bits[2]; /* flows have to pass both; NULL: all do */
};

/* Where a flow of a stretch lies in the holder's columns. */
static inline uint32_t stretch_position_at(const struct path_stretch *stretch, uint32_t index)
{
    return stretch->begin + (stretch->is_descending ? stretch->count - 1 - index : index);
}

/* Its time, ascending in any case. */
static inline time_ns stretch_time_at(const struct path_stretch *stretch, uint32_t index)
{
    time_ns time = stretch->holder->flow_time[stretch_position_at(stretch, index)];
    return stretch->is_descending ? ~time : time;
}

/* The first from `index` on that is not before `least`; galloping. */
static inline uint32_t stretch_seek(const struct path_stretch *stretch, uint32_t index,
                                    time_ns least)
{
    uint32_t end = stretch->count;
    uint32_t stride = 1;
    uint32_t probe = index;
    while (probe < end && stretch_time_at(stretch, probe) < least) {
        index = probe + 1;
        probe = end - probe > stride ? probe + stride : end;
        stride *= 2;
    }
    end = probe;
    while (index < end) {
        uint32_t middle = index + (end - index) / 2;
        if (stretch_time_at(stretch, middle) < least) {
            index = middle + 1;
        } else {
            end = middle;
        }
    }
    return index;
}

static inline bool path_bit(uint64_t *const *bits, const struct partition *holder,
                            uint32_t position)
{
    return bits == NULL || bit_is_set(bits[holder->index], position);
}

static inline bool stretch_passes(const struct path_stretch *stretch, uint32_t index)
{
    uint32_t position = stretch_position_at(stretch, index);
    return path_bit(stretch->bits[0], stretch->holder, position) &&
           path_bit(stretch->bits[1], stretch->holder, position);
}

/* The first from `index` on that passes, or `count`. */
static inline uint32_t stretch_next_passing(const struct path_stretch *stretch, uint32_t index)
{
    uint64_t *const *bits = stretch->bits[0] != NULL ? stretch->bits[0] : stretch->bits[1];
    while (bits != NULL && index < stretch->count) {
        if (!stretch->is_descending) {
            uint32_t end = stretch->begin + stretch->count;
            index = feasible_next_bit(bits[stretch->holder->index], stretch->begin + index, end) -
                    stretch->begin;
        }
        if (index == stretch->count || stretch_passes(stretch, index)) {
            break;
        }
        index++;
    }
    return index;
}

static inline struct path_stretch path_stretch_of(const struct path_search *search,
                                                  const struct partition *partition, uint32_t index,
                                                  bool is_first)
{
    uint32_t link = index;
    struct path_stretch stretch = {.holder = partition, .is_descending = search->is_descending};
    if (search->is_leaving) {
        stretch.far = partition->link_target[index];
    } else {
        struct reverse_link reverse = partition->reverse[index];
        stretch.holder = graph_partition_of(search->edges, reverse.source);
        stretch.far = reverse.source;
        link = reverse.link;
    }
    stretch.begin = stretch.holder->flow_offset[link];
    stretch.count = stretch.holder->flow_offset[link + 1] - stretch.begin;
    stretch.bits[0] = search->query->flow_bits;
    stretch.bits[1] = is_first ? search->near_bits : NULL;
    return stretch;
}

#endif
