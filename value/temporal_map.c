/* Dates and times from maps.
 *
 * A map may take a date, a time or both from other values, and set fields over them. What is set
 * has to be whole: a day wants a month, a minute an hour, unless they come from another value. The
 * fields of a day are those of one form (calendar, week, quarter, ordinal). */
#include "value/temporal_map.h"

#include <stdio.h>

#include "base/check.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/temporal.h"
#include "value/temporal_fields.h"
#include "value/zone.h"

enum field {
    FIELD_DATE,
    FIELD_TIME,
    FIELD_DATETIME,
    FIELD_TIMEZONE,
    FIELD_EPOCH_SECONDS,
    FIELD_EPOCH_MILLIS,
    FIELD_YEAR,
    FIELD_MONTH,
    FIELD_DAY,
    FIELD_WEEK,
    FIELD_DAY_OF_WEEK,
    FIELD_QUARTER,
    FIELD_DAY_OF_QUARTER,
    FIELD_ORDINAL_DAY,
    FIELD_HOUR,
    FIELD_MINUTE,
    FIELD_SECOND,
    FIELD_MILLISECOND,
    FIELD_MICROSECOND,
    FIELD_NANOSECOND,
    FIELDS,
};

static const char *const field_names[FIELDS] = {
    "date",  "time",   "datetime", "timezone",    "epochSeconds", "epochMillis",  "year",
    "month", "day",    "week",     "dayOfWeek",   "quarter",      "dayOfQuarter", "ordinalDay",
    "hour",  "minute", "second",   "millisecond", "microsecond",  "nanosecond",
};

/* A value being made of a map. */
struct making {
    enum value_kind kind;
    const char *name;            /* of the kind's function */
    struct value fields[FIELDS]; /* NULL: not given */
    struct temporal_parts parts; /* taken from other values, then changed */
    bool has_instant;            /* the time was taken with its zone: another zone moves it */
    int64_t kept_ns;             /* of the second, to which smaller fields are added */
    int64_t room_ns;             /* what they have to stay below */
    const struct value_instant *now;
    struct error *error;
};

static enum status making_read(struct making *making, struct value map, bool *has_null);
static bool field_fits(enum value_kind kind, enum field field);
static enum status check_field(const struct making *making, enum field field);
static enum status take_others(struct making *making);
static enum status take_parts(struct making *making, enum field field, bool takes_date,
                              bool takes_time);
static enum status take_epoch(struct making *making);
static enum status take_now(struct making *making);
static enum status set_date(struct making *making);
static enum status choose_form(const struct making *making, enum temporal_date_form *form);
static enum status set_time(struct making *making);
static enum status sub_second(const struct making *making, int64_t *ns);
static enum status set_zone(struct making *making);
static enum status making_finish(struct making *making, struct pool *pool, struct value *result);

static bool has_field(const struct making *making, enum field field)
{
    return !value_is_null(making->fields[field]);
}

static bool has_fields(const struct making *making, enum field first, enum field last)
{
    bool has_any = false;
    for (uint32_t field = first; field <= (uint32_t)last; field++) {
        has_any |= has_field(making, (enum field)field);
    }
    return has_any;
}

static int64_t field_or(const struct making *making, enum field field, int64_t otherwise)
{
    return has_field(making, field) ? making->fields[field].integer : otherwise;
}

enum status temporal_from_map(enum value_kind kind, struct value map,
                              const struct value_instant *now, struct pool *pool,
                              struct value *result, struct error *error)
{
    struct making making = {.kind = kind, .now = now, .error = error};
    bool has_null;
    making.name = temporal_function_name(kind);
    making.room_ns = NS_PER_SECOND;
    *result = value_null();
    TRY(making_read(&making, map, &has_null));
    if (has_null) {
        return STATUS_OK;
    }
    if (map.count == 0) {
        return error_set(error, STATUS_USAGE, "%s() wants at least one entry in its map",
                         making.name);
    }
    TRY(take_others(&making));
    return making_finish(&making, pool, result);
}

enum status temporal_from_parts(enum value_kind kind, struct temporal_parts parts, int64_t room_ns,
                                struct value map, const struct value_instant *now,
                                struct pool *pool, struct value *result, struct error *error)
{
    struct making making = {.kind = kind, .parts = parts, .now = now, .error = error};
    bool has_null;
    making.name = temporal_function_name(kind);
    making.kept_ns = parts.ns % NS_PER_SECOND;
    making.room_ns = room_ns;
    *result = value_null();
    TRY(making_read(&making, map, &has_null));
    if (has_null) {
        return STATUS_OK;
    }
    if (has_fields(&making, FIELD_DATE, FIELD_DATETIME) ||
        has_fields(&making, FIELD_EPOCH_SECONDS, FIELD_EPOCH_MILLIS)) {
        return error_set(error, STATUS_USAGE,
                         "%s.truncate() takes its date and time from its second argument only",
                         making.name);
    }
    return making_finish(&making, pool, result);
}

