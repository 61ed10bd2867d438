/* Components of dates, times and durations: `value.name`. */
#include <stdio.h>

#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal.h"
#include "value/temporal_fields.h"
#include "value/temporal_parts.h"

/* In the order of what a kind has to have for them. */
enum component {
    YEAR,
    QUARTER,
    MONTH,
    WEEK,
    WEEK_YEAR,
    DAY,
    ORDINAL_DAY,
    WEEK_DAY,
    DAY_OF_WEEK,
    DAY_OF_QUARTER, /* until here, dates */
    HOUR,
    MINUTE,
    SECOND,
    MILLISECOND,
    MICROSECOND,
    NANOSECOND, /* times */
    TIMEZONE,
    OFFSET,
    OFFSET_MINUTES,
    OFFSET_SECONDS, /* what has a zone */
    EPOCH_SECONDS,
    EPOCH_MILLIS, /* date, time and zone */
    COMPONENTS,
};

static const char *const component_names[COMPONENTS] = {
    "year",          "quarter",       "month",        "week",         "weekYear", "day",
    "ordinalDay",    "weekDay",       "dayOfWeek",    "dayOfQuarter", "hour",     "minute",
    "second",        "millisecond",   "microsecond",  "nanosecond",   "timezone", "offset",
    "offsetMinutes", "offsetSeconds", "epochSeconds", "epochMillis",
};

/* Of a duration: (one of its parts / divisor) % modulus; 0: the whole. */
static const struct duration_component {
    const char *name;
    enum { PART_MONTHS, PART_DAYS, PART_SECONDS, PART_NS, PART_NS_OF_SECOND } part;
    int64_t divisor;
    int64_t modulus;
} duration_components[] = {
    {"years", PART_MONTHS, 12, 0},
    {"quarters", PART_MONTHS, 3, 0},
    {"months", PART_MONTHS, 1, 0},
    {"weeks", PART_DAYS, 7, 0},
    {"days", PART_DAYS, 1, 0},
    {"hours", PART_SECONDS, 3600, 0},
    {"minutes", PART_SECONDS, 60, 0},
    {"seconds", PART_SECONDS, 1, 0},
    {"milliseconds", PART_NS, 1000000, 0},
    {"microseconds", PART_NS, 1000, 0},
    {"nanoseconds", PART_NS, 1, 0},
    {"quartersOfYear", PART_MONTHS, 3, 4},
    {"monthsOfYear", PART_MONTHS, 1, 12},
    {"monthsOfQuarter", PART_MONTHS, 1, 3},
    {"daysOfWeek", PART_DAYS, 1, 7},
    {"minutesOfHour", PART_SECONDS, 60, 60},
    {"secondsOfMinute", PART_SECONDS, 1, 60},
    {"millisecondsOfSecond", PART_NS_OF_SECOND, 1000000, 0},
    {"microsecondsOfSecond", PART_NS_OF_SECOND, 1000, 0},
    {"nanosecondsOfSecond", PART_NS_OF_SECOND, 1, 0},
};

enum { DURATION_COMPONENTS = sizeof duration_components / sizeof duration_components[0] };

static enum status component_error(enum value_kind kind, const struct temporal_parts *parts,
                                   struct bytes name, struct error *error);
static enum status duration_component(const struct value_duration *duration, struct bytes name,
                                      struct value *result, struct error *error);
static bool has_component(const struct temporal_parts *parts, enum component component);
static int64_t date_component(int64_t days, enum component component);
static int64_t time_component(int64_t ns, enum component component);
static enum status zone_component(const struct temporal_parts *parts, enum component component,
                                  struct pool *pool, struct value *result, struct error *error);

enum status temporal_component(struct value value, struct bytes name, struct pool *pool,
                               struct value *result, struct error *error)
{
    *result = value_null();
    if (value.kind == VALUE_DURATION) {
        return duration_component(value.duration, name, result, error);
    }
    struct temporal_parts parts = temporal_parts_of(value);
    enum component component =
        (enum component)temporal_name_find(name, component_names, COMPONENTS);
    if (component == COMPONENTS || !has_component(&parts, component)) {
        return component_error(value.kind, &parts, name, error);
    }
    if (component <= DAY_OF_QUARTER) {
        *result = value_integer(date_component(parts.days, component));
        return STATUS_OK;
    }
    if (component <= NANOSECOND) {
        *result = value_integer(time_component(parts.ns, component));
        return STATUS_OK;
    }
    return zone_component(&parts, component, pool, result, error);
}

