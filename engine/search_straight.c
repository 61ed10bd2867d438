#include "engine/search_straight.h"

#include "engine/feasible.h"
#include "engine/search_emit.h"

bool straight_fits(const struct search *search)
{
    const struct plan *plan = search->plan;
    const struct bound_query *query = search->query;
    bool is_scan =
        query->edge_count == 1 && plan->step_count == 1 && plan->steps[0].kind == STEP_SCAN_LINKS;
    bool is_plain = search->residual_count == 0 && !search->once.is_on;
    for (uint32_t i = 0; i < search->structural_count; i++) {
        is_plain = is_plain && search->structural[i].program == NULL;
    }
    return is_scan && is_plain;
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
        count = emit_range(searcher, edge, partition, bits, first, last);
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
