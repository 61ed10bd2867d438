/* Dates, times and durations added and subtracted. */
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal.h"
#include "value/temporal_parts.h"

/* A duration, or its opposite. */
struct step {
    __int128 months;
    __int128 days;
    __int128 ns;
};

static struct step step_of(const struct value_duration *duration, int sign);
static enum status step_add(struct value left, struct step step, struct pool *pool,
                            struct value *result, struct error *error);
static enum status step_dates(struct temporal_parts *parts, struct step step, struct error *error);
static enum status range_error(struct error *error);
static enum status kind_error(const char *word, struct value left, struct value right,
                              struct error *error);

enum status temporal_add(struct value left, struct value right, struct pool *pool,
                         struct value *result, struct error *error)
{
    *result = value_null();
    if (right.kind == VALUE_DURATION && temporal_is(left.kind)) {
        return step_add(left, step_of(right.duration, 1), pool, result, error);
    }
    if (left.kind == VALUE_DURATION && temporal_is(right.kind)) {
        return step_add(right, step_of(left.duration, 1), pool, result, error);
    }
    return kind_error("add", left, right, error);
}

enum status temporal_subtract(struct value left, struct value right, struct pool *pool,
                              struct value *result, struct error *error)
{
    *result = value_null();
    if (right.kind == VALUE_DURATION && temporal_is(left.kind)) {
        return step_add(left, step_of(right.duration, -1), pool, result, error);
    }
    if (left.kind != right.kind || !temporal_is(left.kind)) {
        return kind_error("subtract", left, right, error);
    }
    return duration_between(left.kind == VALUE_DATE ? BETWEEN_DAYS : BETWEEN_SECONDS, right, left,
                            pool, result, error);
}

static struct step step_of(const struct value_duration *duration, int sign)
{
    return (struct step){.months = (__int128)duration->months * sign,
                         .days = (__int128)duration->days * sign,
                         .ns = duration_ns(duration) * sign};
}

static enum status step_add(struct value left, struct step step, struct pool *pool,
                            struct value *result, struct error *error)
{
    if (left.kind == VALUE_DURATION) {
        struct step sum = step_of(left.duration, 1);
        sum.months += step.months;
        sum.days += step.days;
        if (sum.months != (int64_t)sum.months || sum.days != (int64_t)sum.days) {
            return error_set(error, STATUS_USAGE, "the duration does not fit: it is too long");
        }
        return duration_make((int64_t)sum.months, (int64_t)sum.days, sum.ns + step.ns, pool, result,
                             error);
    }
    struct temporal_parts parts = temporal_parts_of(left);
    if (parts.has_date) {
        if (!parts.has_time) {
            step.days += step.ns / NS_PER_DAY;
        }
        TRY(step_dates(&parts, step, error));
    }
    if (parts.has_time) {
        __int128 seconds = step.ns / NS_PER_SECOND;
        if (seconds != (int64_t)seconds) {
            return range_error(error);
        }
        TRY(temporal_advance(&parts, (int64_t)seconds, (int32_t)(step.ns % NS_PER_SECOND), error));
    }
    return temporal_build(left.kind, &parts, pool, result, error);
}

/* By the clock on the wall: a day later it is the same time, though the offset may be another. */
static enum status step_dates(struct temporal_parts *parts, struct step step, struct error *error)
{
    int64_t days = parts->days;
    if (step.months != (int64_t)step.months ||
        !calendar_add_months(days, (int64_t)step.months, &days)) {
        return range_error(error);
    }
    step.days += days;
    if (step.days < CALENDAR_DAYS_MIN || step.days > CALENDAR_DAYS_MAX) {
        return range_error(error);
    }
    int32_t offset = parts->zone.offset;
    parts->days = (int64_t)step.days;
    return temporal_settle(parts, &offset, error);
}

static enum status range_error(struct error *error)
{
    return error_set(error, STATUS_USAGE, "the sum is out of range: years go from -%lld to %lld",
                     (long long)CALENDAR_YEAR_MAX, (long long)CALENDAR_YEAR_MAX);
}

static enum status kind_error(const char *word, struct value left, struct value right,
                              struct error *error)
{
    return error_set(error, STATUS_USAGE, "cannot %s %s and %s", word, value_kind_phrase(left.kind),
                     value_kind_phrase(right.kind));
}
