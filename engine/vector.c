/* The operations of programs, over vectors of lanes; see engine/vector.h. */
#include "engine/vector.h"

#include <math.h>
#include <string.h>

#include "engine/load.h"

void vector_run_literal(struct vector *vector, const struct operation *operation)
{
    vector->storage[0] = operation->literal;
    vector->null_storage[0] = LANE_NULL;
    vector->values = vector->storage;
    vector->nulls = operation->is_null ? vector->null_storage : NULL;
    vector->step = 0;
    vector->culprit = NULL;
}

/* The vector's own storage now holds `step`'s lanes, none of them null. */
static void own(struct vector *vector, uint32_t step)
{
    vector->values = vector->storage;
    vector->nulls = NULL;
    vector->step = step;
    vector->culprit = NULL;
}

void vector_run_vertices(const struct run *run, struct vector *vector,
                         const struct operation *operation)
{
    const vertex_id *vertices = run->inputs->vertices[operation->variable];
    uint32_t stride = run->inputs->vertex_stride[operation->variable];
    uint32_t count = run_lane_count(run, stride);
    own(vector, stride != 0);
    if (operation->code == OPERATION_KEY) {
        const struct address *addresses =
            run->program->query->vertices[operation->variable].frame->addresses;
        for (uint32_t i = 0; i < count; i++) {
            vector->storage[i].address = &addresses[vertices[(uint64_t)i * stride]];
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        vector->storage[i].integer = vertices[(uint64_t)i * stride];
    }
}

void vector_run_edges(const struct run *run, struct vector *vector,
                      const struct operation *operation)
{
    const edge_id *edges = run->inputs->edges[operation->variable];
    uint32_t stride = run->inputs->edge_stride[operation->variable];
    uint32_t count = run_lane_count(run, stride);
    own(vector, stride != 0);
    if (operation->code == OPERATION_EDGE || stride > 1) {
        for (uint32_t i = 0; i < count; i++) {
            vector->storage[i].edge = edges[(uint64_t)i * stride];
        }
        edges = &vector->storage[0].edge;
    }
    const struct edge_frame *frame = run->program->query->edges[operation->variable].frame;
    if (operation->expression->kind == EXPRESSION_END) {
        load_ends(frame, operation->property, edges, count, vector->storage);
    } else if (operation->code != OPERATION_EDGE &&
               load_property(frame, operation->property, operation->code == OPERATION_CODE, edges,
                             count, vector->storage, vector->null_storage)) {
        vector->nulls = vector->null_storage;
    }
}

void vector_run_lanes(struct vector *vector, const struct lanes *lanes)
{
    vector->values = lanes->values;
    vector->nulls = lanes->is_null;
    vector->step = 1;
    vector->culprit = NULL;
}

/* nulls = left's or right's, lane by lane, in the result's storage. */
static void merge_nulls(struct vector *vector, const struct vector *right, uint32_t count)
{
    const uint8_t *left_nulls = vector->nulls;
    const uint8_t *right_nulls = right->nulls;
    if (left_nulls == NULL && right_nulls == NULL) {
        return;
    }
    uint8_t *nulls = vector->null_storage;
    static const uint8_t none = 0;
    uint32_t left_step = left_nulls == NULL ? 0 : vector->step;
    uint32_t right_step = right_nulls == NULL ? 0 : right->step;
    uint8_t left_first = left_nulls == NULL ? none : left_nulls[0];
    left_nulls = left_step == 0 ? &left_first : left_nulls;
    right_nulls = right_nulls == NULL ? &none : right_nulls;
    for (uint32_t i = 0; i < count; i++) {
        nulls[i] = left_nulls[i * left_step] | right_nulls[i * right_step];
    }
    vector->nulls = nulls;
}

/* What a binary operation works on: `left` survives being overwritten by lane 0 of the result. */
struct operands {
    struct vector *result; /* and the left operand */
    const struct vector *right;
    const union lane *left_values;
    union lane left_first;
    uint32_t left_step;
    uint32_t step;
    uint32_t count;
};

static void take_operands(const struct run *run, const struct operation *operation,
                          struct operands *operands)
{
    struct vector *left = &run->registers->vectors[operation->result];
    operands->result = left;
    operands->right = left + 1;
    operands->left_first = left->values[0];
    operands->left_step = left->step;
    operands->left_values = left->step == 0 ? &operands->left_first : left->values;
    operands->step = left->step | operands->right->step;
    operands->count = run_lane_count(run, operands->step);
}

/* Nulls and marks of both operands become the result's. */
static void merge_operands(struct operands *operands)
{
    struct vector *result = operands->result;
    merge_nulls(result, operands->right, operands->count);
    if (result->culprit == NULL) {
        result->culprit = operands->right->culprit;
    }
    result->values = result->storage;
    result->step = operands->step;
}

void vector_run_plain(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    merge_operands(&operands);
    operation->plain(operands.left_values, operands.left_step, operands.right->values,
                     operands.right->step, operands.result->storage, operands.count);
}

void vector_run_checked(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    merge_operands(&operands);
    struct vector *result = operands.result;
    if (result->nulls == NULL) {
        memset(result->null_storage, 0, operands.count);
    }
    if (operation->checked(operands.left_values, operands.left_step, operands.right->values,
                           operands.right->step, result->storage, result->null_storage,
                           operands.count)) {
        result->nulls = result->null_storage;
        result->culprit = operation;
    }
}

void vector_run_text(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    merge_operands(&operands);
    const struct vector *result = operands.result;
    const union lane *left = operands.left_values;
    const union lane *right = operands.right->values;
    for (uint32_t i = 0; i < operands.count; i++) {
        bool is_true = (result->nulls == NULL || result->nulls[i] == 0) &&
                       operation->text(left[i * operands.left_step].text,
                                       right[i * operands.right->step].text);
        result->storage[i].integer = is_true;
    }
}

void vector_run_address(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    merge_operands(&operands);
    const struct vector *result = operands.result;
    enum expression_kind kind = operation->comparison;
    bool is_equality = kind == EXPRESSION_EQUAL || kind == EXPRESSION_NOT_EQUAL;
    for (uint32_t i = 0; i < operands.count; i++) {
        if (result->nulls != NULL && result->nulls[i] != 0) {
            result->storage[i].integer = 0;
            continue;
        }
        union lane left = operands.left_values[i * operands.left_step];
        union lane right = operands.right->values[i * operands.right->step];
        int order = is_equality
                        ? !address_equal(*left.address, *right.address)
                        : lane_compare(TYPE_ADDRESS, run->program->query->graph, left, right);
        result->storage[i].integer = comparison_holds(kind, order);
    }
}

enum status vector_run_concatenate(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    merge_operands(&operands);
    const struct vector *result = operands.result;
    for (uint32_t i = 0; i < operands.count; i++) {
        if (result->nulls != NULL && result->nulls[i] != 0) {
            result->storage[i].text = NULL;
            continue;
        }
        const struct text *text = scratch_join(
            &run->registers->scratch, text_view(operands.left_values[i * operands.left_step].text),
            text_view(operands.right->values[i * operands.right->step].text));
        if (text == NULL) {
            return registers_out_of_memory(run->registers, run->error);
        }
        result->storage[i].text = text;
    }
    return STATUS_OK;
}

/* Marks that no longer reach the result have no culprit. */
static void forget_culprit(struct vector *vector, uint32_t count)
{
    for (uint32_t i = 0; vector->culprit != NULL && i < count; i++) {
        if ((vector->nulls[i] & LANE_ERRORS) != 0) {
            return;
        }
    }
    vector->culprit = NULL;
}

/* AND is false where an operand is false, OR true where one is true: `deciding` is that value.
 * Otherwise a null operand makes AND null even beside an error, since no match passes then. */
void vector_run_logic(const struct run *run, const struct operation *operation)
{
    struct operands operands;
    take_operands(run, operation, &operands);
    struct vector *result = operands.result;
    const struct vector *right = operands.right;
    int64_t deciding = operation->code == OPERATION_OR;
    static const uint8_t none = 0;
    uint8_t left_first = result->nulls == NULL ? none : result->nulls[0];
    uint32_t left_step = result->nulls == NULL ? 0 : result->step;
    uint32_t right_step = right->nulls == NULL ? 0 : right->step;
    const uint8_t *left_nulls = left_step == 0 ? &left_first : result->nulls;
    const uint8_t *right_nulls = right->nulls == NULL ? &none : right->nulls;
    bool has_nulls = result->nulls != NULL || right->nulls != NULL;
    for (uint32_t i = 0; i < operands.count; i++) {
        int64_t x = operands.left_values[i * operands.left_step].integer;
        int64_t y = right->values[i * right->step].integer;
        uint8_t x_null = left_nulls[i * left_step];
        uint8_t y_null = right_nulls[i * right_step];
        bool is_decided = (x == deciding && x_null == 0) || (y == deciding && y_null == 0);
        uint8_t null = x_null | y_null;
        if (deciding == 0 && (x_null == LANE_NULL || y_null == LANE_NULL)) {
            null = LANE_NULL;
        }
        result->storage[i].integer = is_decided ? deciding : 1 - deciding;
        result->null_storage[i] = is_decided ? 0 : null;
    }
    result->nulls = has_nulls ? result->null_storage : NULL;
    result->values = result->storage;
    result->step = operands.step;
    if (result->culprit == NULL) {
        result->culprit = right->culprit;
    }
    forget_culprit(result, operands.count);
}

void vector_run_not(struct vector *vector, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        vector->storage[i].integer = vector->values[i].integer ^ 1;
    }
    vector->values = vector->storage;
}