/* Says which names there are of those that the kind has. */
static enum status component_error(enum value_kind kind, const struct temporal_parts *parts,
                                   struct bytes name, struct error *error)
{
    const char *names[COMPONENTS];
    uint32_t count = 0;
    for (uint32_t index = 0; index < COMPONENTS; index++) {
        if (has_component(parts, (enum component)index)) {
            names[count++] = component_names[index];
        }
    }
    return temporal_name_error(value_kind_phrase(kind), name, names, count, error);
}

static enum status duration_component(const struct value_duration *duration, struct bytes name,
                                      struct value *result, struct error *error)
{
    const char *names[DURATION_COMPONENTS];
    for (uint32_t index = 0; index < DURATION_COMPONENTS; index++) {
        names[index] = duration_components[index].name;
    }
    uint32_t found = temporal_name_find(name, names, DURATION_COMPONENTS);
    if (found == DURATION_COMPONENTS) {
        return temporal_name_error("a duration", name, names, DURATION_COMPONENTS, error);
    }
    const struct duration_component *component = &duration_components[found];
    __int128 amount = 0;
    switch (component->part) {
    case PART_MONTHS:
        amount = duration->months;
        break;
    case PART_DAYS:
        amount = duration->days;
        break;
    case PART_SECONDS:
        amount = duration->seconds;
        break;
    case PART_NS:
        amount = duration_ns(duration);
        break;
    case PART_NS_OF_SECOND:
        amount = duration->nanoseconds;
        break;
    }
    amount /= component->divisor;
    if (component->modulus != 0) {
        amount %= component->modulus;
    }
    if (amount != (int64_t)amount) {
        return error_set(error, STATUS_USAGE,
                         "the duration is too long for its %s to be an integer", component->name);
    }
    *result = value_integer((int64_t)amount);
    return STATUS_OK;
}

static bool has_component(const struct temporal_parts *parts, enum component component)
{
    if (component <= DAY_OF_QUARTER) {
        return parts->has_date;
    }
    if (component <= NANOSECOND) {
        return parts->has_time;
    }
    return parts->has_zone && (component < EPOCH_SECONDS || parts->has_date);
}

static int64_t date_component(int64_t days, enum component component)
{
    struct calendar_date date = calendar_date(days);
    struct calendar_week week = calendar_week(days);
    const int64_t components[] = {
        [YEAR] = date.year,
        [QUARTER] = (date.month + 2) / 3,
        [MONTH] = date.month,
        [WEEK] = week.week,
        [WEEK_YEAR] = week.year,
        [DAY] = date.day,
        [ORDINAL_DAY] = calendar_day_of_year(days),
        [WEEK_DAY] = week.day,
        [DAY_OF_WEEK] = week.day,
        [DAY_OF_QUARTER] = calendar_day_of_quarter(days),
    };
    return components[component];
}

static int64_t time_component(int64_t ns, enum component component)
{
    int64_t seconds = ns / NS_PER_SECOND;
    int64_t fraction = ns % NS_PER_SECOND;
    const int64_t components[] = {
        [HOUR] = seconds / 3600,         [MINUTE] = seconds / 60 % 60,
        [SECOND] = seconds % 60,         [MILLISECOND] = fraction / 1000000,
        [MICROSECOND] = fraction / 1000, [NANOSECOND] = fraction,
    };
    return components[component];
}

static enum status zone_component(const struct temporal_parts *parts, enum component component,
                                  struct pool *pool, struct value *result, struct error *error)
{
    char text[16];
    struct bytes name = parts->zone.name;
    int64_t seconds = temporal_utc_seconds(parts);
    if (component == OFFSET || (component == TIMEZONE && name.size == 0)) {
        char *end = temporal_put_offset(text, parts->zone.offset);
        return pool_copy_text(pool, bytes_view(text, (size_t)(end - text)), result, error);
    }
    if (component == TIMEZONE) {
        return pool_copy_text(pool, name, result, error);
    }
    int64_t millis = 0;
    if (component == EPOCH_MILLIS && __builtin_mul_overflow(seconds, 1000, &millis)) {
        return error_set(error, STATUS_USAGE,
                         "the datetime is too far from 1970 for its epochMillis to be an integer");
    }
    const int64_t components[] = {
        [OFFSET_MINUTES] = parts->zone.offset / 60,
        [OFFSET_SECONDS] = parts->zone.offset,
        [EPOCH_SECONDS] = seconds,
        [EPOCH_MILLIS] = millis + parts->ns % NS_PER_SECOND / 1000000,
    };
    *result = value_integer(components[component]);
    return STATUS_OK;
}
