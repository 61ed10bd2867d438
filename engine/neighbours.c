#include "engine/neighbours.h"

void neighbours_set(struct neighbours *neighbours, const struct edge_frame *frame, vertex_id vertex,
                    bool is_out)
{
    const struct partition *partition = graph_partition_of(frame, vertex);
    uint32_t local = vertex - partition->vertex_base;
    const uint32_t *offset = is_out ? partition->link_offset : partition->reverse_offset;
    neighbours->partition = partition;
    neighbours->vertex = vertex;
    neighbours->is_out = is_out;
    neighbours->begin = offset[local];
    neighbours->end = offset[local + 1];
    neighbours->cursor = neighbours->begin;
    neighbours->searched = 0;
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
