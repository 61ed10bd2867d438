/* Rows of matches as ids; see engine/rows.h. */
#include "engine/rows.h"

#include <string.h>

void row_layout_init(struct row_layout *layout, const struct bound_query *query,
                     uint32_t vertex_mask)
{
    *layout = (struct row_layout){.edge_count = query->edge_count};
    uint32_t ends = 0;
    for (uint32_t edge = 0; edge < query->edge_count; edge++) {
        ends |= UINT32_C(1) << query->edges[edge].source;
        ends |= UINT32_C(1) << query->edges[edge].target;
    }
    for (uint32_t vertex = 0; vertex < query->vertex_count; vertex++) {
        if (((vertex_mask | ~ends) >> vertex & 1) != 0) {
            layout->vertex_at[vertex] = layout->vertex_count;
            layout->vertices[layout->vertex_count++] = vertex;
        }
    }
}

uint32_t rows_copy(struct rows *rows, const struct match_batch *batch, uint32_t begin)
{
    if (rows->chunk_count == 0) {
        return 0;
    }
    const struct row_layout *layout = &rows->layout;
    struct row_chunk *chunk = rows->chunks[rows->chunk_count - 1];
    uint32_t room = EVALUATE_LANES - chunk->count;
    uint32_t count = batch->count - begin < room ? batch->count - begin : room;
    for (uint32_t edge = 0; edge < layout->edge_count; edge++) {
        memcpy(row_chunk_edges(chunk, edge) + chunk->count, batch->edges[edge] + begin,
               count * sizeof(edge_id));
    }
    for (uint32_t at = 0; at < layout->vertex_count; at++) {
        memcpy(row_chunk_vertices(layout, chunk, at) + chunk->count,
               batch->vertices[layout->vertices[at]] + begin, count * sizeof(vertex_id));
    }
    chunk->count += count;
    return count;
}

bool rows_add_chunk(struct rows *rows, struct arena *arena)
{
    if (rows->spare_count > 0) {
        rows->spare_count--;
        rows->chunks[rows->chunk_count++]->count = 0;
        return true;
    }
    if (rows->chunk_count == rows->chunk_capacity) {
        uint64_t capacity = rows->chunk_capacity == 0 ? 64 : rows->chunk_capacity * 2;
        struct row_chunk **chunks = arena_resize(arena, rows->chunks, capacity, sizeof *chunks);
        if (chunks == NULL) {
            return false;
        }
        rows->chunks = chunks;
        rows->chunk_capacity = capacity;
    }
    struct row_chunk *chunk = arena_allocate(arena, row_chunk_bytes(&rows->layout), 1);
    if (chunk == NULL) {
        return false;
    }
    chunk->count = 0;
    rows->chunks[rows->chunk_count++] = chunk;
    return true;
}

bool rows_spill_chunk(struct rows *rows, struct spill_area *area)
{
    if (rows->spare_count > 0) {
        return rows_add_chunk(rows, NULL);
    }
    if (rows->chunk_count == rows->chunk_capacity) {
        uint64_t capacity = rows->chunk_capacity == 0 ? 64 : rows->chunk_capacity * 2;
        struct row_chunk **chunks = spill_allocate(area, capacity, sizeof *chunks);
        if (chunks == NULL) {
            return false;
        }
        if (rows->chunk_count > 0) {
            memcpy(chunks, rows->chunks, rows->chunk_count * sizeof *chunks);
        }
        rows->chunks = chunks;
        rows->chunk_capacity = capacity;
    }
    struct row_chunk *chunk = spill_allocate(area, row_chunk_bytes(&rows->layout), 1);
    if (chunk == NULL) {
        return false;
    }
    rows->chunks[rows->chunk_count++] = chunk;
    return true;
}

/* One row to a place at or before its own. */
static void move_row(struct rows *rows, uint64_t from, uint64_t to)
{
    const struct row_layout *layout = &rows->layout;
    struct row_chunk *source = rows->chunks[from / EVALUATE_LANES];
    struct row_chunk *target = rows->chunks[to / EVALUATE_LANES];
    uint64_t out = from % EVALUATE_LANES;
    uint64_t in = to % EVALUATE_LANES;
    for (uint32_t edge = 0; edge < layout->edge_count; edge++) {
        row_chunk_edges(target, edge)[in] = row_chunk_edges(source, edge)[out];
    }
    for (uint32_t at = 0; at < layout->vertex_count; at++) {
        row_chunk_vertices(layout, target, at)[in] = row_chunk_vertices(layout, source, at)[out];
    }
}

void rows_keep(struct rows *rows, const uint64_t *kept)
{
    uint64_t count = 0;
    uint64_t word_count = rows->chunk_count * (EVALUATE_LANES / 64);
    for (uint64_t word = 0; word < word_count; word++) {
        for (uint64_t bits = kept[word]; bits != 0; bits &= bits - 1) {
            move_row(rows, word * 64 + (uint64_t)__builtin_ctzll(bits), count++);
        }
    }
    uint64_t chunk_count = (count + EVALUATE_LANES - 1) / EVALUATE_LANES;
    rows->spare_count += rows->chunk_count - chunk_count;
    rows->chunk_count = chunk_count;
    if (count % EVALUATE_LANES != 0) {
        rows->chunks[chunk_count - 1]->count = (uint32_t)(count % EVALUATE_LANES);
    }
}

void rows_inputs(const struct rows *rows, uint64_t chunk, struct inputs *inputs)
{
    const struct row_layout *layout = &rows->layout;
    for (uint32_t edge = 0; edge < layout->edge_count; edge++) {
        inputs->edges[edge] = row_chunk_edges(rows->chunks[chunk], edge);
        inputs->edge_stride[edge] = 1;
    }
    for (uint32_t at = 0; at < layout->vertex_count; at++) {
        inputs->vertices[layout->vertices[at]] =
            row_chunk_vertices(layout, rows->chunks[chunk], at);
        inputs->vertex_stride[layout->vertices[at]] = 1;
    }
}
