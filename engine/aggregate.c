/* Folding, merging and finishing of aggregates; see engine/aggregate.h. */
#include "engine/aggregate.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "engine/operations.h"

bool aggregate_reserve(struct aggregate_column *column, struct arena *arena, uint32_t capacity,
                       uint32_t count)
{
    if (capacity > column->capacity) {
        struct aggregate_state *states =
            arena_resize(arena, column->states, capacity, sizeof *states);
        if (states == NULL) {
            return false;
        }
        column->states = states;
        column->capacity = capacity;
    }
    if (count > column->count) {
        memset(column->states + column->count, 0, (count - column->count) * sizeof *column->states);
        column->count = count;
    }
    return true;
}

void aggregate_drop(struct aggregate_column *column, struct arena *arena)
{
    arena_return(arena, column->states);
    column->states = NULL;
    column->capacity = 0;
    column->count = 0;
}

/* high + low += value + value_low, exactly but for the last bits of low. What is not finite stays
 * in high alone. */
static inline void real_add(struct aggregate_state *state, double value, double value_low)
{
    double high = state->value.real.high;
    double sum = high + value;
    double part = sum - high;
    double error = (high - (sum - part)) + (value - part);
    double low = state->value.real.low + value_low + error;
    double total = sum + low;
    state->value.real.high = isfinite(total) ? total : sum;
    state->value.real.low = isfinite(total) ? low - (total - sum) : 0;
}

/* As adding the value as often. */
static inline void real_add_times(struct aggregate_state *state, double value, double times)
{
    double product = value * times;
    real_add(state, product, fma(value, times, -product));
}

static inline uint64_t weight_at(const uint64_t *weights, uint32_t lane)
{
    return weights == NULL ? 1 : weights[lane];
}

static void fold_count(struct aggregate_column *column, const uint32_t *groups,
                       const uint64_t *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        column->states[groups[i]].count += weight_at(weights, i);
    }
}

static inline bool lane_is_null(const struct lanes *values, uint32_t lane)
{
    return values->is_null != NULL && values->is_null[lane] != 0;
}

static void fold_present(struct aggregate_column *column, const uint32_t *groups,
                         const struct lanes *values, const uint64_t *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        column->states[groups[i]].count += lane_is_null(values, i) ? 0 : weight_at(weights, i);
    }
}

static void fold_integers(struct aggregate_column *column, const uint32_t *groups,
                          const struct lanes *values, const uint64_t *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!lane_is_null(values, i)) {
            struct aggregate_state *state = &column->states[groups[i]];
            uint64_t weight = weight_at(weights, i);
            state->value.sum += (__int128)values->values[i].integer * weight;
            state->count += weight;
        }
    }
}

static void fold_reals(struct aggregate_column *column, const uint32_t *groups,
                       const struct lanes *values, const uint64_t *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (lane_is_null(values, i)) {
            continue;
        }
        struct aggregate_state *state = &column->states[groups[i]];
        if (weights == NULL || weights[i] == 1) {
            real_add(state, values->values[i].real, 0);
        } else {
            real_add_times(state, values->values[i].real, (double)weights[i]);
        }
        state->count += weight_at(weights, i);
    }
}

/* Whether `value` takes the place of what a state of min or max holds. */
static inline bool is_better(const struct aggregate_column *column,
                             const struct aggregate_state *state, union lane value)
{
    if (state->count == 0) {
        return true;
    }
    int order = lane_compare(column->type, column->graph, value, state->value.lane);
    return column->aggregate->function == AGGREGATE_MIN ? order < 0 : order > 0;
}

static bool fold_extremes(struct aggregate_column *column, struct scratch *texts,
                          const uint32_t *groups, const struct lanes *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct aggregate_state *state = &column->states[groups[i]];
        if (lane_is_null(values, i) || !is_better(column, state, values->values[i])) {
            continue;
        }
        union lane value = values->values[i];
        if (column->copies_text) {
            value.text = scratch_join(texts, text_view(value.text), bytes_of(""));
            if (value.text == NULL) {
                return false;
            }
        }
        state->value.lane = value;
        state->count = 1;
    }
    return true;
}

