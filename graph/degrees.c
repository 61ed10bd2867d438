#include "graph/degrees.h"

#include "graph/graph.h"

enum { LOOKED_AT = 1024 };

static double leaving_flows(const struct partition *partition, uint32_t local)
{
    return (double)partition->flow_offset[partition->link_offset[local + 1]] -
           (double)partition->flow_offset[partition->link_offset[local]];
}

static double arriving_flows(const struct edge_frame *frame, const struct partition *partition,
                             uint32_t local, uint32_t looked_at)
{
    uint32_t begin = partition->reverse_offset[local];
    uint32_t end = partition->reverse_offset[local + 1];
    uint32_t step = 1 + (end - begin) / looked_at;
    double links = 0;
    double flows = 0;
    for (uint64_t i = begin; i < end; i += step) {
        struct reverse_link reverse = partition->reverse[i];
        const struct partition *owner = graph_partition_of(frame, reverse.source);
        flows += owner->flow_offset[reverse.link + 1] - owner->flow_offset[reverse.link];
        links += 1;
    }
    return links > 0 ? flows / links * (end - begin) : 0;
}

struct degree degree_of(const struct edge_frame *frame, const struct partition *partition,
                        vertex_id vertex, uint32_t looked_at)
{
    uint32_t local = vertex - partition->vertex_base;
    return (struct degree){
        .links = {partition->link_offset[local + 1] - partition->link_offset[local],
                  partition->reverse_offset[local + 1] - partition->reverse_offset[local]},
        .flows = {leaving_flows(partition, local),
                  arriving_flows(frame, partition, local, looked_at)}};
}

void degrees_add(struct degrees *degrees, const struct degree *degree)
{
    degrees->vertices += 1;
    for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
        degrees->links[d] += degree->links[d];
        degrees->flows[d] += degree->flows[d];
        for (uint32_t e = 0; e < DIRECTION_COUNT; e++) {
            degrees->link_pairs[d][e] += degree->links[d] * degree->links[e];
            degrees->flow_pairs[d][e] += degree->flows[d] * degree->flows[e];
        }
    }
}

void degrees_add_range(struct degrees *degrees, const struct edge_frame *frame, vertex_id begin,
                       vertex_id end)
{
    for (vertex_id vertex = begin; vertex < end; vertex++) {
        const struct partition *partition = graph_partition_of(frame, vertex);
        struct degree degree = degree_of(frame, partition, vertex, LOOKED_AT);
        degrees_add(degrees, &degree);
    }
}

void degrees_add_all(struct degrees *degrees, const struct degrees *others)
{
    degrees->vertices += others->vertices;
    for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
        degrees->links[d] += others->links[d];
        degrees->flows[d] += others->flows[d];
        for (uint32_t e = 0; e < DIRECTION_COUNT; e++) {
            degrees->link_pairs[d][e] += others->link_pairs[d][e];
            degrees->flow_pairs[d][e] += others->flow_pairs[d][e];
        }
    }
}

struct degrees degrees_of_share(const struct degrees *degrees, double share)
{
    struct degrees part = {.vertices = degrees->vertices * share};
    for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
        part.links[d] = degrees->links[d] * share;
        part.flows[d] = degrees->flows[d] * share;
        for (uint32_t e = 0; e < DIRECTION_COUNT; e++) {
            part.link_pairs[d][e] = degrees->link_pairs[d][e] * share;
            part.flow_pairs[d][e] = degrees->flow_pairs[d][e] * share;
        }
    }
    return part;
}
