#include "engine/search_straight.h"

#include "engine/feasible.h"
#include "engine/search_emit.h"

bool straight_fits(const struct search *search)
{
    const struct plan *plan = search->plan;
    const struct bound_query *query = search->query;
    bool is_scan = query->edge_count == 1 && plan->step_count == 1 &&
                   plan->steps[0].kind == STEP_SCAN_LINKS && !plan->steps[0].by_time &&
                   search->counted_edge == UINT32_MAX;
    bool is_plain = search->residual_count == 0 && !search->has_windows && !search->once.is_on;
    for (uint32_t i = 0; i < search->structural_count; i++) {
        is_plain = is_plain && search->structural[i].program == NULL;
    }
    return is_scan && is_plain;
}

/* Lanes for the flows first..last-1 that pass, which are all where `bits` is NULL. */
static uint32_t fill_edges(const struct partition *partition, const uint64_t *bits, uint32_t first,
                           uint32_t last, edge_id *edges)
{
    uint32_t count = 0;
    for (uint32_t position = first; position < last; position++) {
        edges[count] = edge_id_of(partition->index, position);
        count += bits == NULL || bit_is_set(bits, position);
    }
    return count;
}

static void fill_vertices(vertex_id *vertices, vertex_id vertex, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        vertices[i] = vertex;
    }
}

/* Makes lanes of a link's flows. */
static uint32_t fill_lanes(struct searcher *searcher, uint32_t edge,
                           const struct partition *partition, const uint64_t *bits, uint32_t first,
                           uint32_t last)
{
    const struct search *search = searcher->search;
    struct match_batch *batch = &searcher->batch;
    if (batch->count + (last - first) > EVALUATE_LANES) {
        emit_flush(searcher);
    }
    uint32_t at = batch->count;
    uint32_t count = fill_edges(partition, bits, first, last, batch->edges[edge] + at);
    for (uint32_t v = 0; v < search->query->vertex_count; v++) {
        if ((search->reads.vertex_mask >> v & 1) != 0) {
            fill_vertices(batch->vertices[v] + at, searcher->vertices[v], count);
        }
    }
    batch->count += count;
    searcher->counters.matches += count;
    return count;
}

void straight_take(struct searcher *searcher, uint32_t edge, const struct partition *partition,
                   uint32_t link)
{
    const struct search *search = searcher->search;
    uint64_t *const *filter = search->filters->edges[edge].bits;
    const uint64_t *bits = filter == NULL ? NULL : filter[partition->index];
    uint32_t first = partition->flow_offset[link];
    uint32_t last = partition->flow_offset[link + 1];
    uint32_t count = last - first;
    if ((search->reads.edge_mask >> edge & 1) != 0) {
        count = fill_lanes(searcher, edge, partition, bits, first, last);
        searcher->counters.flows_visited += count;
        searcher->counters.plan.flow_visited[edge] += count;
        search_touch(searcher, partition, count, count * sizeof(time_ns));
    } else {
        count = bits == NULL ? count : (uint32_t)feasible_count_bits(bits, first, last);
        searcher->has_lane = false;
        if (count > 0) {
            emit_weight(searcher, count);
        }
    }
    searcher->counters.plan.flow_produced[edge] += count;
}
