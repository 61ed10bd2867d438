#include "graph/graph.h"

#include "base/memory.h"

#include <string.h>

void graph_close(struct graph *graph)
{
    if (graph == NULL) {
        return;
    }
    /* The arrays of partitions and copies lie in the shared arena, so that one goes last. */
    for (uint32_t index = 0; index < graph->edges.inner_count; index++) {
        arena_close(graph->edges.inner[index].arena);
    }
    if (graph->edges.partitions != NULL) {
        for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
            arena_close(graph->edges.partitions[index].arena);
        }
    }
    schema_close(&graph->edges.schema);
    memory_free(graph->description);
    arena_close(graph->shared);
    memory_free(graph);
}

vertex_id graph_find_vertex(const struct vertex_frame *frame, struct bytes text)
{
    struct address address;
    if (!address_parse(text, &address)) {
        uint32_t code;
        if (!dictionary_find(&frame->address_texts, text, &code)) {
            return VERTEX_NONE;
        }
        address = (struct address){ADDRESS_HIGH_TEXT, code};
    }
    if (frame->lookup_size == 0) {
        return VERTEX_NONE;
    }
    uint64_t mask = frame->lookup_size - 1;
    uint64_t slot = vertex_frame_slot(frame->lookup_size, address);
    while (frame->lookup[slot] != 0) {
        vertex_id vertex = frame->lookup[slot] - 1;
        if (address_equal(frame->addresses[vertex], address)) {
            return vertex;
        }
        slot = (slot + 1) & mask;
    }
    return VERTEX_NONE;
}

uint32_t graph_format_address(const struct vertex_frame *frame, struct address address, char *text)
{
    if (address_kind(address) != ADDRESS_OTHER) {
        return address_format(address, text);
    }
    const struct text *entry = frame->address_texts.entries[address.low];
    memcpy(text, entry->bytes, (size_t)entry->length + 1);
    return entry->length;
}

uint32_t graph_address_text_bytes(const struct vertex_frame *frame)
{
    uint32_t bytes = ADDRESS_TEXT_BYTES;
    for (uint32_t code = 0; code < frame->address_texts.count; code++) {
        uint32_t length = frame->address_texts.entries[code]->length;
        bytes = length + 1 > bytes ? length + 1 : bytes;
    }
    return bytes;
}

vertex_id graph_edge_source(const struct edge_frame *frame, edge_id edge)
{
    const struct partition *partition = &frame->partitions[edge_partition(edge)];
    return partition_link_source(partition, partition_flow_link(partition, edge_position(edge)));
}

vertex_id graph_edge_target(const struct edge_frame *frame, edge_id edge)
{
    const struct partition *partition = &frame->partitions[edge_partition(edge)];
    return partition->link_target[partition_flow_link(partition, edge_position(edge))];
}
