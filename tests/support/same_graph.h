/* For tests: whether two graphs are the same, byte for byte. */
#ifndef GYRE_TESTS_SUPPORT_SAME_GRAPH_H
#define GYRE_TESTS_SUPPORT_SAME_GRAPH_H

#include <stdio.h>
#include <string.h>

#include "graph/graph.h"

/* Says where they differ, and leaves the caller with false. */
#define SAME(condition)                                                \
    do {                                                               \
        if (!(condition)) {                                            \
            printf("\ngraphs differ, not the same: %s\n", #condition); \
            return false;                                              \
        }                                                              \
    } while (0)

#define SAME_FIELD(field) SAME(left->field == right->field)
#define SAME_ARRAY(field, count) \
    SAME(same_bytes(left->field, right->field, (count) * sizeof *left->field))

static inline bool same_bytes(const void *left, const void *right, uint64_t size)
{
    return size == 0 || memcmp(left, right, size) == 0;
}

static inline bool same_dictionary(const struct dictionary *left, const struct dictionary *right)
{
    SAME_FIELD(count);
    for (uint32_t i = 0; i < left->count; i++) {
        SAME(bytes_equal(text_view(left->entries[i]), text_view(right->entries[i])));
    }
    return true;
}

static inline bool same_column(const struct column *left, const struct column *right,
                               uint64_t count)
{
    SAME_FIELD(type);
    SAME_FIELD(encoding);
    SAME_FIELD(width);
    SAME_FIELD(base);
    SAME_FIELD(divisor);
    SAME_FIELD(null_count);
    SAME(same_bytes(left->values, right->values, count * left->width));
    SAME((left->null_bits == NULL) == (right->null_bits == NULL));
    SAME(left->null_bits == NULL ||
         same_bytes(left->null_bits, right->null_bits, (count + 63) / 64 * sizeof(uint64_t)));
    return true;
}

static inline bool same_partition(const struct partition *left, const struct partition *right,
                                  uint32_t property_count)
{
    SAME_FIELD(vertex_base);
    SAME_FIELD(vertex_count);
    SAME_FIELD(link_count);
    SAME_FIELD(flow_count);
    SAME_FIELD(reverse_count);
    SAME_ARRAY(link_offset, left->vertex_count + 1);
    SAME_ARRAY(link_target, left->link_count);
    SAME_ARRAY(flow_offset, left->link_count + 1);
    SAME_ARRAY(flow_time, left->flow_count);
    SAME_ARRAY(reverse_offset, left->vertex_count + 1);
    SAME_ARRAY(reverse, left->reverse_count);
    for (uint32_t i = 0; i < property_count; i++) {
        SAME(same_column(&left->columns[i], &right->columns[i], left->flow_count));
    }
    return same_column(&left->row, &right->row, left->flow_count);
}

static inline bool same_schema(const struct schema *left, const struct schema *right)
{
    SAME_FIELD(property_count);
    for (uint32_t i = 0; i < left->property_count; i++) {
        SAME_FIELD(properties[i].type);
        SAME_FIELD(properties[i].role);
        SAME(strcmp(left->properties[i].name, right->properties[i].name) == 0);
    }
    return true;
}

static inline bool same_graph(const struct graph *left, const struct graph *right)
{
    SAME_FIELD(vertices.vertex_count);
    SAME_FIELD(edges.flow_count);
    SAME_FIELD(edges.link_count);
    SAME_FIELD(edges.degrees.flow_pairs[DIRECTION_IN][DIRECTION_OUT]);
    SAME_FIELD(edges.partition_count);
    SAME_ARRAY(vertices.partition_base, left->edges.partition_count + 1);
    SAME_ARRAY(vertices.addresses, left->vertices.vertex_count);
    SAME(same_dictionary(&left->vertices.address_texts, &right->vertices.address_texts));
    SAME(same_schema(&left->edges.schema, &right->edges.schema));
    for (uint32_t i = 0; i < left->edges.schema.property_count; i++) {
        SAME(same_dictionary(&left->edges.dictionaries[i], &right->edges.dictionaries[i]));
    }
    for (uint32_t i = 0; i < left->edges.partition_count; i++) {
        SAME(same_partition(&left->edges.partitions[i], &right->edges.partitions[i],
                            left->edges.schema.property_count));
    }
    return true;
}

#endif
