/* Aggregates: what each takes from a row and makes of it in the end. */
#include "value/fold.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "value/compare.h"
#include "value/fold_number.h"
#include "value/value_set.h"

enum fold_function {
    FOLD_COUNT,
    FOLD_SUM,
    FOLD_AVG,
    FOLD_MIN,
    FOLD_MAX,
    FOLD_COLLECT,
    FOLD_DEVIATION,
    FOLD_DEVIATION_WHOLE,
    FOLD_PERCENTILE_BETWEEN,
    FOLD_PERCENTILE_AMONG,
};

struct fold_kind {
    const char *name;
    enum fold_function function;
    uint32_t parameters;
};

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

struct fold_state {
    const struct fold_kind *kind;
    struct pool *pool;
    bool is_distinct;
    struct value_set seen; /* when DISTINCT */
    int64_t count;         /* values taken */
    struct value best;     /* min, max */
    char *best_text;       /* the room that a text as `best` has, used again for the next one */
    uint32_t best_text_bytes;
    struct fold_sum sum;               /* sum, avg */
    struct fold_deviation deviation;   /* stDev, stDevP */
    struct pool_items values;          /* collect, percentileCont, percentileDisc */
    struct fold_percentile percentile; /* percentileCont, percentileDisc */
};

static enum status take_new(struct fold_state *state, struct value argument, bool is_kept,
                            struct error *error);
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

struct fold_state *fold_begin(const struct fold_kind *kind, bool is_distinct, struct pool *pool,
                              struct error *error)
{
    struct fold_state *state = pool_allocate(pool, 1, sizeof(*state), error);
    if (state != NULL) {
        *state = (struct fold_state){.kind = kind, .pool = pool, .is_distinct = is_distinct};
    }
    return state;
}

enum status fold_take(struct fold_state *state, struct value argument, struct value parameter,
                      struct error *error)
{
    bool is_new = true;
    if (state->kind->parameters > 0) {
        TRY(fold_percentile_set(&state->percentile, parameter, state->kind->name, error));
    }
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    if (state->is_distinct) {
        TRY(value_set_add(&state->seen, state->pool, argument, &is_new, &argument, error));
    }
    if (!is_new) {
        return STATUS_OK;
    }
    state->count++;
    return take_new(state, argument, state->is_distinct, error);
}

enum status fold_finish(struct fold_state *state, struct stop *stop, struct value *result,
                        struct error *error)
{
    struct value *items = NULL;
    uint32_t item_count = state->values.count;
    *result = value_null();
    TRY(join_items(state, stop, &items, error));
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
        *result = state->best;
        return STATUS_OK;
    case FOLD_COLLECT:
        *result = value_list_of(items, item_count);
        return STATUS_OK;
    case FOLD_DEVIATION:
        *result = fold_deviation_result(&state->deviation, state->count, false);
        return STATUS_OK;
    case FOLD_DEVIATION_WHOLE:
        *result = fold_deviation_result(&state->deviation, state->count, true);
        return STATUS_OK;
    case FOLD_PERCENTILE_BETWEEN:
        return fold_percentile_between(&state->percentile, items, item_count, stop, result, error);
    case FOLD_PERCENTILE_AMONG:
        return fold_percentile_among(&state->percentile, items, item_count, stop, result, error);
    }
    CHECK(false);
    return STATUS_FAILED;
}

/* `is_kept`: the argument lies in the state's pool already. */
static enum status take_new(struct fold_state *state, struct value argument, bool is_kept,
                            struct error *error)
{
    const char *name = state->kind->name;
    switch (state->kind->function) {
    case FOLD_COUNT:
        return STATUS_OK;
    case FOLD_SUM:
    case FOLD_AVG:
        return fold_sum_add(&state->sum, argument, name, error);
    case FOLD_MIN:
    case FOLD_MAX:
        return take_best(state, argument, is_kept, error);
    case FOLD_COLLECT:
        return take_item(state, argument, is_kept, error);
    case FOLD_DEVIATION:
    case FOLD_DEVIATION_WHOLE:
        return fold_deviation_add(&state->deviation, argument, name, error);
    case FOLD_PERCENTILE_BETWEEN:
    case FOLD_PERCENTILE_AMONG:
        if (!value_is_number(argument)) {
            return error_set(error, STATUS_USAGE, "%s takes numbers, not %s", name,
                             value_kind_phrase(argument.kind));
        }
        return keep_item(state, argument, error);
    }
    CHECK(false);
    return STATUS_FAILED;
}

static enum status take_best(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error)
{
    int order = value_order(argument, state->best);
    bool is_better = state->kind->function == FOLD_MIN ? order < 0 : order > 0;
    if (!is_better && !value_is_null(state->best)) {
        return STATUS_OK;
    }
    if (is_kept) {
        state->best = argument;
        return STATUS_OK;
    }
    if (argument.kind != VALUE_TEXT) {
        return pool_copy(state->pool, argument, &state->best, error);
    }
    if (state->best_text_bytes < argument.count) {
        uint32_t room = argument.count > UINT32_MAX / 2 ? argument.count : argument.count * 2;
        char *text = pool_allocate(state->pool, room, 1, error);
        if (text == NULL) {
            return pool_status(error);
        }
        state->best_text = text;
        state->best_text_bytes = room;
    }
    if (argument.count > 0) {
        memcpy(state->best_text, argument.text, argument.count);
    }
    state->best = value_text_of(bytes_view(state->best_text, argument.count));
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
    struct pool_items *values = &state->values;
    TRY(pool_items_reserve(values, state->pool, sizeof item, error));
    *(struct value *)pool_items_at(values, sizeof item, values->count++) = item;
    return STATUS_OK;
}

/* The items side by side: those of one block already are. */
static enum status join_items(struct fold_state *state, struct stop *stop, struct value **items,
                              struct error *error)
{
    const struct pool_items *values = &state->values;
    if (values->count <= POOL_ITEMS_BLOCK) {
        *items = values->count == 0 ? NULL : pool_items_at(values, sizeof **items, 0);
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
