#include "engine/match_plan.h"

#include "engine/filter_external.h"
#include "engine/match_ring.h"

/* The search for cycles takes every flow that passes by time, and trims it (docs/PERFORMANCE.md,
 * "Cycles of any length"). */
enum { CYCLE_CANDIDATES_PER_FLOW = 4, SAMPLE_FLOWS = 256 };

static vertex_id only_vertex(const struct vertex_filter *filter, uint32_t vertex_count)
{
    if (filter->bits == NULL || filter->pass_count != 1) {
        return VERTEX_NONE;
    }
    for (uint32_t word = 0; word <= (vertex_count - 1) >> 6; word++) {
        if (filter->bits[word] != 0) {
            return (word << 6) + (uint32_t)__builtin_ctzll(filter->bits[word]);
        }
    }
    return VERTEX_NONE;
}

void match_plan(struct plan *plan, const struct bound_query *query, const struct filters *filters,
                vertex_id *seek)
{
    struct plan_statistics known = {0};
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct flow_filter *filter = &filters->edges[e];
        known.edge_pass_counts[e] =
            filter->bits == NULL ? query->edges[e].frame->flow_count : filter->pass_count;
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        const struct vertex_filter *filter = &filters->vertices[v];
        uint32_t vertex_count = query->vertices[v].frame->vertex_count;
        known.vertex_pass_counts[v] = filter->bits == NULL ? vertex_count : filter->pass_count;
        known.vertex_seek[v] = only_vertex(filter, vertex_count);
        seek[v] = known.vertex_seek[v];
    }
    plan_build(plan, query, &known);
    plan->is_empty = plan->is_empty || filters->is_false;
}

/* From the earliest flow to the latest, nearly. */
static double time_span(const struct edge_frame *frame)
{
    time_ns first = INT64_MAX;
    time_ns last = INT64_MIN;
    for (uint32_t p = 0; p < frame->partition_count; p++) {
        const struct partition *partition = &frame->partitions[p];
        uint32_t step = partition->flow_count / SAMPLE_FLOWS + 1;
        for (uint64_t i = 0; i < partition->flow_count; i += step) {
            time_ns time = partition->flow_time[i];
            first = time < first ? time : first;
            last = time > last ? time : last;
        }
    }
    return last > first ? (double)last - (double)first : 1;
}

/* The share of flows that are in the window of a step that goes by time; the plan does not know how
 * far times go. */
static double window_share(const struct plan_step *step, const struct bound_query *query)
{
    uint32_t edge = step->edges[0];
    int64_t after = query->window.limit_ns[step->timed_by][edge];
    int64_t before = query->window.limit_ns[edge][step->timed_by];
    if (!step->by_time || after == WINDOW_NONE || before == WINDOW_NONE) {
        return 1;
    }
    double share = ((double)after + (double)before) / time_span(query->edges[edge].frame);
    return share < 1 ? share : 1;
}

double match_cost(const struct plan *plan, const struct bound_query *query,
                  const struct filters *filters)
{
    if (query->limit != UINT64_MAX) {
        return 0;
    }
    struct plan chosen = *plan;
    match_ring_choose(&chosen, query, filters, MATCH_CYCLES_BY_COST);
    if (chosen.ring.hop_count > 0) {
        return CYCLE_CANDIDATES_PER_FLOW * (double)plan->pass_counts[chosen.ring.edges[0]];
    }
    double share = 1;
    double candidates = 0;
    double matches = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        share *= window_share(&plan->steps[s], query);
        matches = plan->steps[s].estimate * share;
        candidates += matches;
    }
    return candidates + EXTERNAL_CANDIDATES * matches;
}
