/* Reading a result block by block. */
#include "engine/result.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/result_state.h"

static void gather_rows(struct result *result, uint64_t first, uint32_t count);
static void gather_lanes(const struct result *result, const struct lanes *from, struct lanes *to,
                         uint32_t column_count, uint64_t first, uint32_t count);

uint32_t result_column_count(const struct result *result)
{
    return result->query->output_count;
}

const char *result_column_name(const struct result *result, uint32_t column)
{
    return result->query->outputs[column].name;
}

enum type result_column_type(const struct result *result, uint32_t column)
{
    return result->query->outputs[column].expression->type;
}

uint64_t result_row_count(const struct result *result)
{
    return result->row_count;
}

enum status result_read(struct result *result, uint64_t first, uint32_t count,
                        struct lanes *columns, struct error *error)
{
    CHECK(count <= EVALUATE_LANES && first <= result->row_count &&
          count <= result->row_count - first);
    gather_rows(result, result->first + first, count);
    gather_lanes(result, result->keys, result->block_keys, result->key_count, result->first + first,
                 count);
    gather_lanes(result, result->aggregates, result->block_aggregates, result->aggregate_count,
                 result->first + first, count);
    for (uint32_t i = 0; i < result->query->output_count; i++) {
        const struct result_output *output = &result->outputs[i];
        if (output->program == NULL) {
            columns[i] = result->block_keys[output->key];
            continue;
        }
        TRY(program_run(output->program, output->registers, &result->inputs, count, &columns[i],
                        error));
    }
    return STATUS_OK;
}

enum status result_beside(struct result **beside, const struct result *result,
                          const struct topology *topology, uint32_t node, struct budget *budget,
                          struct error *error)
{
    struct result *made = memory_allocate(1, sizeof *made);
    *beside = made;
    if (made == NULL) {
        return error_set_memory(error, "reading the result");
    }
    *made = *result;
    made->area_count = 0;
    made->areas = NULL;
    made->arena_count = 0;
    made->arenas = memory_allocate(1, sizeof(*made->arenas));
    if (made->arenas == NULL) {
        return error_set_memory(error, "reading the result");
    }
    TRY(arena_open_brief(&made->arenas[0], topology, node, budget, error));
    made->arena_count = 1;
    made->arena = made->arenas[0];
    made->inputs = (struct inputs){0};
    return result_prepare(made, error);
}

void result_close(struct result *result)
{
    if (result == NULL) {
        return;
    }
    for (uint32_t i = 0; i < result->arena_count; i++) {
        arena_close(result->arenas[i]);
    }
    for (uint32_t i = 0; i < result->area_count; i++) {
        spill_close(&result->areas[i]);
    }
    memory_free(result->areas);
    memory_free(result->arenas);
    memory_free(result);
}

static enum status out_of_memory(const struct result *result, struct error *error)
{
    return arena_error(result->arena, "reading the result", error);
}

/* Block buffers with the types of `columns`. */
static enum status prepare_lanes(struct result *result, const struct lanes *columns, uint32_t count,
                                 struct lanes **block, struct error *error)
{
    *block = arena_allocate_zeroed(result->arena, count, sizeof **block);
    if (*block == NULL) {
        return out_of_memory(result, error);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct lanes *lanes = &(*block)[i];
        lanes->type = columns[i].type;
        lanes->values = arena_allocate(result->arena, EVALUATE_LANES, sizeof *lanes->values);
        if (columns[i].is_null != NULL) {
            lanes->is_null = arena_allocate(result->arena, EVALUATE_LANES, 1);
        }
        if (lanes->values == NULL || (columns[i].is_null != NULL && lanes->is_null == NULL)) {
            return out_of_memory(result, error);
        }
    }
    return STATUS_OK;
}

