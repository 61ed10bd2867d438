#include "engine/search_emit.h"

void emit_flush(struct searcher *searcher)
{
    const struct search *search = searcher->search;
    uint32_t worker = searcher->worker->index;
    if (searcher->batch.count > 0) {
        if (search->judge != NULL) {
            search->judge(search->judge_context, worker, &searcher->batch);
        }
        sink_take(search->sink, worker, &searcher->batch);
        searcher->batch.count = 0;
        searcher->has_lane = false;
    }
}

/* The vertices that the query reads of the next `count` matches, in their lanes. */
static void fill_vertices(const struct searcher *searcher, uint32_t count)
{
    const struct search *search = searcher->search;
    const struct match_batch *batch = &searcher->batch;
    for (uint32_t v = 0; v < search->query->vertex_count; v++) {
        if ((search->reads.vertex_mask >> v & 1) == 0) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            batch->vertices[v][batch->count + i] = searcher->vertices[v];
        }
    }
}

/* What the query reads of the matches with the flows of `edge` at these positions becomes the next
 * lanes of the batch. */
static void fill_lanes(struct searcher *searcher, uint32_t edge, const uint32_t *positions,
                       uint32_t count)
{
    const struct bound_query *query = searcher->search->query;
    const struct query_reads *reads = &searcher->search->reads;
    struct match_batch *batch = &searcher->batch;
    uint32_t at = batch->count;
    fill_vertices(searcher, count);
    for (uint32_t e = 0; e < query->edge_count; e++) {
        if ((reads->edge_mask >> e & 1) == 0) {
            continue;
        }
        uint32_t partition = searcher->partitions[e]->index;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t position = e == edge ? positions[i] : searcher->positions[e];
            batch->edges[e][at + i] = edge_id_of(partition, position);
        }
    }
    batch->count += count;
}

void emit_flows(struct searcher *searcher, uint32_t edge, const uint32_t *positions, uint32_t count)
{
    const struct search *search = searcher->search;
    struct match_batch *batch = &searcher->batch;
    if ((search->reads.edge_mask >> edge & 1) == 0) {
        emit_weight(searcher, count);
        return;
    }
    searcher->counters.matches += count;
    searcher->has_found = true;
    if (batch->count + count > EVALUATE_LANES) {
        emit_flush(searcher);
    }
    for (uint32_t i = 0; batch->weights != NULL && i < count; i++) {
        batch->weights[batch->count + i] = 1;
    }
    fill_lanes(searcher, edge, positions, count);
}

uint32_t emit_range(struct searcher *searcher, uint32_t edge, const struct partition *partition,
                    const uint64_t *bits, uint32_t first, uint32_t last)
{
    struct match_batch *batch = &searcher->batch;
    if (batch->count + (last - first) > EVALUATE_LANES) {
        emit_flush(searcher);
    }
    edge_id *edges = batch->edges[edge] + batch->count;
    uint32_t count = 0;
    for (uint32_t position = first; position < last; position++) {
        edges[count] = edge_id_of(partition->index, position);
        count += bits == NULL || bit_is_set(bits, position);
    }
    fill_vertices(searcher, count);
    batch->count += count;
    searcher->counters.matches += count;
    return count;
}

void emit_weight(struct searcher *searcher, uint64_t weight)
{
    const struct search *search = searcher->search;
    struct match_batch *batch = &searcher->batch;
    searcher->counters.matches += weight;
    searcher->has_found = true;
    if (search->counts_only) {
        sink_take_count(search->sink, searcher->worker->index, weight);
        return;
    }
    if (search->reads.edge_mask == 0 && searcher->has_lane) {
        batch->weights[batch->count - 1] += weight;
        return;
    }
    if (batch->count == EVALUATE_LANES) {
        emit_flush(searcher);
    }
    batch->weights[batch->count] = weight;
    fill_lanes(searcher, UINT32_MAX, NULL, 1);
    searcher->has_lane = true;
}
