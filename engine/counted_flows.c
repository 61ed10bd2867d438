#include "engine/counted_flows.h"

#include <sched.h>

#include "engine/feasible.h"
#include "engine/orientation.h"
#include "engine/window.h"

static const struct plan_step *counted_step(const struct searcher *searcher)
{
    return &searcher->search->plan->steps[searcher->search->laid_step_count];
}

static bool is_out(const struct searcher *searcher)
{
    const struct bound_edge *edges = searcher->orientation->edges;
    return edges[searcher->search->counted_edge].target == counted_step(searcher)->vertex;
}

/* The end of a flow for `edge` on the side where the counted edge has its near vertex. */
static vertex_id near_end(const struct searcher *searcher, uint32_t edge)
{
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    return searcher->vertices[is_out(searcher) ? bound->source : bound->target];
}

static vertex_id far_end(const struct searcher *searcher, uint32_t edge)
{
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    return searcher->vertices[is_out(searcher) ? bound->target : bound->source];
}

static const uint64_t *filter_bits(const struct searcher *searcher,
                                   const struct partition *partition)
{
    const struct search *search = searcher->search;
    uint64_t *const *bits = search->filters->edges[search->counted_edge].bits;
    return bits == NULL ? NULL : bits[partition->index];
}

static bool is_excluded(const struct counted_flows *counted, vertex_id vertex)
{
    for (uint32_t i = 0; i < counted->excluded_count; i++) {
        if (counted->excluded[i].vertex == vertex) {
            return true;
        }
    }
    return false;
}

static void exclude(struct searcher *searcher, vertex_id near, vertex_id vertex)
{
    struct counted_flows *counted = &searcher->counted;
    if (is_excluded(counted, vertex)) {
        return;
    }
    const struct edge_frame *edges = searcher->search->edges;
    struct excluded_link *excluded = &counted->excluded[counted->excluded_count++];
    struct neighbours neighbours;
    *excluded = (struct excluded_link){.vertex = vertex};
    neighbours_set(&neighbours, edges, near, is_out(searcher));
    if (neighbours_search(&neighbours, vertex)) {
        uint32_t link =
            neighbours_link(&neighbours, edges, neighbours.cursor, &excluded->partition);
        excluded->first = excluded->partition->flow_offset[link];
        excluded->last = excluded->partition->flow_offset[link + 1];
        excluded->hint = excluded->first;
    }
}

/* The near vertex's flows. Whoever comes while another worker orders them needs them as much. */
static void find_flows(struct searcher *searcher, const struct time_order *order)
{
    struct counted_flows *counted = &searcher->counted;
    enum time_order_state state = TIME_ORDER_AWAITED;
    while (state == TIME_ORDER_AWAITED) {
        state = time_order_find(order, counted->partition, counted->local, &searcher->order_room,
                                &counted->flows);
        if (state == TIME_ORDER_AWAITED) {
            sched_yield();
        }
    }
}

void counted_flows_enter(struct searcher *searcher)
{
    const struct search *search = searcher->search;
    const struct time_order *order = searcher->orientation->orders[search->laid_step_count];
    struct counted_flows *counted = &searcher->counted;
    counted->begin = 0;
    counted->end = 0;
    counted->excluded_count = 0;
    if (counted_step(searcher)->kind == STEP_SCAN_LINKS) {
        counted->flows = order->whole;
        return;
    }
    vertex_id near = near_end(searcher, search->counted_edge);
    counted->partition = graph_partition_of(search->edges, near);
    counted->local = near - counted->partition->vertex_base;
    find_flows(searcher, order);
    search_touch(searcher, counted->partition, 0, sizeof counted->flows);
    for (uint32_t rest = searcher->orientation->counted_apart; rest != 0; rest &= rest - 1) {
        exclude(searcher, near, searcher->vertices[__builtin_ctz(rest)]);
    }
}

/* The first flow not before `least`, galloping from `near` if that is not beyond it. */
static uint64_t seek(const struct timed_flows *flows, uint64_t near, time_ns least)
{
    bool is_beyond = near > 0 && flows->flows[near - 1].time >= least;
    return timed_link_seek(flows->flows, is_beyond ? 0 : near, flows->count, least);
}

static uint64_t count_range(struct counted_flows *counted, time_ns earliest, time_ns latest)
{
    const struct timed_flows *flows = &counted->flows;
    counted->begin = seek(flows, counted->begin, earliest);
    uint64_t near = counted->end > counted->begin ? counted->end : counted->begin;
    counted->end = latest == INT64_MAX ? flows->count : seek(flows, near, latest + 1);
    return counted->end - counted->begin;
}

static uint64_t count_links(const struct searcher *searcher, time_ns earliest, time_ns latest)
{
    const struct counted_flows *counted = &searcher->counted;
    const struct search *search = searcher->search;
    const struct time_order *order = searcher->orientation->orders[search->laid_step_count];
    return vertex_flows_within(&order->of, counted->partition, counted->local, earliest, latest);
}

static uint64_t count_excluded(struct searcher *searcher, struct excluded_link *excluded,
                               time_ns earliest, time_ns latest)
{
    if (excluded->first == excluded->last) {
        return 0;
    }
    const time_ns *times = excluded->partition->flow_time;
    const uint64_t *bits = filter_bits(searcher, excluded->partition);
    bool is_beyond = excluded->hint > excluded->first && times[excluded->hint - 1] >= earliest;
    uint32_t from = is_beyond ? excluded->first : excluded->hint;
    uint32_t begin = window_begin(times, from, excluded->last, earliest);
    uint32_t end = window_end(times, begin, excluded->last, latest);
    excluded->hint = begin;
    return bits == NULL ? end - begin : feasible_count_bits(bits, begin, end);
}

/* Whether a flow that was counted is the one of another edge of the same MATCH. */
static bool is_taken(const struct searcher *searcher, uint32_t edge, time_ns earliest,
                     time_ns latest)
{
    const struct search *search = searcher->search;
    const struct bound_edge *edges = search->query->edges;
    const struct partition *partition = searcher->partitions[edge];
    uint32_t position = searcher->positions[edge];
    time_ns time = partition->flow_time[position];
    const uint64_t *bits = filter_bits(searcher, partition);
    bool is_there = counted_step(searcher)->kind == STEP_SCAN_LINKS ||
                    (near_end(searcher, edge) == near_end(searcher, search->counted_edge) &&
                     !is_excluded(&searcher->counted, far_end(searcher, edge)));
    return is_there && edges[edge].clause == edges[search->counted_edge].clause &&
           time >= earliest && time <= latest && (bits == NULL || bit_is_set(bits, position));
}

uint64_t counted_flows_count(struct searcher *searcher, uint32_t chosen_edges)
{
    struct counted_flows *counted = &searcher->counted;
    time_ns earliest = INT64_MIN;
    time_ns latest = INT64_MAX;
    if (!feasible_window(searcher, searcher->search->counted_edge, chosen_edges, &earliest,
                         &latest)) {
        return 0;
    }
    uint64_t count = counted->flows.flows != NULL ? count_range(counted, earliest, latest)
                                                  : count_links(searcher, earliest, latest);
    for (uint32_t i = 0; count > 0 && i < counted->excluded_count; i++) {
        count -= count_excluded(searcher, &counted->excluded[i], earliest, latest);
    }
    for (uint32_t rest = count > 0 ? chosen_edges : 0; rest != 0; rest &= rest - 1) {
        count -= is_taken(searcher, (uint32_t)__builtin_ctz(rest), earliest, latest);
    }
    return count;
}
