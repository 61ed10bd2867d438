/* Runs programs over vectors of lanes. */
#include "engine/evaluate.h"

#include "base/check.h"
#include "engine/vector.h"

static enum status registers_grow(struct registers *registers, uint32_t count, struct error *error);
static enum status run_operation(struct run *run, const struct operation *operation);
static enum status report_error(const struct run *run, const struct vector *vector);
static void broadcast(struct vector *vector, uint32_t count);

enum status registers_open(struct registers **registers, struct arena *arena, struct error *error)
{
    struct registers *opened = arena_allocate_zeroed(arena, 1, sizeof *opened);
    if (opened == NULL) {
        return arena_error(arena, "evaluating an expression", error);
    }
    opened->arena = arena;
    scratch_init(&opened->scratch, arena);
    *registers = opened;
    return STATUS_OK;
}

/* Leaves the result in register 0. */
static enum status run_program(struct run *run)
{
    const struct program *program = run->program;
    DCHECK(run->count <= EVALUATE_LANES);
    TRY(registers_grow(run->registers, program->register_count, run->error));
    scratch_reset(&run->registers->scratch);
    for (uint32_t i = 0; i < program->operation_count; i++) {
        TRY(run_operation(run, &program->operations[i]));
    }
    struct vector *vector = &run->registers->vectors[0];
    return vector->culprit == NULL || run->count == 0 ? STATUS_OK : report_error(run, vector);
}

enum status program_run(const struct program *program, struct registers *registers,
                        const struct inputs *inputs, uint32_t count, struct lanes *result,
                        struct error *error)
{
    struct run run = {program, registers, inputs, count, error};
    TRY(run_program(&run));
    struct vector *vector = &registers->vectors[0];
    if (vector->step == 0) {
        broadcast(vector, count);
    }
    /* The lanes may be the inputs' own, which nobody writes. */
    result->type = program->type;
    result->values = (union lane *)(uintptr_t)vector->values;
    result->is_null = (uint8_t *)(uintptr_t)vector->nulls;
    return STATUS_OK;
}

enum status program_select(const struct program *program, struct registers *registers,
                           const struct inputs *inputs, uint32_t count, uint16_t *selected,
                           uint32_t *selected_count, struct error *error)
{
    *selected_count = 0;
    struct run run = {program, registers, inputs, count, error};
    TRY(run_program(&run));
    const struct vector *vector = &registers->vectors[0];
    uint32_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i * vector->step;
        bool is_null = vector->nulls != NULL && vector->nulls[at] != 0;
        selected[length] = (uint16_t)i;
        length += vector->values[at].integer != 0 && !is_null;
    }
    *selected_count = length;
    return STATUS_OK;
}

static enum status registers_grow(struct registers *registers, uint32_t count, struct error *error)
{
    if (count <= registers->count) {
        return STATUS_OK;
    }
    struct vector *vectors =
        arena_resize(registers->arena, registers->vectors, count, sizeof *vectors);
    if (vectors == NULL) {
        return registers_out_of_memory(registers, error);
    }
    registers->vectors = vectors;
    while (registers->count < count) {
        struct vector *vector = &vectors[registers->count];
        *vector = (struct vector){0};
        vector->storage = arena_allocate(registers->arena, EVALUATE_LANES, sizeof *vector->storage);
        vector->null_storage = arena_allocate(registers->arena, EVALUATE_LANES, 1);
        if (vector->storage == NULL || vector->null_storage == NULL) {
            return registers_out_of_memory(registers, error);
        }
        registers->count++;
    }
    return STATUS_OK;
}

/* The operator as it is written. */
static const char *operator_text(enum expression_kind kind)
{
    return kind == EXPRESSION_ADD                                     ? "+"
           : kind == EXPRESSION_SUBTRACT || kind == EXPRESSION_NEGATE ? "-"
           : kind == EXPRESSION_MULTIPLY                              ? "*"
           : kind == EXPRESSION_DIVIDE                                ? "/"
           : kind == EXPRESSION_REMAINDER                             ? "%"
                                                                      : "?";
}

static enum status report_error(const struct run *run, const struct vector *vector)
{
    uint8_t marks = 0;
    for (uint32_t i = 0; i < (vector->step == 0 ? 1 : run->count); i++) {
        marks |= vector->nulls[i];
    }
    char text[256];
    const struct expression *expression = vector->culprit->expression;
    expression_format(run->program->query, expression, text, sizeof text);
    return query_error(run->error, run->program->query, expression->query_offset,
                       "%s in operator '%s' of `%s`",
                       marks & LANE_ZERO_DIVISION ? "division by zero" : "integer overflow",
                       operator_text(expression->kind), text);
}

static void broadcast(struct vector *vector, uint32_t count)
{
    union lane value = vector->values[0];
    for (uint32_t i = 0; i < count; i++) {
        vector->storage[i] = value;
    }
    if (vector->nulls != NULL) {
        memset(vector->null_storage, vector->nulls[0], count);
        vector->nulls = vector->null_storage;
    }
    vector->values = vector->storage;
    vector->step = 1;
}

static enum status run_operation(struct run *run, const struct operation *operation)
{
    struct vector *vector = &run->registers->vectors[operation->result];
    uint32_t count = run_lane_count(run, vector->step);
    switch (operation->code) {
    case OPERATION_LITERAL:
        vector_run_literal(vector, operation);
        break;
    case OPERATION_VERTEX:
    case OPERATION_KEY:
        vector_run_vertices(run, vector, operation);
        break;
    case OPERATION_EDGE:
    case OPERATION_PROPERTY:
    case OPERATION_CODE:
        vector_run_edges(run, vector, operation);
        break;
    case OPERATION_GROUP_KEY:
        vector_run_lanes(vector, &run->inputs->keys[operation->variable]);
        break;
    case OPERATION_AGGREGATE:
        vector_run_lanes(vector, &run->inputs->aggregates[operation->variable]);
        break;
    case OPERATION_CODE_RANGE:
    case OPERATION_CODE_TABLE:
        vector_run_codes(vector, operation, count);
        break;
    case OPERATION_SET:
        vector_run_set(run, vector, operation, count);
        break;
    case OPERATION_NOT:
        vector_run_not(vector, count);
        break;
    case OPERATION_IS_NULL:
    case OPERATION_IS_NOT_NULL:
        vector_run_is_null(vector, operation->code == OPERATION_IS_NULL, count);
        break;
    case OPERATION_TO_FLOAT:
        vector_run_to_float(vector, count);
        break;
    case OPERATION_TO_TEXT:
        return vector_run_to_text(run, vector, count);
    case OPERATION_PLAIN:
        vector_run_plain(run, operation);
        break;
    case OPERATION_CHECKED:
        vector_run_checked(run, operation);
        break;
    case OPERATION_TEXT:
        vector_run_text(run, operation);
        break;
    case OPERATION_ADDRESS:
        vector_run_address(run, operation);
        break;
    case OPERATION_CONCATENATE:
        return vector_run_concatenate(run, operation);
    case OPERATION_AND:
    case OPERATION_OR:
        vector_run_logic(run, operation);
        break;
    }
    return STATUS_OK;
}
