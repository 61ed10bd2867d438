/* Aggregates: what each takes from a row and makes of it in the end. */
#include "value/fold.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "value/compare.h"
#include "value/fold_state.h"

static const struct fold_kind kinds[] = {
    {"count", FOLD_COUNT, 0},
    {"sum", FOLD_SUM, 0},
    {"avg", FOLD_AVG, 0},
    {"min", FOLD_MIN, 0},
    {"max", FOLD_MAX, 0},
    {"collect", FOLD_COLLECT, 0},
    {"stDev", FOLD_DEVIATION, 0},
    {"stDevP", FOLD_DEVIATION_WHOLE, 0},
    {"percentileCont", FOLD_PERCENTILE_BETWEEN, 1},
    {"percentileDisc", FOLD_PERCENTILE_AMONG, 1},
};

static enum status take_best(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error);
static enum status take_item(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error);

static enum status keep_item(struct fold_state *state, struct value item, struct error *error);
static enum status join_items(struct fold_state *state, struct stop *stop, struct value **items,
                              struct error *error);

const struct fold_kind *fold_find(struct bytes name, uint32_t *parameters)
{
    for (size_t index = 0; index < sizeof(kinds) / sizeof(kinds[0]); index++) {
        if (bytes_equal_ignoring_case(bytes_of(kinds[index].name), name)) {
            *parameters = kinds[index].parameters;
            return &kinds[index];
        }
    }
    return NULL;
}

const char *fold_name(const struct fold_kind *kind)
{
    return kind->name;
}

const struct fold_kind *fold_at(uint32_t index)
{
    return index < sizeof kinds / sizeof kinds[0] ? &kinds[index] : NULL;
}

struct fold_state *fold_begin(const struct fold_kind *kind, bool is_distinct, struct pool *pool,
                              struct error *error)
{
    return fold_begin_part(kind, is_distinct, NULL, pool, error);
}

/* Of a state, as far as its kind has need of it: there may be one for each of millions of groups.
 */
static size_t state_bytes(enum fold_function function)
{
    const size_t common = offsetof(struct fold_state, best);
    switch (function) {
    case FOLD_COUNT:
        return common;
    case FOLD_SUM:
    case FOLD_AVG:
        return common + sizeof(struct fold_sum);
    case FOLD_MIN:
    case FOLD_MAX:
        return common + sizeof(struct fold_best);
    case FOLD_DEVIATION:
    case FOLD_DEVIATION_WHOLE:
        return common + sizeof(struct fold_deviation);
    case FOLD_COLLECT:
    case FOLD_PERCENTILE_BETWEEN:
    case FOLD_PERCENTILE_AMONG:
        return common + sizeof(struct fold_values);
    }
    CHECK(false);
    return 0;
}

