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

/* The least or greatest value so far. */
struct fold_best {
    struct value value;
    char *text; /* the room that a text has, used again for the next one */
    uint32_t text_bytes;
    uint32_t morsel; /* of a part: where it came from */
};

/* All values, of percentiles and lists. */
struct fold_values {
    struct pool_items items;
    struct fold_percentile percentile;
};

struct fold_state {
    const struct fold_kind *kind;
    struct pool *pool;
    const uint32_t *morsel;  /* of the next row; NULL: it is no part */
    struct value_set *seen;  /* when DISTINCT; else NULL */
    struct pool_items order; /* of a part: the morsels of the values that it keeps */
    int64_t count;           /* values taken */
    union {                  /* by kind */
        struct fold_best best;
        struct fold_sum sum;
        struct fold_deviation deviation;
        struct fold_values values;
    };
};

static inline enum status take_new(struct fold_state *state, struct value argument, bool is_kept,
                                   struct error *error);
static enum status take_best(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error);
static enum status take_item(struct fold_state *state, struct value argument, bool is_kept,
                             struct error *error);

static enum status keep_item(struct fold_state *state, struct value item, struct error *error);
static enum status keep_order(struct fold_state *state, struct error *error);
static enum status merge_kept(struct fold_state **parts, uint32_t count, struct stop *stop,
                              struct error *error);
static enum status merge_part(struct fold_state *state, const struct fold_state *part,
                              struct error *error);
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

struct fold_state *fold_begin_part(const struct fold_kind *kind, bool is_distinct,
                                   const uint32_t *morsel, struct pool *pool, struct error *error)
{
    size_t seen_bytes = is_distinct ? sizeof(struct value_set) : 0;
    struct fold_state *state = pool_allocate(pool, 1, sizeof *state + seen_bytes, error);
    if (state != NULL) {
        memset(state, 0, sizeof *state + seen_bytes);
        state->kind = kind;
        state->pool = pool;
        state->morsel = morsel;
        state->seen = is_distinct ? (struct value_set *)(state + 1) : NULL;
    }
    return state;
}

static bool has_values(const struct fold_kind *kind)
{
    return kind->function == FOLD_COLLECT || kind->parameters > 0;
}

static bool keeps_values(const struct fold_state *state)
{
    return state->seen != NULL || has_values(state->kind);
}

enum status fold_merge(struct fold_state **parts, uint32_t count, struct pool *pool,
                       struct stop *stop, struct error *error)
{
    struct fold_state *state = parts[0];
    state->pool = pool;
    for (uint32_t i = 1; i < count; i++) {
        const struct fold_percentile *percentile = &parts[i]->values.percentile;
        if (state->kind->parameters > 0 && percentile->is_set) {
            TRY(fold_percentile_set(&state->values.percentile, value_float(percentile->fraction),
                                    state->kind->name, error));
        }
    }
    if (count > 1 && keeps_values(state)) {
        return merge_kept(parts, count, stop, error);
    }
    for (uint32_t i = 1; i < count; i++) {
        TRY(merge_part(state, parts[i], error));
    }
    return STATUS_OK;
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
    if (state->seen != NULL) {
        TRY(value_set_add(state->seen, state->pool, argument, &is_new, &argument, error));
    }
    if (!is_new) {
        return STATUS_OK;
    }
    if (state->morsel != NULL && keeps_values(state)) {
        TRY(keep_order(state, error));
    }
    state->count++;
    return take_new(state, argument, state->seen != NULL, error);
}

