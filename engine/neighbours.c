#include "engine/neighbours.h"

#include <stddef.h>

_Static_assert(sizeof(struct reverse_link) == 2 * sizeof(uint32_t) &&
                   offsetof(struct reverse_link, source) == 0 &&
                   sizeof(struct inner_link) == 2 * sizeof(uint32_t) &&
                   offsetof(struct inner_link, vertex) == 0,
               "entries of two words begin with the neighbour");

void neighbours_set(struct neighbours *neighbours, const struct edge_frame *frame, vertex_id vertex,
                    bool is_out)
{
    const struct partition *partition = graph_partition_of(frame, vertex);
    uint32_t local = vertex - partition->vertex_base;
    const uint32_t *offset = is_out ? partition->link_offset : partition->reverse_offset;
    neighbours->entries = is_out ? partition->link_target : &partition->reverse->source;
    neighbours->entry_words = is_out ? 1 : 2;
    neighbours->node = partition->node;
    neighbours->partition = partition;
    neighbours->vertex = vertex;
    neighbours->is_out = is_out;
    neighbours->begin = offset[local];
    neighbours->end = offset[local + 1];
    neighbours->cursor = neighbours->begin;
    neighbours->searched = 0;
}

void neighbours_set_inner(struct neighbours *neighbours, const struct inner *inner,
                          vertex_id vertex, bool is_out)
{
    const struct inner_lists *lists = is_out ? &inner->leaving : &inner->arriving;
    uint32_t rank = inner_rank(inner, vertex);
    neighbours->entries = &lists->links->vertex;
    neighbours->entry_words = 2;
    neighbours->node = inner->node;
    neighbours->partition = NULL;
    neighbours->vertex = vertex;
    neighbours->is_out = is_out;
    neighbours->begin = lists->offset[rank];
    neighbours->end = lists->offset[rank + 1];
    neighbours->cursor = neighbours->begin;
    neighbours->searched = 0;
}

uint32_t neighbours_link(const struct neighbours *neighbours, const struct edge_frame *frame,
                         uint32_t index, const struct partition **partition)
{
    if (neighbours->entry_words == 1) {
        *partition = neighbours->partition;
        return index;
    }
    const uint32_t *entry = &neighbours->entries[(size_t)index * 2];
    *partition = graph_partition_of(frame, neighbours->is_out ? neighbours->vertex : entry[0]);
    return entry[1];
}

bool neighbours_search(struct neighbours *neighbours, vertex_id vertex)
{
    if (vertex < neighbours->searched) {
        neighbours->cursor = neighbours->begin;
    }
    neighbours->searched = vertex;
    uint32_t begin = neighbours->cursor;
    uint32_t end = neighbours->end;
    uint32_t probe = begin;
    uint32_t stride = 1;
    while (probe < end && neighbour_at(neighbours, probe) < vertex) {
        begin = probe + 1;
        probe = end - probe > stride ? probe + stride : end;
        stride *= 2;
    }
    end = probe;
    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;
        if (neighbour_at(neighbours, middle) < vertex) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    neighbours->cursor = begin;
    return begin < neighbours->end && neighbour_at(neighbours, begin) == vertex;
}
