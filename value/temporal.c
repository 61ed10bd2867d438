/* Order, equality and hash of dates, times and durations, and gyre's own nanoseconds. */
#include "value/temporal.h"

#include "base/check.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal_parts.h"

/* A mean month of the Gregorian calendar: 146,097 days in 4,800 months. */
static const int64_t seconds_per_month = 2629746;

static int compare(int64_t left, int64_t right);
static int time_order(struct value left, struct value right);
static int instant_order(const struct value_instant *left, const struct value_instant *right);
static int duration_order(const struct value_duration *left, const struct value_duration *right);

int temporal_order(struct value left, struct value right)
{
    DCHECK(left.kind == right.kind && temporal_is(left.kind));
    if (left.kind == VALUE_DURATION) {
        return duration_order(left.duration, right.duration);
    }
    if (left.kind == VALUE_DATETIME || left.kind == VALUE_LOCAL_DATETIME) {
        return instant_order(left.instant, right.instant);
    }
    return left.kind == VALUE_TIME ? time_order(left, right) : compare(left.integer, right.integer);
}

bool temporal_equal(struct value left, struct value right)
{
    return temporal_order(left, right) == 0;
}

uint64_t temporal_hash(struct value value)
{
    uint64_t hash = hash_mix((uint64_t)value.kind + 1);
    if (value.kind == VALUE_DURATION) {
        hash = hash_mix(hash ^ (uint64_t)value.duration->months);
        hash = hash_mix(hash ^ (uint64_t)value.duration->days);
        hash = hash_mix(hash ^ (uint64_t)value.duration->seconds);
        return hash_mix(hash ^ (uint32_t)value.duration->nanoseconds);
    }
    if (value.kind == VALUE_DATETIME || value.kind == VALUE_LOCAL_DATETIME) {
        hash = hash_mix(hash ^ (uint64_t)value.instant->seconds);
        hash = hash_mix(hash ^ value.instant->nanoseconds);
        hash = hash_mix(hash ^ (uint32_t)value.instant->offset);
        return value.instant->zone.size == 0 ? hash : hash ^ bytes_hash(value.instant->zone);
    }
    hash = hash_mix(hash ^ (uint64_t)value.integer);
    return value.kind == VALUE_TIME ? hash_mix(hash ^ (uint32_t)value.offset) : hash;
}

enum status temporal_from_ns(int64_t ns, struct pool *pool, struct value *result,
                             struct error *error)
{
    struct temporal_parts parts = {.has_date = true, .has_time = true, .has_zone = true};
    parts.days = floor_divide(ns, NS_PER_DAY);
    parts.ns = floor_remainder(ns, NS_PER_DAY);
    return temporal_build(VALUE_DATETIME, &parts, pool, result, error);
}

bool temporal_to_ns(struct value datetime, int64_t *ns)
{
    __int128 wide =
        (__int128)datetime.instant->seconds * NS_PER_SECOND + datetime.instant->nanoseconds;
    *ns = (int64_t)wide;
    return wide == *ns;
}

enum status temporal_duration_from_ns(int64_t ns, struct pool *pool, struct value *result,
                                      struct error *error)
{
    return duration_make(0, 0, ns, pool, result, error);
}

bool temporal_duration_to_ns(struct value duration, int64_t *ns)
{
    __int128 wide = (__int128)duration.duration->days * NS_PER_DAY + duration_ns(duration.duration);
    *ns = (int64_t)wide;
    return wide == *ns && duration.duration->months == 0;
}

static int compare(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int time_order(struct value left, struct value right)
{
    int order = compare(left.integer - left.offset * NS_PER_SECOND,
                        right.integer - right.offset * NS_PER_SECOND);
    return order != 0 ? order : compare(left.offset, right.offset);
}

static int instant_order(const struct value_instant *left, const struct value_instant *right)
{
    int order = compare(left->seconds, right->seconds);
    order = order != 0 ? order : compare(left->nanoseconds, right->nanoseconds);
    order = order != 0 ? order : compare(left->offset, right->offset);
    return order != 0 ? order : bytes_compare(left->zone, right->zone);
}

/* Durations of the same length are in order of their months, then of their days, so that only equal
 * ones are in no order. */
static int duration_order(const struct value_duration *left, const struct value_duration *right)
{
    __int128 lengths[2];
    const struct value_duration *durations[2] = {left, right};
    for (uint32_t side = 0; side < 2; side++) {
        lengths[side] = (__int128)durations[side]->months * (seconds_per_month * NS_PER_SECOND) +
                        (__int128)durations[side]->days * NS_PER_DAY + duration_ns(durations[side]);
    }
    int order = (lengths[0] > lengths[1]) - (lengths[0] < lengths[1]);
    order = order != 0 ? order : compare(left->months, right->months);
    return order != 0 ? order : compare(left->days, right->days);
}