static enum status making_finish(struct making *making, struct pool *pool, struct value *result)
{
    bool is_date = making->kind != VALUE_TIME && making->kind != VALUE_LOCAL_TIME;
    if (is_date) {
        TRY(set_date(making));
    }
    if (making->kind != VALUE_DATE) {
        TRY(set_time(making));
    }
    making->parts.has_date = is_date;
    making->parts.days = is_date ? making->parts.days : 0;
    TRY(set_zone(making));
    return temporal_build(making->kind, &making->parts, pool, result, making->error);
}

static enum status making_read(struct making *making, struct value map, bool *has_null)
{
    const char *names[FIELDS];
    uint32_t count = 0;
    *has_null = false;
    for (uint32_t field = 0; field < FIELDS; field++) {
        if (field_fits(making->kind, (enum field)field)) {
            names[count++] = field_names[field];
        }
    }
    for (uint32_t index = 0; index < map.count; index++) {
        const struct value_entry *entry = &map.entries[index];
        uint32_t field = temporal_name_find(entry->key, field_names, FIELDS);
        if (field == FIELDS || !field_fits(making->kind, (enum field)field) ||
            !bytes_equal(entry->key, bytes_of(field_names[field]))) {
            char what[32];
            (void)snprintf(what, sizeof what, "%s()", making->name);
            return temporal_name_error(what, entry->key, names, count, making->error);
        }
        making->fields[field] = entry->value;
        *has_null |= value_is_null(entry->value);
        TRY(check_field(making, (enum field)field));
    }
    return STATUS_OK;
}

static bool field_fits(enum value_kind kind, enum field field)
{
    bool is_date = kind != VALUE_TIME && kind != VALUE_LOCAL_TIME;
    bool is_time = kind != VALUE_DATE;
    if (field == FIELD_TIMEZONE) {
        return true;
    }
    if (field == FIELD_EPOCH_SECONDS || field == FIELD_EPOCH_MILLIS) {
        return kind == VALUE_DATETIME;
    }
    if (field == FIELD_DATETIME) {
        return is_date && is_time;
    }
    return field == FIELD_TIME || field >= FIELD_HOUR ? is_time : is_date;
}

static enum status check_field(const struct making *making, enum field field)
{
    struct value value = making->fields[field];
    if (value_is_null(value)) {
        return STATUS_OK;
    }
    const char *wanted = "an integer";
    bool is_right = value.kind == VALUE_INTEGER;
    if (field == FIELD_TIMEZONE) {
        wanted = "a text";
        is_right = value.kind == VALUE_TEXT;
    } else if (field <= FIELD_DATETIME) {
        wanted = "a date or time";
        is_right = temporal_is(value.kind) && value.kind != VALUE_DURATION;
    }
    return is_right
               ? STATUS_OK
               : error_set(making->error, STATUS_USAGE, "%s of %s() is %s, not %s",
                           field_names[field], making->name, wanted, value_kind_phrase(value.kind));
}

static enum status take_others(struct making *making)
{
    if (has_fields(making, FIELD_EPOCH_SECONDS, FIELD_EPOCH_MILLIS)) {
        return take_epoch(making);
    }
    if (has_field(making, FIELD_DATETIME)) {
        if (has_field(making, FIELD_DATE) || has_field(making, FIELD_TIME)) {
            return error_set(making->error, STATUS_USAGE,
                             "%s() takes datetime, or date and time, not both", making->name);
        }
        return take_parts(making, FIELD_DATETIME, true, true);
    }
    if (has_field(making, FIELD_DATE)) {
        TRY(take_parts(making, FIELD_DATE, true, false));
    }
    if (has_field(making, FIELD_TIME)) {
        TRY(take_parts(making, FIELD_TIME, false, true));
    }
    bool is_only_zone = !has_fields(making, FIELD_DATE, FIELD_DATETIME) &&
                        !has_fields(making, FIELD_YEAR, FIELD_NANOSECOND);
    return is_only_zone && has_field(making, FIELD_TIMEZONE) ? take_now(making) : STATUS_OK;
}