enum status fold_finish(struct fold_state *state, struct stop *stop, struct value *result,
                        struct error *error)
{
    struct value *items = NULL;
    uint32_t item_count = has_values(state->kind) ? state->values.items.count : 0;
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

/* `is_kept`: the argument lies in the state's pool already. */
static inline enum status take_new(struct fold_state *state, struct value argument, bool is_kept,
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
    int order = value_order(argument, best->value);
    bool is_better = state->kind->function == FOLD_MIN ? order < 0 : order > 0;
    if (!is_better && !value_is_null(best->value)) {
        return STATUS_OK;
    }
    best->morsel = state->morsel == NULL ? 0 : *state->morsel;
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

static enum status keep_order(struct fold_state *state, struct error *error)
{
    struct pool_items *order = &state->order;
    TRY(pool_items_reserve(order, state->pool, sizeof *state->morsel, error));
    *(uint32_t *)pool_items_at(order, sizeof *state->morsel, order->count++) = *state->morsel;
    return STATUS_OK;
}

static uint32_t morsel_at(const struct fold_state *part, uint32_t item)
{
    return *(const uint32_t *)pool_items_at(&part->order, sizeof *part->morsel, item);
}

/* The part that has the next value; `count`: there is none. */
static uint32_t next_part(struct fold_state *const *parts, const uint32_t *at, uint32_t count)
{
    uint32_t next = count;
    for (uint32_t i = 0; i < count; i++) {
        if (at[i] < parts[i]->order.count &&
            (next == count || morsel_at(parts[i], at[i]) < morsel_at(parts[next], at[next]))) {
            next = i;
        }
    }
    return next;
}

static enum status take_again(struct fold_state *state, struct value value, struct error *error)
{
    bool is_new = true;
    if (state->seen != NULL) {
        TRY(value_set_add(state->seen, state->pool, value, &is_new, &value, error));
    }
    state->count += is_new;
    return is_new ? take_new(state, value, true, error) : STATUS_OK;
}

/* The values of all morsels are taken again, in their order. */
static enum status merge_kept(struct fold_state **parts, uint32_t count, struct stop *stop,
                              struct error *error)
{
    struct value_set seen = {0};
    struct fold_state whole = {.kind = parts[0]->kind,
                               .pool = parts[0]->pool,
                               .seen = parts[0]->seen == NULL ? NULL : &seen};
    if (whole.kind->parameters > 0) {
        whole.values.percentile = parts[0]->values.percentile;
    }
    uint32_t *at = pool_allocate(whole.pool, count, sizeof *at, error);
    if (at == NULL) {
        return pool_status(error);
    }
    memset(at, 0, count * sizeof *at);
    uint32_t next;
    while ((next = next_part(parts, at, count)) != count) {
        const struct fold_state *part = parts[next];
        const struct pool_items *values =
            part->seen != NULL ? &part->seen->table.items : &part->values.items;
        uint32_t morsel = morsel_at(part, at[next]);
        for (; at[next] < part->order.count && morsel_at(part, at[next]) == morsel; at[next]++) {
            if (at[next] % POOL_ITEMS_BLOCK == 0 && stop != NULL && stop_poll(stop)) {
                return stop_error(stop, "aggregating", error);
            }
            struct value *value = pool_items_at(values, sizeof *value, at[next]);
            TRY(take_again(&whole, *value, error));
        }
    }
    if (whole.seen != NULL) {
        *parts[0]->seen = seen;
        whole.seen = parts[0]->seen;
    }
    *parts[0] = whole;
    return STATUS_OK;
}

static void merge_best(struct fold_best *best, const struct fold_best *other, bool is_least)
{
    int order = value_order(other->value, best->value);
    bool is_better = is_least ? order < 0 : order > 0;
    bool is_first = order == 0 && other->morsel < best->morsel;
    if (!value_is_null(other->value) && (value_is_null(best->value) || is_better || is_first)) {
        *best = *other;
    }
}

static enum status merge_part(struct fold_state *state, const struct fold_state *part,
                              struct error *error)
{
    state->count += part->count;
    switch (state->kind->function) {
    case FOLD_COUNT:
        return STATUS_OK;
    case FOLD_SUM:
    case FOLD_AVG:
        return fold_sum_merge(&state->sum, &part->sum, state->kind->name, state->pool, error);
    case FOLD_MIN:
    case FOLD_MAX:
        merge_best(&state->best, &part->best, state->kind->function == FOLD_MIN);
        return STATUS_OK;
    case FOLD_DEVIATION:
    case FOLD_DEVIATION_WHOLE:
        return fold_deviation_merge(&state->deviation, &part->deviation, state->pool, error);
    case FOLD_COLLECT:
    case FOLD_PERCENTILE_BETWEEN:
    case FOLD_PERCENTILE_AMONG:
        break;
    }
    CHECK(false);
    return STATUS_FAILED;
}

/* The items side by side: those of one block already are. */
static enum status join_items(struct fold_state *state, struct stop *stop, struct value **items,
                              struct error *error)
{
    const struct pool_items *values = &state->values.items;
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