bool aggregate_fold(struct aggregate_column *column, struct scratch *texts, const uint32_t *groups,
                    const struct lanes *values, const uint64_t *weights, uint32_t count)
{
    if (values != NULL && values->type == TYPE_NULL) {
        return true;
    }
    switch (column->aggregate->function) {
    case AGGREGATE_COUNT_ALL:
        fold_count(column, groups, weights, count);
        break;
    case AGGREGATE_COUNT:
        fold_present(column, groups, values, weights, count);
        break;
    case AGGREGATE_SUM:
    case AGGREGATE_AVG:
        if (column->type == TYPE_FLOAT) {
            fold_reals(column, groups, values, weights, count);
        } else {
            fold_integers(column, groups, values, weights, count);
        }
        break;
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        return fold_extremes(column, texts, groups, values, count);
    }
    return true;
}

void aggregate_merge(struct aggregate_column *column, uint32_t group,
                     const struct aggregate_state *from)
{
    struct aggregate_state *state = &column->states[group];
    switch (column->aggregate->function) {
    case AGGREGATE_COUNT_ALL:
    case AGGREGATE_COUNT:
        state->count += from->count;
        break;
    case AGGREGATE_SUM:
    case AGGREGATE_AVG:
        if (column->type == TYPE_FLOAT) {
            real_add(state, from->value.real.high, from->value.real.low);
        } else {
            state->value.sum += from->value.sum;
        }
        state->count += from->count;
        break;
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        if (from->count > 0 && is_better(column, state, from->value.lane)) {
            *state = *from;
        }
        break;
    }
}

static enum status does_not_fit(const struct aggregate_column *column,
                                const struct bound_query *query, struct error *error)
{
    char text[256];
    expression_format(query, column->aggregate->argument, text, sizeof text);
    return query_error(error, query, column->aggregate->argument->query_offset,
                       "integer overflow in sum(%s)", text);
}

static enum status sum_result(const struct aggregate_column *column,
                              const struct bound_query *query, const struct aggregate_state *state,
                              union lane *value, struct error *error)
{
    if (column->aggregate->type == TYPE_FLOAT) {
        value->real = state->value.real.high + state->value.real.low;
        if (column->type != TYPE_FLOAT) {
            value->real = (double)state->value.sum;
        }
        return STATUS_OK;
    }
    if (state->value.sum != (__int128)(int64_t)state->value.sum) {
        return does_not_fit(column, query, error);
    }
    value->integer = (int64_t)state->value.sum;
    return STATUS_OK;
}

static void average_result(const struct aggregate_column *column,
                           const struct aggregate_state *state, union lane *value)
{
    if (column->type == TYPE_FLOAT) {
        value->real = (state->value.real.high + state->value.real.low) / (double)state->count;
    } else if (column->aggregate->type == TYPE_FLOAT) {
        value->real = (double)state->value.sum / (double)state->count;
    } else {
        value->integer = (int64_t)(state->value.sum / (__int128)state->count);
    }
}

enum status aggregate_result(const struct aggregate_column *column, const struct bound_query *query,
                             uint32_t group, union lane *value, uint8_t *is_null,
                             struct error *error)
{
    const struct aggregate_state *state = &column->states[group];
    *is_null = 0;
    value->integer = 0;
    switch (column->aggregate->function) {
    case AGGREGATE_COUNT_ALL:
    case AGGREGATE_COUNT:
        value->integer = (int64_t)state->count;
        return STATUS_OK;
    case AGGREGATE_SUM:
        return sum_result(column, query, state, value, error);
    case AGGREGATE_AVG:
        *is_null = state->count == 0;
        if (!*is_null) {
            average_result(column, state, value);
        }
        return STATUS_OK;
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        *is_null = state->count == 0;
        if (!*is_null) {
            *value = state->value.lane;
        }
        return STATUS_OK;
    }
    return STATUS_OK;
}
