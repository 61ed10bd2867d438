/* Sums, deviations, percentiles. */
#include "value/fold_number.h"

#include <math.h>

#include "base/bytes.h"
#include "base/check.h"
#include "value/compare.h"
#include "value/temporal.h"

enum { NANOSECONDS_PER_SECOND = 1000000000, STEPS_TO_POLL = 4096 };

static void add_duration(struct fold_durations *sum, const struct value_duration *duration);
static enum status make_duration(const struct fold_durations *sum, struct pool *pool,
                                 struct value *result, struct error *error);
static enum status sum_floats(struct fold_sum *sum, struct pool *pool, double *total,
                              struct error *error);
static enum status select_number(struct value *items, uint32_t count, uint32_t rank,
                                 struct stop *stop, struct error *error);
static double real_of(struct value number);

enum status fold_sum_add(struct fold_sum *sum, struct value value, const char *name,
                         struct pool *pool, struct error *error)
{
    if (value_is_number(value) && !sum->has_durations) {
        sum->has_numbers = true;
        if (value.kind == VALUE_INTEGER) {
            sum->integers += value.integer;
            return STATUS_OK;
        }
        sum->has_floats = true;
        return exact_sum_add(&sum->floats, value.real, pool, error);
    }
    if (value.kind == VALUE_DURATION && !sum->has_numbers) {
        sum->has_durations = true;
        add_duration(&sum->durations, value.duration);
        return STATUS_OK;
    }
    return error_set(error, STATUS_USAGE, "%s takes %s, not %s", name,
                     sum->has_durations ? "durations after a duration"
                     : sum->has_numbers ? "numbers after a number"
                                        : "numbers or durations",
                     value_kind_phrase(value.kind));
}

enum status fold_sum_merge(struct fold_sum *sum, const struct fold_sum *other, const char *name,
                           struct pool *pool, struct error *error)
{
    sum->has_numbers = sum->has_numbers || other->has_numbers;
    sum->has_floats = sum->has_floats || other->has_floats;
    sum->has_durations = sum->has_durations || other->has_durations;
    if (sum->has_numbers && sum->has_durations) {
        return error_set(error, STATUS_USAGE, "%s takes numbers or durations, not both", name);
    }
    sum->integers += other->integers;
    sum->durations.months += other->durations.months;
    sum->durations.days += other->durations.days;
    sum->durations.nanoseconds += other->durations.nanoseconds;
    return exact_sum_merge(&sum->floats, &other->floats, pool, error);
}

enum status fold_sum_total(struct fold_sum *sum, struct pool *pool, struct value *result,
                           struct error *error)
{
    if (sum->has_durations) {
        return make_duration(&sum->durations, pool, result, error);
    }
    if (sum->has_floats) {
        double total;
        TRY(sum_floats(sum, pool, &total, error));
        *result = value_float(total);
        return STATUS_OK;
    }
    if (sum->integers != (__int128)(int64_t)sum->integers) {
        return error_set(
            error, STATUS_USAGE,
            "integer overflow: the sum is beyond 64 bits; sum(toFloat(...)) makes it a "
            "float");
    }
    *result = value_integer((int64_t)sum->integers);
    return STATUS_OK;
}

enum status fold_sum_mean(struct fold_sum *sum, int64_t count, struct pool *pool,
                          struct value *result, struct error *error)
{
    *result = value_null();
    if (count == 0) {
        return STATUS_OK;
    }
    if (sum->has_durations) {
        struct value total;
        TRY(make_duration(&sum->durations, pool, &total, error));
        return temporal_divide(total, (double)count, pool, result, error);
    }
    if (sum->has_floats) {
        double total;
        TRY(sum_floats(sum, pool, &total, error));
        *result = value_float(total / (double)count);
        return STATUS_OK;
    }
    /* The whole part and the rest are each rounded once. */
    __int128 whole = sum->integers / count;
    __int128 rest = sum->integers % count;
    *result = value_float((double)whole + (double)rest / (double)count);
    return STATUS_OK;
}

enum status fold_need_number(struct value value, const char *name, struct error *error)
{
    if (value_is_number(value)) {
        return STATUS_OK;
    }
    bool has_number = value.kind == VALUE_DURATION;
    return error_set(error, STATUS_USAGE, "%s takes numbers, not %s%s", name,
                     value_kind_phrase(value.kind),
                     has_number ? ": put its .milliseconds, or another of its parts, into it" : "");
}

enum status fold_deviation_add(struct fold_deviation *deviation, struct value value,
                               const char *name, struct pool *pool, struct error *error)
{
    TRY(fold_need_number(value, name, error));
    TRY(value.kind == VALUE_INTEGER
            ? exact_sum_add_integer(&deviation->sum, value.integer, pool, error)
            : exact_sum_add(&deviation->sum, value.real, pool, error));
    return exact_sum_add_square(&deviation->squares, value, pool, error);
}

enum status fold_deviation_merge(struct fold_deviation *deviation,
                                 const struct fold_deviation *other, struct pool *pool,
                                 struct error *error)
{
    TRY(exact_sum_merge(&deviation->sum, &other->sum, pool, error));
    return exact_sum_merge(&deviation->squares, &other->squares, pool, error);
}

enum status fold_deviation_result(struct fold_deviation *deviation, int64_t count, bool is_whole,
                                  struct pool *pool, struct value *result, struct error *error)
{
    double spread;
    *result = count == 0 ? value_null() : value_float(0);
    if (count < 2) {
        return STATUS_OK;
    }
    TRY(exact_sum_spread(&deviation->sum, &deviation->squares, (uint64_t)count, pool, &spread,
                         error));
    double variance = spread / (double)count / (double)(is_whole ? count : count - 1);
    *result = value_float(sqrt(variance));
    return STATUS_OK;
}

