#include "engine/match_sample.h"

#include "engine/feasible.h"

enum {
    LINKS = 256,   /* looked at for their flows */
    FLOWS = 128,   /* for their ends */
    ARRIVING = 32, /* links that arrive at an end, of those that are looked at */
};

double sample_links(const struct edge_frame *edges, const struct flow_filter *filter)
{
    double links = (double)edges->link_count;
    if (filter->bits == NULL) {
        return links;
    }
    uint64_t step = edges->link_count / LINKS + 1;
    double sampled = 0;
    double passing = 0;
    for (uint32_t p = 0; p < edges->partition_count; p++) {
        const struct partition *partition = &edges->partitions[p];
        for (uint64_t link = step / 2; link < partition->link_count; link += step) {
            uint32_t end = partition->flow_offset[link + 1];
            sampled += 1;
            passing += feasible_next_bit(filter->bits[p], partition->flow_offset[link], end) < end;
        }
    }
    /* One more of both, since a rare flow is easily missed. */
    double flows = (double)filter->pass_count;
    double estimate = links * (passing + 1) / (sampled + 1);
    return flows < estimate ? flows : estimate;
}

/* Sums of what is sampled, and of its weights. */
struct end_sums {
    struct degree ends[DIRECTION_COUNT];
    double links;
    double flows;
};

/* Takes the flow's ends for those of `flows` others that pass. */
static void take_flow(struct end_sums *sums, const struct edge_frame *edges,
                      const struct partition *partition, const uint64_t *bits, uint32_t position,
                      double flows)
{
    uint32_t link = partition_flow_link(partition, position);
    vertex_id ends[DIRECTION_COUNT] = {partition_link_source(partition, link),
                                       partition->link_target[link]};
    double links = flows / (double)feasible_count_bits(bits, partition->flow_offset[link],
                                                       partition->flow_offset[link + 1]);
    sums->links += links;
    sums->flows += flows;
    for (uint32_t end = 0; end < DIRECTION_COUNT; end++) {
        const struct partition *owner = graph_partition_of(edges, ends[end]);
        struct degree degree = degree_of(edges, owner, ends[end], ARRIVING);
        for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
            sums->ends[end].links[d] += links * degree.links[d];
            sums->ends[end].flows[d] += flows * degree.flows[d];
        }
    }
}

void sample_ends(const struct edge_frame *edges, const struct flow_filter *filter,
                 struct degree *ends)
{
    struct end_sums sums = {0};
    uint64_t step = edges->flow_count / FLOWS + 1;
    for (uint32_t p = 0; p < edges->partition_count; p++) {
        const struct partition *partition = &edges->partitions[p];
        for (uint64_t begin = 0; begin < partition->flow_count; begin += step) {
            uint64_t end =
                partition->flow_count - begin < step ? partition->flow_count : begin + step;
            uint64_t flows = feasible_count_bits(filter->bits[p], (uint32_t)begin, (uint32_t)end);
            if (flows > 0) {
                uint32_t position =
                    feasible_next_bit(filter->bits[p], (uint32_t)begin, (uint32_t)end);
                take_flow(&sums, edges, partition, filter->bits[p], position, (double)flows);
            }
        }
    }
    for (uint32_t end = 0; end < DIRECTION_COUNT && sums.flows > 0; end++) {
        for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
            ends[end].links[d] = sums.ends[end].links[d] / sums.links;
            ends[end].flows[d] = sums.ends[end].flows[d] / sums.flows;
        }
    }
}
