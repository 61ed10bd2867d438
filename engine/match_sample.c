#include "engine/match_sample.h"

#include <math.h>
#include <string.h>

#include "engine/feasible.h"
#include "graph/inner.h"

enum {
    LINKS = 256,         /* that pass are taken, about, */
    TRIED_LINKS = 16384, /* of so many at most that are looked at; */
    FOUND_LINKS = 32,    /* where fewer are found, those of the flows instead */
    FLOWS = 128,         /* are taken */
    MET_LINKS = 32,      /* of each edge at an end */
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

/* Of what is sampled of one edge; each flow and each link stands for others like it. Most links
 * have few flows, and most flows lie on few links, so that links and flows are sampled apart. */
struct sampling {
    const struct bound_query *query;
    const struct filters *filters;
    const struct edge_frame *frame;
    struct plan_statistics *statistics;
    uint32_t through; /* mask of vertices with edges in and out */
    uint32_t edge;
    uint32_t sampled;
    double links; /* that were sampled, */
    double flows;
    double kept_links; /* and whose ends pass */
    double kept_flows;
};

/* A flow that passes, and its link. */
struct sampled_flow {
    double links;   /* that the link stands for, or 0 */
    double flows;   /* that the flow stands for, or 0 */
    double on_link; /* flows that pass, of the link */
};

static bool vertex_passes(const struct sampling *sampling, uint32_t vertex, vertex_id id)
{
    const uint64_t *bits = sampling->filters->vertices[vertex].bits;
    const uint64_t *through =
        (sampling->through >> vertex & 1) != 0 ? sampling->frame->through : NULL;
    return (bits == NULL || bit_is_set(bits, id)) && (through == NULL || bit_is_set(through, id));
}

/* The flows of a link that pass the edge's filter. */
static double passing_flows(const struct sampling *sampling, uint32_t edge,
                            const struct partition *partition, uint32_t link)
{
    uint64_t *const *bits = sampling->filters->edges[edge].bits;
    uint32_t begin = partition->flow_offset[link];
    uint32_t end = partition->flow_offset[link + 1];
    return bits == NULL ? end - begin
                        : (double)feasible_count_bits(bits[partition->index], begin, end);
}

/* The links of `edge` that are walked at a vertex: the inner ones where no others can be meant. */
static double walked_links(const struct sampling *sampling, uint32_t edge, enum direction to,
                           vertex_id id, uint32_t count)
{
    const struct bound_edge *bound = &sampling->query->edges[edge];
    const struct inner *inner = sampling->frame->inner;
    uint32_t ends = 1u << bound->source | 1u << bound->target;
    if (inner == NULL || (ends & ~sampling->through) != 0) {
        return count;
    }
    const struct inner_lists *lists = to == DIRECTION_OUT ? &inner->leaving : &inner->arriving;
    uint32_t rank = inner_rank(inner, id);
    return lists->offset[rank + 1] - lists->offset[rank];
}

/* What `edge` finds at the end of the flow that is `id`, from some of its links there. */
static void take_meeting(const struct sampling *sampling, const struct sampled_flow *flow,
                         struct meeting *sums, uint32_t edge, enum direction to, vertex_id id)
{
    const struct bound_query *query = sampling->query;
    const struct partition *owner = graph_partition_of(sampling->frame, id);
    uint32_t far = to == DIRECTION_OUT ? query->edges[edge].target : query->edges[edge].source;
    uint32_t local = id - owner->vertex_base;
    const uint32_t *offset = to == DIRECTION_OUT ? owner->link_offset : owner->reverse_offset;
    uint32_t count = offset[local + 1] - offset[local];
    uint32_t step = 1 + count / MET_LINKS;
    double share = plan_window_share(query, sampling->statistics->span_ns, edge, sampling->edge);
    double sampled = 0;
    double timed = 0;
    double passed = 0;
    double met = 0;
    double flows = 0;
    for (uint64_t i = offset[local]; i < offset[local + 1]; i += step) {
        struct reverse_link link = {0, (uint32_t)i};
        const struct partition *holder = owner;
        if (to == DIRECTION_IN) {
            link = owner->reverse[i];
            holder = graph_partition_of(sampling->frame, link.source);
        }
        vertex_id other = to == DIRECTION_OUT ? owner->link_target[i] : link.source;
        double passing = passing_flows(sampling, edge, holder, link.link);
        sampled += 1;
        timed += passing;
        if (vertex_passes(sampling, far, other)) {
            double in_window = passing * flow->on_link * share;
            flows += passing;
            passed += passing > 0;
            met += in_window < 1 ? in_window : 1;
        }
    }
    if (sampled == 0) {
        return;
    }
    double scale = count / sampled;
    double all = 2.0 * count < timed * scale ? 2.0 * count : timed * scale;
    double windows = timed * scale * flow->on_link * share;
    double walked = walked_links(sampling, edge, to, id, count);
    sums->links += flow->links * walked;
    sums->root += flow->links * sqrt(walked);
    sums->timed += flow->links * (windows < all ? windows : all);
    sums->passed += flow->links * passed * scale;
    sums->met += flow->links * met * scale;
    sums->flows += flow->flows * flows * scale;
}

/* What all other edges find at the flow's ends. */
static void take_ends(const struct sampling *sampling, const struct sampled_flow *flow,
                      const vertex_id *ids)
{
    const struct bound_query *query = sampling->query;
    const struct bound_edge *bound = &query->edges[sampling->edge];
    for (uint32_t end = 0; end < DIRECTION_COUNT; end++) {
        uint32_t vertex = end == DIRECTION_OUT ? bound->source : bound->target;
        struct meeting *sums = sampling->statistics->meetings[sampling->edge][end];
        for (uint32_t e = 0; e < query->edge_count; e++) {
            const struct bound_edge *other = &query->edges[e];
            if (e != sampling->edge && (other->source == vertex || other->target == vertex)) {
                enum direction to = other->source == vertex ? DIRECTION_OUT : DIRECTION_IN;
                take_meeting(sampling, flow, &sums[e], e, to, ids[end]);
            }
        }
    }
}

/* Takes a flow of the link, and the link. */
static void take(struct sampling *sampling, const struct partition *partition, uint32_t link,
                 const struct sampled_flow *flow)
{
    const struct bound_edge *bound = &sampling->query->edges[sampling->edge];
    vertex_id ids[DIRECTION_COUNT] = {partition_link_source(partition, link),
                                      partition->link_target[link]};
    sampling->sampled++;
    sampling->links += flow->links;
    sampling->flows += flow->flows;
    if ((bound->source != bound->target || ids[0] == ids[1]) &&
        vertex_passes(sampling, bound->source, ids[DIRECTION_OUT]) &&
        vertex_passes(sampling, bound->target, ids[DIRECTION_IN])) {
        sampling->kept_links += flow->links;
        sampling->kept_flows += flow->flows;
        take_ends(sampling, flow, ids);
    }
}

/* False where too few of the links that were looked at have a flow that passes. */
static bool take_links(struct sampling *sampling)
{
    const struct edge_frame *frame = sampling->frame;
    double passing = sampling->statistics->edge_link_counts[sampling->edge];
    uint64_t step = 1 + (uint64_t)passing / LINKS;
    uint64_t least = 1 + frame->link_count / TRIED_LINKS;
    step = step < least ? least : step;
    for (uint32_t p = 0; p < frame->partition_count; p++) {
        const struct partition *partition = &frame->partitions[p];
        for (uint64_t link = step / 2; link < partition->link_count; link += step) {
            struct sampled_flow flow = {.links = 1};
            flow.on_link = passing_flows(sampling, sampling->edge, partition, (uint32_t)link);
            if (flow.on_link > 0) {
                take(sampling, partition, (uint32_t)link, &flow);
            }
        }
    }
    return sampling->sampled >= FOUND_LINKS;
}

/* Links are taken too, where they are too rare to be found in another way. */
static void take_flows(struct sampling *sampling, bool takes_links)
{
    uint64_t *const *bits = sampling->filters->edges[sampling->edge].bits;
    uint64_t step = sampling->frame->flow_count / FLOWS + 1;
    for (uint32_t p = 0; p < sampling->frame->partition_count; p++) {
        const struct partition *partition = &sampling->frame->partitions[p];
        for (uint64_t at = 0; at < partition->flow_count; at += step) {
            uint32_t begin = (uint32_t)at;
            uint32_t end =
                (uint32_t)(partition->flow_count - at < step ? partition->flow_count : at + step);
            uint64_t flows = bits == NULL ? end - begin : feasible_count_bits(bits[p], begin, end);
            if (flows > 0) {
                uint32_t position = bits == NULL ? begin + (end - begin) / 2
                                                 : feasible_next_bit(bits[p], begin, end);
                uint32_t link = partition_flow_link(partition, position);
                struct sampled_flow flow = {.flows = (double)flows};
                flow.on_link = passing_flows(sampling, sampling->edge, partition, link);
                flow.links = takes_links ? flow.flows / flow.on_link : 0;
                take(sampling, partition, link, &flow);
            }
        }
    }
}

/* Sums become means. */
static void divide(struct sampling *sampling)
{
    struct plan_statistics *statistics = sampling->statistics;
    for (uint32_t end = 0; end < DIRECTION_COUNT; end++) {
        for (uint32_t e = 0; e < sampling->query->edge_count; e++) {
            struct meeting *meeting = &statistics->meetings[sampling->edge][end][e];
            meeting->links /= sampling->kept_links;
            meeting->root /= sampling->kept_links;
            meeting->timed /= sampling->kept_links;
            meeting->passed /= sampling->kept_links;
            meeting->met /= sampling->kept_links;
            meeting->flows /= sampling->kept_flows;
        }
    }
}

void sample_meetings(const struct bound_query *query, const struct filters *filters,
                     struct plan_statistics *statistics)
{
    uint32_t sources = 0;
    uint32_t targets = 0;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        sources |= 1u << query->edges[e].source;
        targets |= 1u << query->edges[e].target;
    }
    /* Turned edges go through other vertices. */
    uint32_t through = query_undirected_edges(query) == 0 ? sources & targets : 0;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        struct sampling sampling = {.query = query,
                                    .filters = filters,
                                    .frame = &query->graph->edges,
                                    .statistics = statistics,
                                    .through = through,
                                    .edge = e};
        bool has_links = take_links(&sampling);
        if (!has_links) {
            sampling.links = 0;
            sampling.kept_links = 0;
            memset(statistics->meetings[e], 0, sizeof statistics->meetings[e]);
        }
        take_flows(&sampling, !has_links);
        struct edge_share *share = &statistics->edge_shares[e];
        share->is_sampled = sampling.kept_links > 0 && sampling.kept_flows > 0;
        if (share->is_sampled) {
            share->links = sampling.kept_links / sampling.links;
            share->flows = sampling.kept_flows / sampling.flows;
            divide(&sampling);
        } else if (sampling.sampled > 0) {
            /* The next one might have passed. */
            share->links = 1.0 / (sampling.sampled + 1);
            share->flows = share->links;
        }
    }
}
