/* Keeping the first rows of an order; see engine/top.h. */
#include "engine/top.h"

#include <string.h>

#include "engine/program.h"

enum {
    NEEDED_MAX = 1 << 16, /* more rows are ordered once, by the team; this takes milliseconds */
    SPARE_CHUNKS = 8,     /* so that few rows are not ordered again and again */
};

enum status top_open(struct top *top, const struct bound_query *query, struct arena *arena,
                     struct error *error)
{
    *top = (struct top){.needed = UINT64_MAX, .chunk_limit = UINT64_MAX};
    uint64_t needed = 0;
    if (query->order_count == 0 || __builtin_add_overflow(query->skip, query->limit, &needed) ||
        needed > NEEDED_MAX) {
        return STATUS_OK;
    }
    top->programs = arena_allocate(arena, query->order_count, sizeof(struct program *));
    if (top->programs == NULL) {
        return arena_error(arena, "collecting results", error);
    }
    bool makes_text = false;
    for (uint32_t i = 0; i < query->order_count; i++) {
        TRY(program_build(&top->programs[i], query, query->orders[i].expression, arena, error));
        makes_text = makes_text || top->programs[i]->makes_text;
    }
    if (!makes_text) {
        top->needed = needed;
        top->chunk_limit = 2 * ((needed + EVALUATE_LANES - 1) / EVALUATE_LANES) + SPARE_CHUNKS;
    }
    return STATUS_OK;
}

static bool allocate(const struct top *top, struct top_buffers *buffers,
                     const struct bound_query *query, struct rows *rows, struct arena *arena)
{
    uint64_t count = top->chunk_limit * EVALUATE_LANES;
    uint32_t order_count = query->order_count;
    buffers->pairs = arena_allocate(arena, count, sizeof *buffers->pairs);
    buffers->scratch = arena_allocate(arena, count, sizeof *buffers->scratch);
    buffers->kept = arena_allocate(arena, count / 64, sizeof *buffers->kept);
    buffers->values = arena_allocate_zeroed(arena, order_count, sizeof *buffers->values);
    buffers->nulls = arena_allocate_zeroed(arena, order_count, sizeof *buffers->nulls);
    uint32_t key_room = order_count + query->edge_count + query->vertex_count;
    struct order_key *keys = arena_allocate_zeroed(arena, key_room, sizeof *keys);
    if (buffers->pairs == NULL || buffers->scratch == NULL || buffers->kept == NULL ||
        buffers->values == NULL || buffers->nulls == NULL || keys == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < order_count; i++) {
        buffers->values[i] = arena_allocate(arena, count, sizeof *buffers->values[i]);
        buffers->nulls[i] = arena_allocate(arena, count, 1);
        if (buffers->values[i] == NULL || buffers->nulls[i] == NULL) {
            return false;
        }
        keys[i] = (struct order_key){.type = top->programs[i]->type,
                                     .is_descending = query->orders[i].is_descending,
                                     .values = buffers->values[i],
                                     .nulls = buffers->nulls[i]};
    }
    buffers->key_count = order_count + order_add_row_keys(query, rows, keys + order_count);
    buffers->keys = keys; /* set last: all of the rest is there */
    return true;
}

static enum status evaluate(const struct top *top, struct top_buffers *buffers,
                            const struct bound_query *query, const struct rows *rows,
                            struct error *error)
{
    for (uint64_t chunk = 0; chunk < rows->chunk_count; chunk++) {
        struct inputs inputs = {0};
        uint64_t begin = chunk * EVALUATE_LANES;
        rows_inputs(rows, chunk, &inputs);
        for (uint32_t i = 0; i < query->order_count; i++) {
            struct lanes lanes;
            TRY(program_run(top->programs[i], buffers->registers, &inputs, EVALUATE_LANES, &lanes,
                            error));
            memcpy(buffers->values[i] + begin, lanes.values, EVALUATE_LANES * sizeof *lanes.values);
            if (lanes.is_null != NULL) {
                memcpy(buffers->nulls[i] + begin, lanes.is_null, EVALUATE_LANES);
            } else {
                memset(buffers->nulls[i] + begin, 0, EVALUATE_LANES);
            }
        }
    }
    return STATUS_OK;
}

enum status top_drop(const struct top *top, struct top_buffers *buffers,
                     const struct bound_query *query, struct rows *rows, struct arena *arena,
                     struct error *error)
{
    if (buffers->registers == NULL) {
        TRY(registers_open(&buffers->registers, arena, error));
    }
    if (buffers->keys == NULL && !allocate(top, buffers, query, rows, arena)) {
        return arena_error(arena, "collecting results", error);
    }
    TRY(evaluate(top, buffers, query, rows, error));
    uint64_t count = rows->chunk_count * EVALUATE_LANES;
    for (uint64_t row = 0; row < count; row++) {
        buffers->pairs[row].value = row;
    }
    order_sort_alone(query->graph, buffers->keys, buffers->key_count, buffers->pairs,
                     buffers->scratch, count, top->needed);
    memset(buffers->kept, 0, count / 8);
    for (uint64_t i = 0; i < top->needed; i++) {
        uint64_t row = buffers->pairs[i].value;
        buffers->kept[row / 64] |= UINT64_C(1) << row % 64;
    }
    rows_keep(rows, buffers->kept);
    return STATUS_OK;
}
