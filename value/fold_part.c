/* Aggregates that several workers share: each takes some of the rows, in any order, and keeps with
 * its values where their rows stand, where that matters. */
#include <string.h>

#include "base/check.h"
#include "base/radix.h"
#include "value/compare.h"
#include "value/fold_state.h"

static enum status merge_kept(struct fold_state **parts, uint32_t count, struct stop *stop,
                              struct error *error);
static enum status merge_part(struct fold_state *state, const struct fold_state *part,
                              struct error *error);
static uint64_t *place_at(const struct fold_state *part, uint32_t item);

enum status fold_merge(struct fold_state **parts, uint32_t count, struct pool *pool,
                       struct stop *stop, struct error *error)
{
    struct fold_state *state = parts[0];
    state->pool = pool;
    state->place = NULL;
    for (uint32_t i = 1; i < count; i++) {
        const struct fold_percentile *percentile = &parts[i]->values.percentile;
        if (state->kind->parameters > 0 && percentile->is_set) {
            TRY(fold_percentile_set(&state->values.percentile, value_float(percentile->fraction),
                                    state->kind->name, error));
        }
    }
    if (fold_keeps_values(state)) {
        return merge_kept(parts, count, stop, error);
    }
    for (uint32_t i = 1; i < count; i++) {
        TRY(merge_part(state, parts[i], error));
    }
    return STATUS_OK;
}

enum status fold_keep_place(struct fold_state *state, struct error *error)
{
    struct pool_items *places = &state->places;
    TRY(pool_items_reserve(places, state->pool, sizeof(uint64_t), error));
    *place_at(state, places->count++) = *state->place;
    state->is_disordered =
        state->is_disordered ||
        (places->count > 1 && *state->place < *place_at(state, places->count - 2));
    return STATUS_OK;
}

/* Of equivalent values the one that stands before the others counts. */
enum status fold_see_in_part(struct fold_state *state, struct value value, struct error *error)
{
    bool is_new = true;
    uint32_t number;
    TRY(value_set_add(state->seen, state->pool, value, &is_new, &number, error));
    if (is_new) {
        return fold_keep_place(state, error);
    }
    if (*state->place >= *place_at(state, number)) {
        return STATUS_OK;
    }
    *place_at(state, number) = *state->place;
    return pool_keep_other(state->pool, value_set_at(state->seen, number), value, error);
}

static uint64_t *place_at(const struct fold_state *part, uint32_t item)
{
    return pool_items_at(&part->places, sizeof(uint64_t), item);
}

static enum status poll(struct stop *stop, uint32_t item, struct error *error)
{
    bool is_over =
        item % POOL_ITEMS_BLOCK == POOL_ITEMS_BLOCK - 1 && stop != NULL && stop_poll(stop);
    return is_over ? stop_error(stop, "aggregating", error) : STATUS_OK;
}

/* The values that a part keeps, as many as it has places. */
static struct value *value_at(const struct fold_state *part, uint32_t item)
{
    return part->seen != NULL ? value_set_at(part->seen, item)
                              : pool_items_at(&part->values.items, sizeof(struct value), item);
}

static uint32_t count_kept(struct fold_state *const *parts, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        kept += parts[i]->places.count;
    }
    return kept;
}

/* The values that all parts keep, in the order of their places. */
static enum status put_in_order(struct fold_state *const *parts, uint32_t count, struct stop *stop,
                                struct value **values, struct error *error)
{
    struct pool *pool = parts[0]->pool;
    uint32_t kept = count_kept(parts, count);
    *values = pool_allocate(pool, kept, sizeof **values, error);
    struct pool_mark mark = pool_mark(pool);
    struct radix_pair *pairs = pool_allocate(pool, kept, 2 * sizeof *pairs, error);
    if (*values == NULL || pairs == NULL) {
        return pool_status(error);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t item = 0; item < parts[i]->places.count; item++) {
            TRY(poll(stop, item, error));
            pairs[at++] =
                (struct radix_pair){*place_at(parts[i], item), (uintptr_t)value_at(parts[i], item)};
        }
    }
    struct stop_patience patience;
    if (stop != NULL) {
        stop_patience_init(&patience, stop, 0);
    }
    radix_sort_patiently(pairs, pairs + kept, kept, stop == NULL ? NULL : &patience);
    TRY(stop_error(stop, "aggregating", error));
    for (uint32_t i = 0; i < kept; i++) {
        TRY(poll(stop, i, error));
        (*values)[i] = *(const struct value *)(uintptr_t)pairs[i].value;
    }
    pool_release(pool, mark);
    return STATUS_OK;
}

/* How many differ, of which one part has found some already. */
static enum status merge_seen(struct fold_state **parts, uint32_t count, struct stop *stop,
                              struct error *error)
{
    struct fold_state *state = parts[0];
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t item = 0; item < parts[i]->places.count; item++) {
            bool is_new = true;
            uint32_t number;
            TRY(poll(stop, item, error));
            TRY(value_set_add(state->seen, state->pool, *value_at(parts[i], item), &is_new, &number,
                              error));
        }
    }
    state->count = state->seen->table.items.count;
    return STATUS_OK;
}

/* The values of all parts are taken in the order of their places. */
static enum status merge_kept(struct fold_state **parts, uint32_t count, struct stop *stop,
                              struct error *error)
{
    struct fold_state *state = parts[0];
    struct value *values = NULL;
    uint32_t kept = count_kept(parts, count);
    if (state->seen != NULL && state->kind->function == FOLD_COUNT) {
        return merge_seen(parts, count, stop, error);
    }
    if (state->seen == NULL && count == 1 && !state->is_disordered) {
        return STATUS_OK;
    }
    TRY(put_in_order(parts, count, stop, &values, error));
    if (state->seen == NULL) {
        state->values.joined = values;
        state->values.items.count = kept;
        return STATUS_OK;
    }
    struct value_set seen = {0};
    state->seen = &seen; /* of one part no two are equivalent */
    for (uint32_t i = 0; i < kept; i++) {
        bool is_new = true;
        TRY(poll(stop, i, error));
        if (count > 1) {
            TRY(fold_see(state, &values[i], &is_new, error));
        }
        state->count += is_new;
        if (is_new) {
            TRY(fold_take_new(state, values[i], true, error));
        }
    }
    state->seen = NULL;
    return STATUS_OK;
}

static enum status merge_best(struct fold_state *state, const struct fold_best *other,
                              struct error *error)
{
    struct fold_best *best = &state->best;
    int order = value_order(other->value, best->value, state->pool->stop);
    TRY(pool_poll_compared(state->pool, other->value, error));
    bool is_better = state->kind->function == FOLD_MIN ? order < 0 : order > 0;
    bool is_first = order == 0 && other->place < best->place;
    if (!value_is_null(other->value) && (value_is_null(best->value) || is_better || is_first)) {
        *best = *other;
    }
    return STATUS_OK;
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
        return merge_best(state, &part->best, error);
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