/* Buffers for the variables that outputs read. */
static enum status prepare_inputs(struct result *result, struct error *error)
{
    const struct bound_query *query = result->query;
    const struct row_layout *layout = &result->rows.layout;
    uint32_t edge_mask = 0;
    uint32_t vertex_mask = 0;
    for (uint32_t i = 0; i < query->output_count; i++) {
        edge_mask |= query->outputs[i].expression->edge_mask;
        vertex_mask |= query->outputs[i].expression->vertex_mask;
    }
    for (uint32_t edge = 0; edge < layout->edge_count; edge++) {
        if ((edge_mask >> edge & 1) != 0) {
            result->inputs.edges[edge] =
                arena_allocate(result->arena, EVALUATE_LANES, sizeof(edge_id));
            result->inputs.edge_stride[edge] = 1;
            if (result->inputs.edges[edge] == NULL) {
                return out_of_memory(result, error);
            }
        }
    }
    for (uint32_t at = 0; at < layout->vertex_count; at++) {
        uint32_t vertex = layout->vertices[at];
        if ((vertex_mask >> vertex & 1) != 0) {
            result->inputs.vertices[vertex] =
                arena_allocate(result->arena, EVALUATE_LANES, sizeof(vertex_id));
            result->inputs.vertex_stride[vertex] = 1;
            if (result->inputs.vertices[vertex] == NULL) {
                return out_of_memory(result, error);
            }
        }
    }
    return STATUS_OK;
}

enum status result_prepare(struct result *result, struct error *error)
{
    const struct bound_query *query = result->query;
    TRY(prepare_inputs(result, error));
    TRY(prepare_lanes(result, result->keys, result->key_count, &result->block_keys, error));
    TRY(prepare_lanes(result, result->aggregates, result->aggregate_count,
                      &result->block_aggregates, error));
    result->inputs.keys = result->block_keys;
    result->inputs.aggregates = result->block_aggregates;
    result->outputs =
        arena_allocate_zeroed(result->arena, query->output_count, sizeof *result->outputs);
    if (result->outputs == NULL) {
        return out_of_memory(result, error);
    }
    for (uint32_t i = 0; i < query->output_count; i++) {
        struct result_output *output = &result->outputs[i];
        output->key = i;
        if (query->is_distinct && !query->is_grouped) {
            continue;
        }
        TRY(program_build(&output->program, query, query->outputs[i].expression, result->arena,
                          error));
        TRY(registers_open(&output->registers, result->arena, error));
    }
    return STATUS_OK;
}

/* The buffers are the result's own; inputs only read them. */
static void gather_rows(struct result *result, uint64_t first, uint32_t count)
{
    const struct radix_pair *order = result->order + first;
    const struct rows *rows = &result->rows;
    for (uint32_t edge = 0; edge < rows->layout.edge_count; edge++) {
        edge_id *edges = (edge_id *)(uintptr_t)result->inputs.edges[edge];
        for (uint32_t i = 0; edges != NULL && i < count; i++) {
            edges[i] = rows_edge(rows, order[i].value, edge);
        }
    }
    for (uint32_t at = 0; at < rows->layout.vertex_count; at++) {
        uint32_t vertex = rows->layout.vertices[at];
        vertex_id *vertices = (vertex_id *)(uintptr_t)result->inputs.vertices[vertex];
        for (uint32_t i = 0; vertices != NULL && i < count; i++) {
            vertices[i] = rows_vertex(rows, order[i].value, vertex);
        }
    }
}

static void gather_lanes(const struct result *result, const struct lanes *from, struct lanes *to,
                         uint32_t column_count, uint64_t first, uint32_t count)
{
    const struct radix_pair *order = result->order + first;
    for (uint32_t column = 0; column < column_count; column++) {
        for (uint32_t i = 0; i < count; i++) {
            to[column].values[i] = from[column].values[order[i].value];
        }
        for (uint32_t i = 0; from[column].is_null != NULL && i < count; i++) {
            to[column].is_null[i] = from[column].is_null[order[i].value];
        }
    }
}
