/* The neighbours of one vertex, ascending: the targets of its links, or the sources of the links
 * that arrive at it. They are walked by index or searched, best in ascending order. */
#ifndef GYRE_ENGINE_NEIGHBOURS_H
#define GYRE_ENGINE_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph.h"

struct neighbours {
    const struct partition *partition; /* that owns `vertex`; NULL: not set */
    vertex_id vertex;
    bool is_out;
    uint32_t begin; /* indices into the partition's links or reverse links */
    uint32_t end;
    uint32_t cursor;    /* everything before it is less than `searched` */
    vertex_id searched; /* what was searched last */
};

void neighbours_set(struct neighbours *neighbours, const struct edge_frame *frame, vertex_id vertex,
                    bool is_out);

static inline vertex_id neighbour_at(const struct neighbours *neighbours, uint32_t index)
{
    return neighbours->is_out ? neighbours->partition->link_target[index]
                              : neighbours->partition->reverse[index].source;
}

/* Moves the cursor to the first neighbour not before `vertex`; false when that is another one.
 * Gallops from the cursor, so that searches in ascending order cost the logarithm of the distance
 * each; a search that goes back starts again. */
bool neighbours_search(struct neighbours *neighbours, vertex_id vertex);

#endif
