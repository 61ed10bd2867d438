/* The flows of the vertices that one partition owns, as two-level compressed sparse rows.
 *
 *   vertex -> links:  for each owned source, its distinct targets, ascending
 *   link   -> flows:  each link's flows, ascending in (time, row), contiguous in every column
 *   vertex -> reverse: for each owned target, the links that arrive, ascending in source; the link
 *                      itself lies in the source's partition
 *
 * Invariants (graph_validate checks them): offsets ascend and cover; targets of a source ascend
 * strictly; times of a link ascend, equal times in order of `row`; every link appears once in the
 * reverse of its target. Everything lies on the partition's node; immutable after build. */
#ifndef GYRE_GRAPH_PARTITION_H
#define GYRE_GRAPH_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time_text.h"
#include "graph/column.h"
#include "numa/arena.h"

/* Vertices are numbered over the whole graph; a partition owns a contiguous range of them, in the
 * order of their first appearance in the input. Flow and link numbers are local to a partition. */
typedef uint32_t vertex_id;

/* partition << 32 | position. */
typedef uint64_t edge_id;

#define PARTITION_FLOWS_MAX UINT64_C(0xfffffff0)
#define GRAPH_PARTITIONS_MAX 1024

static inline edge_id edge_id_of(uint32_t partition, uint32_t position)
{
    return (uint64_t)partition << 32 | position;
}
static inline uint32_t edge_partition(edge_id edge)
{
    return (uint32_t)(edge >> 32);
}
static inline uint32_t edge_position(edge_id edge)
{
    return (uint32_t)edge;
}

struct reverse_link {
    vertex_id source;
    uint32_t link; /* in the partition that owns `source` */
};

struct partition {
    uint32_t index;
    uint32_t node;
    vertex_id vertex_base; /* owns vertex_base .. vertex_base + vertex_count - 1 */
    uint32_t vertex_count;
    uint32_t link_count;
    uint32_t flow_count;
    uint32_t reverse_count;

    const uint32_t *link_offset;        /* [vertex_count + 1], by vertex - vertex_base */
    const vertex_id *link_target;       /* [link_count] */
    const uint32_t *flow_offset;        /* [link_count + 1] */
    const time_ns *flow_time;           /* [flow_count]; also the start-time column's values */
    const uint32_t *reverse_offset;     /* [vertex_count + 1] */
    const struct reverse_link *reverse; /* [reverse_count] */

    /* [property_count]; source and target properties have none (type as in the schema, width 0). */
    struct column *columns;
    struct column row; /* the flow's number in the input, over all files, from 0 */

    struct arena *arena; /* owns all of the above */
};

/* Whether links leave an owned vertex and links arrive. */
static inline bool partition_is_through(const struct partition *partition, uint32_t local)
{
    return partition->link_offset[local] < partition->link_offset[local + 1] &&
           partition->reverse_offset[local] < partition->reverse_offset[local + 1];
}

/* The source of a link: binary search in link_offset. */
vertex_id partition_link_source(const struct partition *partition, uint32_t link);

/* The link that holds a flow: binary search in flow_offset. */
uint32_t partition_flow_link(const struct partition *partition, uint32_t position);

/* The link from `source` (owned) to `target`, or LINK_NONE. */
#define LINK_NONE UINT32_MAX
uint32_t partition_find_link(const struct partition *partition, vertex_id source, vertex_id target);

uint64_t partition_bytes(const struct partition *partition, uint32_t property_count);

#endif
