/* The neighbours of one vertex, ascending: the targets of its links, or the sources of the links
 * that arrive at it. They are walked by index or searched, best in ascending order. */
#ifndef GYRE_ENGINE_NEIGHBOURS_H
#define GYRE_ENGINE_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph.h"

struct neighbours {
    /* Of the array that the list lies in, entries of one word (the neighbour; its index is the
     * link) or two (the neighbour, then the link). NULL: not set. */
    const uint32_t *entries;
    uint32_t entry_words;
    uint32_t node;                     /* where the list lies */
    const struct partition *partition; /* that owns `vertex`; NULL for inner neighbours */
    vertex_id vertex;
    bool is_out;
    uint32_t begin; /* indices of entries */
    uint32_t end;
    uint32_t cursor;    /* everything before it is less than `searched` */
    vertex_id searched; /* what was searched last */
};

void neighbours_set(struct neighbours *neighbours, const struct edge_frame *frame, vertex_id vertex,
                    bool is_out);

/* Only those that are inner vertices, as `vertex` is. */
void neighbours_set_inner(struct neighbours *neighbours, const struct inner *inner,
                          vertex_id vertex, bool is_out);

static inline vertex_id neighbour_at(const struct neighbours *neighbours, uint32_t index)
{
    return neighbours->entries[(size_t)index * neighbours->entry_words];
}

/* The link to or from the neighbour at `index`, and the partition that has it. */
uint32_t neighbours_link(const struct neighbours *neighbours, const struct edge_frame *frame,
                         uint32_t index, const struct partition **partition);

/* Moves the cursor to the first neighbour not before `vertex`; false when that is another one.
 * Gallops from the cursor, so that searches in ascending order cost the logarithm of the distance
 * each; a search that goes back starts again. */
bool neighbours_search(struct neighbours *neighbours, vertex_id vertex);

#endif
