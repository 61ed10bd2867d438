#include "engine/match_ring.h"

#include "engine/cycles.h"
#include "engine/orientation.h"
#include "engine/search_emit.h"

/* The search for cycles first takes all flows that pass by time, and so costs at least that much
 * (docs/PERFORMANCE.md, "Cycles of any length"). Triangles are found by intersecting, and so link
 * by link; with four flows a step is open, and goes through all neighbours of all neighbours. */
enum { CANDIDATES_PER_FLOW = 2 };

/* The search for cycles has one filter for all flows, and one for the vertex that it begins at. */
static bool has_one_filter(const struct ring *ring, const struct filters *filters)
{
    bool is_one = true;
    for (uint32_t hop = 1; is_one && hop < ring->hop_count; hop++) {
        is_one = filters->edges[ring->edges[hop]].bits == filters->edges[ring->edges[0]].bits &&
                 filters->vertices[ring->vertices[hop]].bits == NULL;
    }
    return is_one;
}

static bool is_cheaper(const struct ring *ring, const struct plan *plan)
{
    return plan_estimate(plan) > CANDIDATES_PER_FLOW * (double)plan->pass_counts[ring->edges[0]];
}

void match_ring_choose(struct plan *plan, const struct bound_query *query,
                       const struct filters *filters, enum match_cycles cycles)
{
    struct ring ring;
    if (cycles != MATCH_CYCLES_NEVER && !plan->is_empty && ring_find(&ring, query) &&
        has_one_filter(&ring, filters) &&
        (cycles == MATCH_CYCLES_ALWAYS || is_cheaper(&ring, plan))) {
        plan->ring = ring;
    }
}

static bool take_cycle(void *context, uint32_t worker, const struct cycle *cycle)
{
    const struct search *search = context;
    const struct ring *ring = &search->plan->ring;
    struct searcher *searcher = search->searchers[worker];
    struct match_batch *batch = &searcher->batch;
    uint32_t at = batch->count++;
    for (uint32_t hop = 0; hop < ring->hop_count; hop++) {
        batch->edges[ring->edges[hop]][at] = cycle->edges[hop];
        batch->vertices[ring->vertices[hop]][at] = cycle->vertices[hop];
    }
    if (batch->weights != NULL) {
        batch->weights[at] = 1;
    }
    searcher->counters.matches++;
    if (batch->count == EVALUATE_LANES || search->has_limit) {
        emit_flush(searcher);
    }
    return !stop_is_requested(search->stop);
}

static enum status count(const struct search *search, const struct cycle_query *query,
                         const struct cycle_options *options, struct cycle_statistics *statistics,
                         struct error *error)
{
    struct cycle_counts counts;
    enum status status = cycles_count(&counts, query, options, statistics, error);
    sink_take_count(search->sink, 0, counts.total);
    search->searchers[0]->counters.matches = counts.total;
    cycle_counts_close(&counts);
    return status;
}

static bool reads_flows(const struct search *search)
{
    return !search->reads.can_weigh || search->reads.edge_mask != 0;
}

/* Whether all that is read of a cycle is the vertex where it begins. */
static bool reads_anchor_only(const struct search *search)
{
    return !reads_flows(search) &&
           search->reads.vertex_mask == 1u << search->plan->ring.vertices[0];
}

/* One match for each vertex where cycles begin, with their number as its weight. */
static enum status count_by_anchor(const struct search *search, const struct cycle_query *query,
                                   const struct cycle_options *options,
                                   struct cycle_statistics *statistics, struct error *error)
{
    struct cycle_counts counts;
    struct cycle_options by_anchor = *options;
    struct searcher *searcher = search->searchers[0];
    struct match_batch *batch = &searcher->batch;
    uint32_t vertex = search->plan->ring.vertices[0];
    by_anchor.counts_anchors = true;
    enum status status = cycles_count(&counts, query, &by_anchor, statistics, error);
    for (uint64_t i = 0; i < counts.anchor_count; i++) {
        batch->vertices[vertex][batch->count] = counts.anchors[i].vertex;
        batch->weights[batch->count++] = counts.anchors[i].cycle_count;
        if (batch->count == EVALUATE_LANES) {
            emit_flush(searcher);
        }
    }
    emit_flush(searcher);
    searcher->counters.matches = counts.total;
    cycle_counts_close(&counts);
    return status;
}

/* Cycles along the same vertices are one match with a weight. */
static bool take_path(void *context, uint32_t worker, const struct cycle *cycle, uint64_t count)
{
    const struct search *search = context;
    const struct ring *ring = &search->plan->ring;
    struct searcher *searcher = search->searchers[worker];
    struct match_batch *batch = &searcher->batch;
    for (uint32_t hop = 0; hop < ring->hop_count; hop++) {
        batch->vertices[ring->vertices[hop]][batch->count] = cycle->vertices[hop];
    }
    batch->weights[batch->count++] = count;
    searcher->counters.matches += count;
    if (batch->count == EVALUATE_LANES || search->has_limit) {
        emit_flush(searcher);
    }
    return !stop_is_requested(search->stop);
}

static enum status find(const struct search *search, const struct cycle_query *query,
                        const struct cycle_options *options, struct cycle_statistics *statistics,
                        struct error *error)
{
    void *context = (void *)(uintptr_t)search;
    enum status status =
        reads_flows(search)
            ? cycles_find(query, options, take_cycle, context, statistics, error)
            : cycles_find_paths(query, options, take_path, context, statistics, error);
    for (uint32_t i = 0; i < team_worker_count(search->team); i++) {
        emit_flush(search->searchers[i]);
    }
    return status;
}

static enum status run(const struct search *search, const struct cycle_query *query,
                       const struct cycle_options *options, struct cycle_statistics *statistics,
                       struct error *error)
{
    if (search->counts_only) {
        return count(search, query, options, statistics, error);
    }
    if (reads_anchor_only(search)) {
        return count_by_anchor(search, query, options, statistics, error);
    }
    return find(search, query, options, statistics, error);
}

/* Whether what was found until then can be shown; a failure of the search has its own error. */
static bool ends_early(enum stop_reason reason)
{
    return reason != STOP_NONE && reason != STOP_ROWS && reason != STOP_FAILED;
}

enum status match_ring_run(struct search *search, const struct match_options *options,
                           struct budget *budget, struct match_statistics *statistics,
                           struct error *error)
{
    const struct ring *ring = &search->plan->ring;
    struct cycle_query query = {
        .graph = search->query->graph,
        .hops_min = ring->hop_count,
        .hops_max = ring->hop_count,
        .window_ns = ring->window_ns,
        .is_strict = ring->is_strict,
        .is_simple = ring->is_simple,
        .is_backward = ring->is_backward,
        .flow_bits = search->filters->edges[ring->edges[0]].bits,
        .anchor_bits = search->orientations[0].vertex_bits[ring->vertices[0]],
    };
    struct cycle_options chosen = {.team = search->team,
                                   .budget = budget,
                                   .stop = search->stop,
                                   .progress = search->progress,
                                   .splits_always = options->splits_always,
                                   .nodes = options->nodes};
    struct cycle_statistics found = {0};
    struct error own = {0};
    enum status status = run(search, &query, &chosen, &found, &own);
    statistics->flows_visited += found.flows_visited;
    statistics->links_visited += found.links_visited;
    thief_counts_sum(&statistics->work, &found.work);
    if (status == STATUS_OK || ends_early(stop_reason(search->stop))) {
        return STATUS_OK;
    }
    if (error != NULL) {
        *error = own;
    }
    return status;
}