enum status fold_percentile_set(struct fold_percentile *percentile, struct value parameter,
                                const char *name, struct error *error)
{
    if (!value_is_number(parameter)) {
        return error_set(error, STATUS_USAGE,
                         "%s takes a number from 0 to 1 as its fraction, not %s", name,
                         value_kind_phrase(parameter.kind));
    }
    double fraction = real_of(parameter);
    if (!(fraction >= 0 && fraction <= 1)) {
        return error_set(error, STATUS_USAGE,
                         "%s takes a number from 0 to 1 as its fraction, not %g", name, fraction);
    }
    if (percentile->is_set && percentile->fraction != fraction) {
        return error_set(error, STATUS_USAGE,
                         "%s takes the same fraction for all rows of a group, not %g and %g", name,
                         percentile->fraction, fraction);
    }
    *percentile = (struct fold_percentile){.is_set = true, .fraction = fraction};
    return STATUS_OK;
}

enum status fold_percentile_between(const struct fold_percentile *percentile, struct value *items,
                                    uint32_t count, struct stop *stop, struct value *result,
                                    struct error *error)
{
    *result = value_null();
    if (count == 0) {
        return STATUS_OK;
    }
    double place = percentile->fraction * (count - 1);
    uint32_t below = (uint32_t)place;
    double rest = place - below;
    TRY(select_number(items, count, below, stop, error));
    double low = real_of(items[below]);
    double high = low;
    if (rest > 0) {
        TRY(select_number(items + below + 1, count - below - 1, 0, stop, error));
        high = real_of(items[below + 1]);
    }
    *result = value_float(low == high ? low : low * (1 - rest) + high * rest);
    return STATUS_OK;
}

enum status fold_percentile_among(const struct fold_percentile *percentile, struct value *items,
                                  uint32_t count, struct stop *stop, struct value *result,
                                  struct error *error)
{
    *result = value_null();
    if (count == 0) {
        return STATUS_OK;
    }
    double place = ceil(percentile->fraction * count);
    uint32_t rank = place < 1 ? 0 : (uint32_t)place - 1;
    TRY(select_number(items, count, rank, stop, error));
    *result = items[rank];
    return STATUS_OK;
}

static void add_duration(struct fold_durations *sum, const struct value_duration *duration)
{
    sum->months += duration->months;
    sum->days += duration->days;
    sum->nanoseconds +=
        (__int128)duration->seconds * NANOSECONDS_PER_SECOND + duration->nanoseconds;
}

static enum status make_duration(const struct fold_durations *sum, struct pool *pool,
                                 struct value *result, struct error *error)
{
    __int128 nanoseconds = sum->nanoseconds % NANOSECONDS_PER_SECOND;
    nanoseconds += nanoseconds < 0 ? NANOSECONDS_PER_SECOND : 0;
    __int128 seconds = (sum->nanoseconds - nanoseconds) / NANOSECONDS_PER_SECOND;
    if (sum->months != (int64_t)sum->months || sum->days != (int64_t)sum->days ||
        seconds != (int64_t)seconds) {
        return error_set(error, STATUS_USAGE, "the durations are too long together");
    }
    struct value_duration *made = pool_allocate(pool, 1, sizeof(*made), error);
    if (made == NULL) {
        return pool_status(error);
    }
    *made = (struct value_duration){(int64_t)sum->months, (int64_t)sum->days, (int64_t)seconds,
                                    (int32_t)nanoseconds};
    *result = (struct value){.kind = VALUE_DURATION, .duration = made};
    return STATUS_OK;
}

static enum status sum_floats(struct fold_sum *sum, struct pool *pool, double *total,
                              struct error *error)
{
    TRY(exact_sum_add_integer(&sum->floats, sum->integers, pool, error));
    *total = exact_sum_value(&sum->floats);
    return STATUS_OK;
}

static inline void swap(struct value *items, uint32_t one, uint32_t other)
{
    struct value item = items[one];
    items[one] = items[other];
    items[other] = item;
}

/* Puts the number of a rank where it would be if all were sorted, smaller ones before it (C. A. R.
 * Hoare, "Algorithm 65: Find", 1961), in parts below, like and above a number at random, since many
 * may be alike. */
static enum status select_number(struct value *items, uint32_t count, uint32_t rank,
                                 struct stop *stop, struct error *error)
{
    uint32_t begin = 0;
    uint32_t end = count;
    uint64_t step = 0;
    while (end - begin > 1) {
        struct value pivot = items[begin + hash_mix(step) % (end - begin)];
        uint32_t like = begin;
        uint32_t above = end;
        for (uint32_t at = begin; at < above; step++) {
            if (step % STEPS_TO_POLL == STEPS_TO_POLL - 1 && stop != NULL && stop_poll(stop)) {
                return stop_error(stop, "aggregating", error);
            }
            int order = value_order(items[at], pivot, NULL);
            if (order > 0) {
                swap(items, at, --above);
            } else if (order < 0) {
                swap(items, at++, like++);
            } else {
                at++;
            }
        }
        if (rank >= like && rank < above) {
            break;
        }
        begin = rank < like ? begin : above;
        end = rank < like ? like : end;
    }
    return STATUS_OK;
}

static double real_of(struct value number)
{
    return number.kind == VALUE_INTEGER ? (double)number.integer : number.real;
}