static enum status take_parts(struct making *making, enum field field, bool takes_date,
                              bool takes_time)
{
    struct value other = making->fields[field];
    struct temporal_parts parts = temporal_parts_of(other);
    if ((takes_date && !parts.has_date) || (takes_time && !parts.has_time)) {
        return error_set(making->error, STATUS_USAGE, "%s has no %s to take for %s()",
                         value_kind_phrase(other.kind), takes_date ? "date" : "time", making->name);
    }
    if (takes_date) {
        making->parts.days = parts.days;
        making->parts.has_date = true;
    }
    if (takes_time) {
        making->parts.ns = parts.ns;
        making->parts.has_time = true;
        making->parts.zone = parts.zone;
        making->parts.has_zone = parts.has_zone;
        making->has_instant = parts.has_zone;
    }
    return STATUS_OK;
}

static enum status take_epoch(struct making *making)
{
    if (has_fields(making, FIELD_DATE, FIELD_DATETIME) ||
        has_fields(making, FIELD_YEAR, FIELD_SECOND) ||
        (has_field(making, FIELD_EPOCH_SECONDS) && has_field(making, FIELD_EPOCH_MILLIS))) {
        return error_set(making->error, STATUS_USAGE,
                         "epochSeconds or epochMillis name a time by themselves: only fractions of "
                         "the second and timezone go with them");
    }
    int64_t seconds = field_or(making, FIELD_EPOCH_SECONDS, 0);
    if (has_field(making, FIELD_EPOCH_MILLIS)) {
        int64_t millis = making->fields[FIELD_EPOCH_MILLIS].integer;
        seconds = floor_divide(millis, 1000);
        making->kept_ns = floor_remainder(millis, 1000) * 1000000;
        making->room_ns = 1000000;
    }
    TRY(temporal_at((struct temporal_zone){0}, seconds, (uint32_t)making->kept_ns, &making->parts,
                    making->error));
    making->has_instant = true;
    return STATUS_OK;
}

/* {timezone: 'Asia/Tokyo'} is now, by its clock. */
static enum status take_now(struct making *making)
{
    making->has_instant = true;
    return temporal_at((struct temporal_zone){0}, making->now->seconds, making->now->nanoseconds,
                       &making->parts, making->error);
}

static enum status set_date(struct making *making)
{
    enum temporal_date_form form;
    TRY(choose_form(making, &form));
    if (!has_fields(making, FIELD_YEAR, FIELD_ORDINAL_DAY) && making->parts.has_date) {
        return STATUS_OK;
    }
    static const enum field part_fields[] = {FIELD_MONTH, FIELD_WEEK, FIELD_QUARTER, FIELD_MONTH};
    static const enum field day_fields[] = {FIELD_DAY, FIELD_DAY_OF_WEEK, FIELD_DAY_OF_QUARTER,
                                            FIELD_ORDINAL_DAY};
    enum field part_field = part_fields[form];
    enum field day_field = day_fields[form];
    bool has_base = making->parts.has_date;
    struct temporal_day base = {form, 0, 1, 1};
    if (has_base) {
        base = temporal_day_of(form, making->parts.days);
    } else if (!has_field(making, FIELD_YEAR)) {
        return error_set(making->error, STATUS_USAGE,
                         "%s() wants a year, or a date to take it from", making->name);
    } else if (form != DATE_ORDINAL && has_field(making, day_field) &&
               !has_field(making, part_field)) {
        return error_set(making->error, STATUS_USAGE, "%s of %s() wants %s too",
                         field_names[day_field], making->name, field_names[part_field]);
    }
    struct temporal_day day = {form, field_or(making, FIELD_YEAR, base.year),
                               field_or(making, part_field, base.part), 1};
    if (form == DATE_WEEK && !has_field(making, FIELD_WEEK) && day.part == 53) {
        day.part = 52 + (calendar_has_year(day.year) && calendar_year_weeks(day.year) == 53);
    }
    /* A day that was taken from another date goes back to the last one of a shorter month. */
    TRY(temporal_day_find(day, &making->parts.days, making->error));
    int64_t last = temporal_day_last(day);
    day.day = field_or(making, day_field, base.day < last ? base.day : last);
    return temporal_day_find(day, &making->parts.days, making->error);
}

static enum status choose_form(const struct making *making, enum temporal_date_form *form)
{
    static const enum field ranges[][2] = {
        [DATE_CALENDAR] = {FIELD_MONTH, FIELD_DAY},
        [DATE_WEEK] = {FIELD_WEEK, FIELD_DAY_OF_WEEK},
        [DATE_QUARTER] = {FIELD_QUARTER, FIELD_DAY_OF_QUARTER},
        [DATE_ORDINAL] = {FIELD_ORDINAL_DAY, FIELD_ORDINAL_DAY},
    };
    uint32_t count = 0;
    *form = DATE_CALENDAR;
    for (uint32_t index = 0; index < sizeof ranges / sizeof ranges[0]; index++) {
        if (has_fields(making, ranges[index][0], ranges[index][1])) {
            *form = (enum temporal_date_form)index;
            count++;
        }
    }
    return count <= 1 ? STATUS_OK
                      : error_set(making->error, STATUS_USAGE,
                                  "a day is named by month and day, by week and dayOfWeek, by "
                                  "quarter and dayOfQuarter, or by ordinalDay: not by several "
                                  "of them");
}

