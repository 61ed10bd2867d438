/* Durations summed up, scaled, negated.
 *
 * Whole numbers are summed exactly. A fraction goes down: of years to months, of months to days, of
 * weeks to days, of days to seconds; and in the end to the nearest nanosecond. */
#include "value/duration.h"

#include <math.h>

#include "base/check.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/temporal.h"

/* 30.436875 days, the mean of the Gregorian calendar. */
static const int64_t ns_per_month = 2629746 * NS_PER_SECOND;

/* Of each unit, how many of the months, days or nanoseconds it is counted in. */
static const struct unit {
    enum { COUNTS_MONTHS, COUNTS_DAYS, COUNTS_NS } counts;
    int64_t factor;
} units[DURATION_UNITS] = {
    [DURATION_YEARS] = {COUNTS_MONTHS, 12},
    [DURATION_QUARTERS] = {COUNTS_MONTHS, 3},
    [DURATION_MONTHS] = {COUNTS_MONTHS, 1},
    [DURATION_WEEKS] = {COUNTS_DAYS, 7},
    [DURATION_DAYS] = {COUNTS_DAYS, 1},
    [DURATION_HOURS] = {COUNTS_NS, 3600 * NS_PER_SECOND},
    [DURATION_MINUTES] = {COUNTS_NS, 60 * NS_PER_SECOND},
    [DURATION_SECONDS] = {COUNTS_NS, NS_PER_SECOND},
    [DURATION_MILLISECONDS] = {COUNTS_NS, 1000000},
    [DURATION_MICROSECONDS] = {COUNTS_NS, 1000},
    [DURATION_NANOSECONDS] = {COUNTS_NS, 1},
};

/* Doubles from here on are no longer exact, and no duration is that long. */
static const double number_max = 9.2e18;

static double snapped(double number);
static bool is_small_whole(double number);
static enum status length_error(struct error *error);
static enum status duration_multiply(struct value duration, double factor, double divisor,
                                     struct pool *pool, struct value *result, struct error *error);

void duration_sum_add(struct duration_sum *sum, enum duration_unit unit, int64_t whole,
                      double fraction)
{
    int64_t factor = units[unit].factor;
    double rest = fraction * (double)factor;
    double carried = trunc(rest);
    __int128 amount = (__int128)whole * factor + (int64_t)carried;
    rest -= carried;
    switch (units[unit].counts) {
    case COUNTS_MONTHS:
        sum->months += amount;
        sum->month_rest += rest;
        break;
    case COUNTS_DAYS:
        sum->days += amount;
        sum->day_rest += rest;
        break;
    case COUNTS_NS:
        sum->ns += amount;
        sum->ns_rest += rest;
        break;
    }
}

bool duration_sum_add_number(struct duration_sum *sum, enum duration_unit unit, double number)
{
    if (!(fabs(number) < number_max)) {
        return false;
    }
    double whole = trunc(number);
    duration_sum_add(sum, unit, (int64_t)whole, number - whole);
    return true;
}

/* What the rests come to goes down unit by unit, but for that of nanoseconds, which never makes a
 * day. */
enum status duration_sum_finish(const struct duration_sum *sum, struct pool *pool,
                                struct value *result, struct error *error)
{
    double months = trunc(snapped(sum->month_rest));
    int64_t day_ns = (int64_t)nearbyint((sum->month_rest - months) * (double)ns_per_month +
                                        sum->day_rest * (double)NS_PER_DAY);
    __int128 all_months = sum->months + (int64_t)months;
    __int128 all_days = sum->days + day_ns / NS_PER_DAY;
    if (all_months != (int64_t)all_months || all_days != (int64_t)all_days) {
        return length_error(error);
    }
    __int128 ns = sum->ns + day_ns % NS_PER_DAY + (int64_t)nearbyint(sum->ns_rest);
    return duration_make((int64_t)all_months, (int64_t)all_days, ns, pool, result, error);
}

enum status duration_make(int64_t months, int64_t days, __int128 ns, struct pool *pool,
                          struct value *result, struct error *error)
{
    *result = value_null();
    __int128 seconds = ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0);
    if (seconds != (int64_t)seconds) {
        return length_error(error);
    }
    struct value_duration *duration = pool_allocate(pool, 1, sizeof *duration, error);
    if (duration == NULL) {
        return error != NULL ? error->status : STATUS_FAILED;
    }
    *duration = (struct value_duration){.months = months, .days = days};
    duration->seconds = (int64_t)seconds;
    duration->nanoseconds = (int32_t)(ns - seconds * NS_PER_SECOND);
    *result = (struct value){.kind = VALUE_DURATION, .duration = duration};
    return STATUS_OK;
}

enum status temporal_scale(struct value duration, double factor, struct pool *pool,
                           struct value *result, struct error *error)
{
    return duration_multiply(duration, factor, 1, pool, result, error);
}

enum status temporal_divide(struct value duration, double divisor, struct pool *pool,
                            struct value *result, struct error *error)
{
    *result = value_null();
    if (divisor == 0) {
        return error_set(error, STATUS_USAGE, "a duration is divided by 0");
    }
    return duration_multiply(duration, 1, divisor, pool, result, error);
}

enum status temporal_negate(struct value duration, struct pool *pool, struct value *result,
                            struct error *error)
{
    const struct value_duration *parts = duration.duration;
    *result = value_null();
    if (parts->months == INT64_MIN || parts->days == INT64_MIN) {
        return length_error(error);
    }
    return duration_make(-parts->months, -parts->days, -duration_ns(parts), pool, result, error);
}

/* Exact when the factor, or the divisor, is a whole number. */
static enum status duration_multiply(struct value duration, double factor, double divisor,
                                     struct pool *pool, struct value *result, struct error *error)
{
    const struct value_duration *parts = duration.duration;
    struct duration_sum sum = {0};
    const struct {
        enum duration_unit unit;
        int64_t amount;
    } terms[] = {
        {DURATION_MONTHS, parts->months},
        {DURATION_DAYS, parts->days},
        {DURATION_SECONDS, parts->seconds},
        {DURATION_NANOSECONDS, parts->nanoseconds},
    };
    bool is_whole = is_small_whole(factor) && is_small_whole(divisor);
    *result = value_null();
    for (uint32_t term = 0; term < sizeof terms / sizeof terms[0]; term++) {
        int64_t product;
        if (is_whole && !__builtin_mul_overflow(terms[term].amount, (int64_t)factor, &product) &&
            (divisor != -1 || product != INT64_MIN)) {
            duration_sum_add(&sum, terms[term].unit, product / (int64_t)divisor,
                             (double)(product % (int64_t)divisor) / divisor);
        } else if (!duration_sum_add_number(
                       &sum, terms[term].unit,
                       snapped((double)terms[term].amount * factor / divisor))) {
            return length_error(error);
        }
    }
    return duration_sum_finish(&sum, pool, result, error);
}

static bool is_small_whole(double number)
{
    return fabs(number) <= 0x1p53 && trunc(number) == number;
}

/* The nearest whole number when no more than rounding lies between: 30 * 0.1 is 3. */
static double snapped(double number)
{
    double nearest = nearbyint(number);
    return fabs(number - nearest) <= fabs(number) * 0x1p-50 ? nearest : number;
}

static enum status length_error(struct error *error)
{
    return error_set(error, STATUS_USAGE, "the duration does not fit: it is too long");
}
