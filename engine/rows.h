/* Rows of matches as ids, in chunks of EVALUATE_LANES rows: columns within a chunk, so that a chunk
 * is what programs read. A row is told by chunk * EVALUATE_LANES + place. */
#ifndef GYRE_ENGINE_ROWS_H
#define GYRE_ENGINE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/evaluate.h"
#include "engine/sink.h"
#include "numa/spill.h"

/* Which variables a row keeps: all flows, and the vertices that outputs or the order need. */
struct row_layout {
    uint32_t edge_count;
    uint32_t vertex_count;
    uint32_t vertices[PATTERN_VERTICES_MAX];  /* [vertex_count] pattern vertices */
    uint32_t vertex_at[PATTERN_VERTICES_MAX]; /* the inverse */
};

struct row_chunk {
    uint32_t count;
    _Alignas(64) char ids[]; /* edge_count columns of edge_id, then vertex_count of vertex_id */
};

struct rows {
    struct row_layout layout;
    struct row_chunk **chunks;
    uint64_t chunk_count;
    uint64_t spare_count; /* chunks after them that rows_keep emptied */
    uint64_t chunk_capacity;
};

static inline uint64_t row_chunk_bytes(const struct row_layout *layout)
{
    return sizeof(struct row_chunk) +
           (uint64_t)EVALUATE_LANES *
               (layout->edge_count * sizeof(edge_id) + layout->vertex_count * sizeof(vertex_id));
}

static inline edge_id *row_chunk_edges(struct row_chunk *chunk, uint32_t edge)
{
    return (edge_id *)(void *)chunk->ids + (uint64_t)edge * EVALUATE_LANES;
}

static inline vertex_id *row_chunk_vertices(const struct row_layout *layout,
                                            struct row_chunk *chunk, uint32_t at)
{
    return (vertex_id *)(void *)row_chunk_edges(chunk, layout->edge_count) +
           (uint64_t)at * EVALUATE_LANES;
}

static inline edge_id rows_edge(const struct rows *rows, uint64_t row, uint32_t edge)
{
    return row_chunk_edges(rows->chunks[row / EVALUATE_LANES], edge)[row % EVALUATE_LANES];
}

static inline vertex_id rows_vertex(const struct rows *rows, uint64_t row, uint32_t vertex)
{
    const struct row_layout *layout = &rows->layout;
    return row_chunk_vertices(layout, rows->chunks[row / EVALUATE_LANES],
                              layout->vertex_at[vertex])[row % EVALUATE_LANES];
}

/* Keeps all flows, the vertices of `vertex_mask`, and those that are no end of any flow. */
void row_layout_init(struct row_layout *layout, const struct bound_query *query,
                     uint32_t vertex_mask);

/* Copies rows `begin` .. of the batch, at most as many as the last chunk has room for; returns how
 * many. Zero: a chunk must be added. */
uint32_t rows_copy(struct rows *rows, const struct match_batch *batch, uint32_t begin);

/* Adds an empty chunk. False when memory runs out. */
bool rows_add_chunk(struct rows *rows, struct arena *arena);

/* As rows_add_chunk, on disk; from then on only this is to be called. False when that is full. */
bool rows_spill_chunk(struct rows *rows, struct spill_area *area);

/* Drops the rows whose bit in `kept` is not set, and closes the gaps; the others keep their order.
 * All chunks are full. */
void rows_keep(struct rows *rows, const uint64_t *kept);

/* What programs read of a chunk. */
void rows_inputs(const struct rows *rows, uint64_t chunk, struct inputs *inputs);

#endif