static enum status set_time(struct making *making)
{
    int64_t ns = making->parts.ns;
    int64_t seconds = ns / NS_PER_SECOND;
    for (uint32_t field = FIELD_MINUTE; field <= FIELD_NANOSECOND; field++) {
        uint32_t larger = field <= FIELD_SECOND ? field - 1 : FIELD_SECOND;
        if (!making->parts.has_time && has_field(making, (enum field)field) &&
            !has_field(making, (enum field)larger)) {
            return error_set(making->error, STATUS_USAGE, "%s of %s() wants %s too",
                             field_names[field], making->name, field_names[larger]);
        }
    }
    bool is_named = has_fields(making, FIELD_YEAR, FIELD_NANOSECOND) || making->parts.has_time ||
                    making->parts.has_date;
    if (!is_named) {
        return error_set(making->error, STATUS_USAGE, "%s() wants an hour", making->name);
    }
    int64_t fraction = ns % NS_PER_SECOND;
    TRY(sub_second(making, &fraction));
    return temporal_time_find(field_or(making, FIELD_HOUR, seconds / 3600),
                              field_or(making, FIELD_MINUTE, seconds / 60 % 60),
                              field_or(making, FIELD_SECOND, seconds % 60), fraction,
                              &making->parts.ns, making->error);
}

/* Milliseconds, microseconds and nanoseconds add up, each of them being then what is below the
 * next larger one. `*ns` stays as it is when none is given. */
static enum status sub_second(const struct making *making, int64_t *ns)
{
    int64_t room = making->room_ns;
    int64_t unit = 1000000;
    int64_t sum = making->kept_ns;
    for (uint32_t field = FIELD_MILLISECOND; field <= FIELD_NANOSECOND; field++, unit /= 1000) {
        if (!has_field(making, (enum field)field)) {
            continue;
        }
        int64_t value = making->fields[field].integer;
        if (unit >= room) {
            return error_set(making->error, STATUS_USAGE,
                             "%s of %s() is there already: only smaller units can be set",
                             field_names[field], making->name);
        }
        if (value < 0 || value >= room / unit) {
            return error_set(making->error, STATUS_USAGE, "there is no %s %lld: %lld at most",
                             field_names[field], (long long)value, (long long)(room / unit - 1));
        }
        sum += value * unit;
        room = unit;
    }
    if (has_fields(making, FIELD_MILLISECOND, FIELD_NANOSECOND)) {
        *ns = sum;
    }
    return STATUS_OK;
}

/* A time that was taken with its zone is moved to the one that is given; any other is only said to
 * be of that zone. A time without a date has an offset only, that of the zone now. */
static enum status set_zone(struct making *making)
{
    struct temporal_parts *parts = &making->parts;
    bool is_given = has_field(making, FIELD_TIMEZONE);
    bool is_zoned = making->kind == VALUE_DATETIME || making->kind == VALUE_TIME;
    if (!is_zoned && !is_given) {
        parts->zone = (struct temporal_zone){0};
        return STATUS_OK;
    }
    if (!is_zoned && !making->has_instant) {
        return error_set(making->error, STATUS_USAGE, "a %s has no time zone", making->name);
    }
    if (!parts->has_date) {
        parts->zone.name = bytes_view(NULL, 0);
    } else if (!is_given || making->has_instant) {
        int32_t before = parts->zone.offset;
        TRY(temporal_settle(parts, &before, making->error));
    }
    if (!is_given) {
        return STATUS_OK;
    }
    struct temporal_zone zone;
    TRY(temporal_zone_parse(value_text_view(making->fields[FIELD_TIMEZONE]), &zone, making->error));
    if (!parts->has_date && zone.name.size != 0) {
        TRY(zone_offset_at(zone.name, making->now->seconds, &zone.offset, making->error));
        zone.name = bytes_view(NULL, 0);
    }
    if (making->has_instant) {
        return temporal_move(parts, zone, making->error);
    }
    parts->zone = zone;
    return parts->has_date ? temporal_settle(parts, NULL, making->error) : STATUS_OK;
}