/* A lane with an error stays one: whether it is null is not known. */
void vector_run_is_null(struct vector *vector, bool is_null_true, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool is_null = vector->nulls != NULL && vector->nulls[i] != 0;
        vector->storage[i].integer = is_null == is_null_true;
    }
    vector->values = vector->storage;
    if (vector->culprit == NULL) {
        vector->nulls = NULL;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        vector->null_storage[i] = vector->nulls[i] == LANE_NULL ? 0 : vector->nulls[i];
    }
    vector->nulls = vector->null_storage;
}

void vector_run_to_float(struct vector *vector, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        vector->storage[i].real = (double)vector->values[i].integer;
    }
    vector->values = vector->storage;
}

enum status vector_run_to_text(const struct run *run, struct vector *vector, uint32_t count)
{
    const struct vertex_frame *frame = &run->program->query->graph->vertices;
    for (uint32_t i = 0; i < count; i++) {
        if (vector->nulls != NULL && vector->nulls[i] != 0) {
            vector->storage[i].text = NULL;
            continue;
        }
        char buffer[ADDRESS_TEXT_BYTES];
        const struct text *text = scratch_join(
            &run->registers->scratch, address_view(frame, vector->values[i].address, buffer),
            bytes_view(buffer, 0));
        if (text == NULL) {
            return registers_out_of_memory(run->registers, run->error);
        }
        vector->storage[i].text = text;
    }
    vector->values = vector->storage;
    return STATUS_OK;
}