struct fold_state *fold_begin_part(const struct fold_kind *kind, bool is_distinct,
                                   const uint64_t *place, struct pool *pool, struct error *error)
{
    enum { ALIGNMENT = _Alignof(struct fold_state) };
    size_t set_bytes = (sizeof(struct value_set) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t seen_bytes = is_distinct ? set_bytes : 0;
    size_t bytes = seen_bytes + state_bytes(kind->function);
    char *memory = pool_allocate(pool, 1, bytes, error);
    struct fold_state *state = (struct fold_state *)(memory + seen_bytes);
    if (memory != NULL) {
        memset(memory, 0, bytes);
        state->kind = kind;
        state->pool = pool;
        state->place = place;
        state->seen = is_distinct ? (struct value_set *)memory : NULL;
    }
    return memory == NULL ? NULL : state;
}

enum status fold_take(struct fold_state *state, struct value argument, struct value parameter,
                      struct error *error)
{
    bool is_new = true;
    if (state->kind->parameters > 0) {
        TRY(fold_percentile_set(&state->values.percentile, parameter, state->kind->name, error));
    }
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    if (state->place != NULL && fold_keeps_values(state)) {
        if (state->seen != NULL) {
            return fold_see_in_part(state, argument, error);
        }
        TRY(fold_keep_place(state, error));
    }
    if (state->seen != NULL) {
        TRY(fold_see(state, &argument, &is_new, error));
    }
    state->count += is_new;
    return is_new ? fold_take_new(state, argument, state->seen != NULL, error) : STATUS_OK;
}

enum status fold_finish(struct fold_state *state, struct stop *stop, struct value *result,
                        struct error *error)
{
    struct value *items = NULL;
    uint32_t item_count = fold_has_values(state->kind) ? state->values.items.count : 0;
    *result = value_null();
    if (item_count > 0) {
        TRY(join_items(state, stop, &items, error));
    }
    switch (state->kind->function) {
    case FOLD_COUNT:
        *result = value_integer(state->count);
        return STATUS_OK;
    case FOLD_SUM:
        return fold_sum_total(&state->sum, state->pool, result, error);
    case FOLD_AVG:
        return fold_sum_mean(&state->sum, state->count, state->pool, result, error);
    case FOLD_MIN:
    case FOLD_MAX:
        *result = state->best.value;
        return STATUS_OK;
    case FOLD_COLLECT:
        *result = value_list_of(items, item_count);
        return STATUS_OK;
    case FOLD_DEVIATION:
        return fold_deviation_result(&state->deviation, state->count, false, state->pool, result,
                                     error);
    case FOLD_DEVIATION_WHOLE:
        return fold_deviation_result(&state->deviation, state->count, true, state->pool, result,
                                     error);
    case FOLD_PERCENTILE_BETWEEN:
        return fold_percentile_between(&state->values.percentile, items, item_count, stop, result,
                                       error);
    case FOLD_PERCENTILE_AMONG:
        return fold_percentile_among(&state->values.percentile, items, item_count, stop, result,
                                     error);
    }
    CHECK(false);
    return STATUS_FAILED;
}

enum status fold_see(struct fold_state *state, struct value *value, bool *is_new,
                     struct error *error)
{
    uint32_t number;
    TRY(value_set_add(state->seen, state->pool, *value, is_new, &number, error));
    *value = *value_set_at(state->seen, number);
    return STATUS_OK;
}

enum status fold_take_new(struct fold_state *state, struct value argument, bool is_kept,
                          struct error *error)
{
    const char *name = state->kind->name;
    switch (state->kind->function) {
    case FOLD_COUNT:
        return STATUS_OK;
    case FOLD_SUM:
    case FOLD_AVG:
        return fold_sum_add(&state->sum, argument, name, state->pool, error);
    case FOLD_MIN:
    case FOLD_MAX:
        return take_best(state, argument, is_kept, error);
    case FOLD_COLLECT:
        return take_item(state, argument, is_kept, error);
    case FOLD_DEVIATION:
    case FOLD_DEVIATION_WHOLE:
        return fold_deviation_add(&state->deviation, argument, name, state->pool, error);
    case FOLD_PERCENTILE_BETWEEN:
    case FOLD_PERCENTILE_AMONG:
        TRY(fold_need_number(argument, name, error));
        return keep_item(state, argument, error);
    }
    CHECK(false);
    return STATUS_FAILED;
}

static enum status take_best(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error)
{
    struct fold_best *best = &state->best;
    int order = value_order(argument, best->value, state->pool->stop);
    TRY(pool_poll_compared(state->pool, argument, error));
    bool is_better = state->kind->function == FOLD_MIN ? order < 0 : order > 0;
    uint64_t place = state->place == NULL ? 0 : *state->place;
    bool is_first = order == 0 && place < best->place;
    if (!is_better && !is_first && !value_is_null(best->value)) {
        return STATUS_OK;
    }
    best->place = place;
    if (is_kept) {
        best->value = argument;
        return STATUS_OK;
    }
    if (argument.kind != VALUE_TEXT) {
        return pool_copy(state->pool, argument, &best->value, error);
    }
    if (best->text_bytes < argument.count) {
        uint32_t room = argument.count > UINT32_MAX / 2 ? argument.count : argument.count * 2;
        char *text = pool_allocate(state->pool, room, 1, error);
        if (text == NULL) {
            return pool_status(error);
        }
        best->text = text;
        best->text_bytes = room;
    }
    if (argument.count > 0) {
        memcpy(best->text, argument.text, argument.count);
    }
    best->value = value_text_of(bytes_view(best->text, argument.count));
    return STATUS_OK;
}

static enum status take_item(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error)
{
    struct value item = argument;
    if (!is_kept) {
        TRY(pool_copy(state->pool, argument, &item, error));
    }
    return keep_item(state, item, error);
}

static enum status keep_item(struct fold_state *state, struct value item, struct error *error)
{
    struct pool_items *values = &state->values.items;
    TRY(pool_items_reserve(values, state->pool, sizeof item, error));
    *(struct value *)pool_items_at(values, sizeof item, values->count++) = item;
    return STATUS_OK;
}

/* The items side by side: those of one block already are. */
static enum status join_items(struct fold_state *state, struct stop *stop, struct value **items,
                              struct error *error)
{
    const struct pool_items *values = &state->values.items;
    if (state->values.joined != NULL) {
        *items = state->values.joined;
        return STATUS_OK;
    }
    if (values->count <= POOL_ITEMS_BLOCK) {
        *items = pool_items_at(values, sizeof **items, 0);
        return STATUS_OK;
    }
    *items = pool_allocate(state->pool, values->count, sizeof **items, error);
    if (*items == NULL) {
        return pool_status(error);
    }
    for (uint32_t first = 0; first < values->count; first += POOL_ITEMS_BLOCK) {
        uint32_t rest = values->count - first;
        uint32_t count = rest < POOL_ITEMS_BLOCK ? rest : POOL_ITEMS_BLOCK;
        if (stop != NULL && stop_poll(stop)) {
            return stop_error(stop, "aggregating", error);
        }
        memcpy(*items + first, pool_items_at(values, sizeof **items, first),
               count * sizeof **items);
    }
    return STATUS_OK;
}
