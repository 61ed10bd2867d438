#include "engine/match_plan.h"

#include "engine/filter_external.h"
#include "engine/match_ring.h"
#include "engine/match_sample.h"

/* The search for cycles takes every flow that passes by time, and trims it (docs/PERFORMANCE.md,
 * "Cycles of any length"). */
enum { CYCLE_CANDIDATES_PER_FLOW = 4 };

enum {
    SAMPLE_FLOWS = 256,        /* of a partition, for the span of time */
    ARRIVING_LINKS = 1024,     /* looked at, of a vertex */
    SAMPLED_COST = 1000000,    /* from which on samples of flows cost less than they may save, */
    REHEARSED_COST = 16000000, /* and those of partial matches, */
    COMPARED_COST = 2000000,   /* and, of what these show, those of all other orders */
    COUNTED_VERTICES = 4096,   /* whose links are counted; of more, their share of all is taken */
};

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

/* What the planner needs to know of the vertices that pass. */
static struct degrees passing_degrees(const struct edge_frame *edges,
                                      const struct vertex_filter *filter, uint32_t vertex_count)
{
    if (filter->bits == NULL) {
        return edges->degrees;
    }
    if (filter->pass_count > COUNTED_VERTICES) {
        return degrees_of_share(&edges->degrees, (double)filter->pass_count / vertex_count);
    }
    struct degrees degrees = {0};
    for (uint32_t word = 0; filter->pass_count > 0 && word <= (vertex_count - 1) >> 6; word++) {
        for (uint64_t rest = filter->bits[word]; rest != 0; rest &= rest - 1) {
            vertex_id vertex = (word << 6) + (uint32_t)__builtin_ctzll(rest);
            const struct partition *partition = graph_partition_of(edges, vertex);
            struct degree degree = degree_of(edges, partition, vertex, ARRIVING_LINKS);
            degrees_add(&degrees, &degree);
        }
    }
    return degrees;
}

/* Whether the search may end long before it has found everything. */
static bool ends_early(const struct bound_query *query)
{
    return query->limit != UINT64_MAX && query->order_count == 0 && !query->is_grouped;
}

/* Whether the search for cycles takes it, whatever the order of the steps. */
static bool is_ring(const struct plan *plan, const struct bound_query *query,
                    const struct filters *filters)
{
    struct plan chosen = *plan;
    match_ring_choose(&chosen, query, filters, MATCH_CYCLES_BY_COST);
    return chosen.ring.hop_count > 0;
}

/* Plans anew, with what is sampled of the filters' flows, and of partial matches. */
static void rehearse(struct plan *plan, const struct bound_query *query,
                     const struct filters *filters, struct plan_statistics *known,
                     const struct rehearsal_means *means)
{
    const struct edge_frame *edges = &query->graph->edges;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        if (filters->edges[e].bits != NULL) {
            sample_ends(edges, &filters->edges[e], known->edge_ends[e]);
        }
    }
    plan_build(plan, query, known);
    if (!means->is_wanted &&
        (plan->cost <= REHEARSED_COST || ends_early(query) || is_ring(plan, query, filters))) {
        return;
    }
    struct rehearsal *rehearsal = rehearsal_open(query, filters, known->vertex_seek, means);
    if (rehearsal == NULL) {
        return;
    }
    struct plan_sampler sampler = {.context = rehearsal,
                                   .begin = rehearsal_begin,
                                   .try_step = rehearsal_try,
                                   .try_flows = rehearsal_try_flows,
                                   .effort_cost = means->is_wanted ? 1 : COMPARED_COST,
                                   .starts_max = REHEARSAL_STARTS_MAX};
    known->sampler = &sampler;
    plan_build(plan, query, known);
    rehearsal_close(rehearsal);
}

void match_plan(struct plan *plan, const struct bound_query *query, const struct filters *filters,
                const struct rehearsal_means *means, vertex_id *seek)
{
    const struct edge_frame *edges = &query->graph->edges;
    struct plan_statistics known = {.span_ns = time_span(edges)};
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct flow_filter *filter = &filters->edges[e];
        known.edge_pass_counts[e] = filter->bits == NULL ? edges->flow_count : filter->pass_count;
        known.edge_link_counts[e] = sample_links(edges, filter);
        plan_statistics_set_ends(&known, e, edges);
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        const struct vertex_filter *filter = &filters->vertices[v];
        uint32_t vertex_count = query->vertices[v].frame->vertex_count;
        known.vertex_pass_counts[v] = filter->bits == NULL ? vertex_count : filter->pass_count;
        known.vertex_seek[v] = only_vertex(filter, vertex_count);
        known.vertex_degrees[v] = passing_degrees(edges, filter, vertex_count);
        seek[v] = known.vertex_seek[v];
    }
    plan_build(plan, query, &known);
    plan->is_empty = plan->is_empty || filters->is_false;
    if (!plan->is_empty && (means->is_wanted || plan->cost > SAMPLED_COST)) {
        rehearse(plan, query, filters, &known, means);
    }
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
    double matches = plan->step_count == 0 ? 0 : plan->steps[plan->step_count - 1].estimate;
    return plan_estimate(plan) + EXTERNAL_CANDIDATES * matches;
}
