/* Dates and times cut down to a whole unit. */
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/temporal_fields.h"
#include "value/temporal_map.h"

/* From the largest. */
enum unit {
    UNIT_MILLENNIUM,
    UNIT_CENTURY,
    UNIT_DECADE,
    UNIT_YEAR,
    UNIT_WEEK_YEAR,
    UNIT_QUARTER,
    UNIT_MONTH,
    UNIT_WEEK,
    UNIT_DAY, /* what is smaller is of the time */
    UNIT_HOUR,
    UNIT_MINUTE,
    UNIT_SECOND,
    UNIT_MILLISECOND,
    UNIT_MICROSECOND,
    UNITS,
};

static const char *const unit_names[UNITS] = {
    "millennium", "century", "decade", "year",   "weekYear", "quarter",     "month",
    "week",       "day",     "hour",   "minute", "second",   "millisecond", "microsecond",
};

static int64_t whole_days(enum unit unit, int64_t days);
static int64_t unit_ns(enum unit unit);

enum status temporal_truncate(enum value_kind kind, struct bytes unit_name, struct value value,
                              struct value map, const struct value_instant *now, struct pool *pool,
                              struct value *result, struct error *error)
{
    const char *function = temporal_function_name(kind);
    struct temporal_parts parts = temporal_parts_of(value);
    bool is_date = kind != VALUE_TIME && kind != VALUE_LOCAL_TIME;
    uint32_t found = temporal_name_find(unit_name, unit_names, UNITS);
    *result = value_null();
    if (found == UNITS) {
        return temporal_name_error("truncate()", unit_name, unit_names, UNITS, error);
    }
    enum unit unit = (enum unit)found;
    bool wants_date = is_date || unit < UNIT_DAY;
    bool wants_time = unit > UNIT_DAY || !is_date;
    if ((wants_date && !parts.has_date) || (wants_time && !parts.has_time)) {
        return error_set(error, STATUS_USAGE, "%s has no %s for %s.truncate('%s', ...)",
                         value_kind_phrase(value.kind),
                         wants_date && !parts.has_date ? "date" : "time", function,
                         unit_names[unit]);
    }
    if (is_date ? unit > UNIT_DAY && kind == VALUE_DATE : unit < UNIT_DAY) {
        return error_set(error, STATUS_USAGE, "a %s cannot be truncated to '%s'", function,
                         unit_names[unit]);
    }
    if (parts.has_date) {
        parts.days = whole_days(unit, parts.days);
    }
    parts.ns -= parts.ns % unit_ns(unit);
    parts.has_time = true;
    return temporal_from_parts(kind, parts,
                               unit_ns(unit) < NS_PER_SECOND ? unit_ns(unit) : NS_PER_SECOND, map,
                               now, pool, result, error);
}

/* The first day of the unit. */
static int64_t whole_days(enum unit unit, int64_t days)
{
    struct calendar_date date = calendar_date(days);
    date.day = 1;
    switch (unit) {
    case UNIT_MILLENNIUM:
    case UNIT_CENTURY:
    case UNIT_DECADE:
    case UNIT_YEAR: {
        static const int64_t years[] = {1000, 100, 10, 1};
        date.year -= floor_remainder(date.year, years[unit]);
        date.month = 1;
        return calendar_days(date);
    }
    case UNIT_WEEK_YEAR:
        return calendar_days_of_week((struct calendar_week){calendar_week(days).year, 1, 1});
    case UNIT_QUARTER:
        date.month -= (date.month - 1) % 3;
        return calendar_days(date);
    case UNIT_MONTH:
        return calendar_days(date);
    case UNIT_WEEK:
        return days - calendar_week(days).day + 1;
    case UNIT_DAY:
    case UNIT_HOUR:
    case UNIT_MINUTE:
    case UNIT_SECOND:
    case UNIT_MILLISECOND:
    case UNIT_MICROSECOND:
    case UNITS:
        break;
    }
    return days;
}

static int64_t unit_ns(enum unit unit)
{
    switch (unit) {
    case UNIT_HOUR:
        return 3600 * NS_PER_SECOND;
    case UNIT_MINUTE:
        return 60 * NS_PER_SECOND;
    case UNIT_SECOND:
        return NS_PER_SECOND;
    case UNIT_MILLISECOND:
        return 1000000;
    case UNIT_MICROSECOND:
        return 1000;
    case UNIT_MILLENNIUM:
    case UNIT_CENTURY:
    case UNIT_DECADE:
    case UNIT_YEAR:
    case UNIT_WEEK_YEAR:
    case UNIT_QUARTER:
    case UNIT_MONTH:
    case UNIT_WEEK:
    case UNIT_DAY:
    case UNITS:
        break;
    }
    return NS_PER_DAY;
}
