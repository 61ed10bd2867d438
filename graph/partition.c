#include "graph/partition.h"

/* The interval of `offsets` [count + 1] that holds `position`, which is below offsets[count]. Empty
 * intervals hold nothing: the last one that begins at or before `position` is the one. */
static uint32_t interval_find(const uint32_t *offsets, uint32_t count, uint32_t position)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (offsets[middle] <= position) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

vertex_id partition_link_source(const struct partition *partition, uint32_t link)
{
    return partition->vertex_base +
           interval_find(partition->link_offset, partition->vertex_count, link);
}

uint32_t partition_flow_link(const struct partition *partition, uint32_t position)
{
    return interval_find(partition->flow_offset, partition->link_count, position);
}

uint32_t partition_find_link(const struct partition *partition, vertex_id source, vertex_id target)
{
    uint32_t low = partition->link_offset[source - partition->vertex_base];
    uint32_t end = partition->link_offset[source - partition->vertex_base + 1];
    uint32_t high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (partition->link_target[middle] < target) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < end && partition->link_target[low] == target ? low : LINK_NONE;
}

uint64_t partition_bytes(const struct partition *partition, uint32_t property_count)
{
    uint64_t vertices = partition->vertex_count;
    uint64_t links = partition->link_count;
    uint64_t flows = partition->flow_count;
    uint64_t bytes = (vertices + 1) * 2 * sizeof(uint32_t) + links * sizeof(vertex_id) +
                     (links + 1) * sizeof(uint32_t) + flows * sizeof(time_ns) +
                     partition->reverse_count * sizeof(struct reverse_link) +
                     property_count * sizeof(struct column) + column_bytes(&partition->row, flows);
    for (uint32_t property = 0; property < property_count; property++) {
        /* The start time is flow_time, already counted. */
        if (partition->columns[property].values != partition->flow_time) {
            bytes += column_bytes(&partition->columns[property], flows);
        }
    }
    return bytes;
}