void vector_run_codes(struct vector *vector, const struct operation *operation, uint32_t count)
{
    union lane *storage = vector->storage;
    if (operation->code == OPERATION_CODE_TABLE) {
        const uint8_t *table = operation->table;
        for (uint32_t i = 0; i < count; i++) {
            storage[i].integer = table[storage[i].integer];
        }
        return;
    }
    uint64_t first = operation->range_first;
    uint64_t length = operation->range_count;
    int64_t inverted = operation->is_inverted;
    for (uint32_t i = 0; i < count; i++) {
        storage[i].integer = ((uint64_t)storage[i].integer - first < length) ^ inverted;
    }
}

static bool set_has(const struct literal_set *set, const struct graph *graph, union lane value)
{
    if (set->type == TYPE_FLOAT && isnan(value.real)) {
        return false;
    }
    uint32_t low = 0;
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lane_compare(set->type, graph, set->values[middle], value) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set->count && lane_same(set->type, set->values[low], value);
}

/* Null where the value is, and where it is not found beside a null; in nothing is nothing. */
void vector_run_set(const struct run *run, struct vector *vector, const struct operation *operation,
                    uint32_t count)
{
    const struct literal_set *set = &operation->set;
    bool is_empty = set->count == 0 && !set->has_null;
    bool has_nulls = (vector->nulls != NULL && !is_empty) || set->has_null;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t null = vector->nulls == NULL ? 0 : vector->nulls[i];
        bool is_found = null == 0 && set_has(set, run->program->query->graph, vector->values[i]);
        vector->storage[i].integer = is_found;
        vector->null_storage[i] = null == 0 && !is_found && set->has_null ? LANE_NULL : null;
    }
    vector->values = vector->storage;
    vector->nulls = has_nulls ? vector->null_storage : NULL;
    vector->culprit = has_nulls ? vector->culprit : NULL;
}
