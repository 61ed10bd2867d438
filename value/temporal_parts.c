/* Dates and times taken apart and put together. */
#include "value/temporal_parts.h"

#include "base/check.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/zone.h"

static bool has_date(enum value_kind kind);
static enum status year_error(struct error *error);

struct temporal_parts temporal_parts_of(struct value value)
{
    struct temporal_parts parts = {0};
    parts.has_date = has_date(value.kind);
    parts.has_time = value.kind != VALUE_DATE;
    parts.has_zone = value.kind == VALUE_DATETIME || value.kind == VALUE_TIME;
    if (value.kind == VALUE_DATE) {
        parts.days = value.integer;
    } else if (!parts.has_date) {
        parts.ns = value.integer;
        parts.zone.offset = parts.has_zone ? value.offset : 0;
    } else {
        const struct value_instant *instant = value.instant;
        if (parts.has_zone) {
            parts.zone = (struct temporal_zone){instant->offset, instant->zone};
        }
        int64_t local = instant->seconds + parts.zone.offset;
        parts.days = floor_divide(local, SECONDS_PER_DAY);
        parts.ns = floor_remainder(local, SECONDS_PER_DAY) * NS_PER_SECOND + instant->nanoseconds;
    }
    return parts;
}

enum status temporal_build(enum value_kind kind, const struct temporal_parts *parts,
                           struct pool *pool, struct value *result, struct error *error)
{
    *result = (struct value){.kind = kind};
    if (has_date(kind) && !calendar_has_day(parts->days)) {
        return year_error(error);
    }
    if (kind == VALUE_DATE) {
        result->integer = parts->days;
        return STATUS_OK;
    }
    if (kind == VALUE_LOCAL_TIME || kind == VALUE_TIME) {
        result->integer = parts->ns;
        result->offset = kind == VALUE_TIME ? parts->zone.offset : 0;
        return STATUS_OK;
    }
    bool has_name = kind == VALUE_DATETIME && parts->zone.name.size != 0;
    size_t name_bytes = has_name ? parts->zone.name.size : 0;
    struct value_instant *instant = pool_allocate(pool, 1, sizeof *instant + name_bytes, error);
    if (instant == NULL) {
        *result = value_null();
        return error != NULL ? error->status : STATUS_FAILED;
    }
    *instant = (struct value_instant){0};
    instant->seconds = parts->days * SECONDS_PER_DAY + parts->ns / NS_PER_SECOND;
    instant->nanoseconds = (uint32_t)(parts->ns % NS_PER_SECOND);
    if (kind == VALUE_DATETIME) {
        instant->offset = parts->zone.offset;
        instant->seconds -= instant->offset;
    }
    if (has_name) {
        char *name = (char *)(instant + 1);
        memcpy(name, parts->zone.name.data, name_bytes);
        instant->zone = bytes_view(name, name_bytes);
    }
    result->instant = instant;
    return STATUS_OK;
}

enum status temporal_settle(struct temporal_parts *parts, const int32_t *preferred,
                            struct error *error)
{
    DCHECK(parts->has_date);
    if (!calendar_has_day(parts->days)) {
        return year_error(error);
    }
    if (parts->zone.name.size == 0) {
        return STATUS_OK;
    }
    int64_t local = parts->days * SECONDS_PER_DAY + parts->ns / NS_PER_SECOND;
    int64_t utc;
    TRY(zone_resolve(parts->zone.name, local, preferred, &utc, &parts->zone.offset, error));
    local = utc + parts->zone.offset;
    parts->days = floor_divide(local, SECONDS_PER_DAY);
    parts->ns = floor_remainder(local, SECONDS_PER_DAY) * NS_PER_SECOND + parts->ns % NS_PER_SECOND;
    return STATUS_OK;
}

enum status temporal_move(struct temporal_parts *parts, struct temporal_zone zone,
                          struct error *error)
{
    struct temporal_parts moved;
    TRY(temporal_at(zone, temporal_utc_seconds(parts), (uint32_t)(parts->ns % NS_PER_SECOND),
                    &moved, error));
    moved.has_date = parts->has_date;
    moved.days = parts->has_date ? moved.days : 0;
    *parts = moved;
    return STATUS_OK;
}

enum status temporal_advance(struct temporal_parts *parts, int64_t seconds, int32_t nanoseconds,
                             struct error *error)
{
    if (!parts->has_date) {
        __int128 ns = (__int128)seconds * NS_PER_SECOND + nanoseconds + parts->ns;
        int64_t rest = (int64_t)(ns % NS_PER_DAY);
        parts->ns = rest + (rest < 0 ? NS_PER_DAY : 0);
        return STATUS_OK;
    }
    struct temporal_parts moved;
    int64_t ns = parts->ns % NS_PER_SECOND + nanoseconds;
    int64_t utc;
    if (__builtin_add_overflow(temporal_utc_seconds(parts), seconds, &utc) ||
        __builtin_add_overflow(utc, floor_divide(ns, NS_PER_SECOND), &utc)) {
        return year_error(error);
    }
    TRY(temporal_at(parts->zone, utc, (uint32_t)floor_remainder(ns, NS_PER_SECOND), &moved, error));
    moved.has_zone = parts->has_zone;
    *parts = moved;
    return STATUS_OK;
}

int64_t temporal_utc_seconds(const struct temporal_parts *parts)
{
    return parts->days * SECONDS_PER_DAY + parts->ns / NS_PER_SECOND - parts->zone.offset;
}

enum status temporal_at(struct temporal_zone zone, int64_t utc, uint32_t nanoseconds,
                        struct temporal_parts *parts, struct error *error)
{
    if (!calendar_has_day(floor_divide(utc, SECONDS_PER_DAY))) {
        return year_error(error);
    }
    *parts = (struct temporal_parts){.has_date = true, .has_time = true, .has_zone = true};
    parts->zone = zone;
    if (zone.name.size != 0) {
        TRY(zone_offset_at(zone.name, utc, &parts->zone.offset, error));
    }
    int64_t local = utc + parts->zone.offset;
    parts->days = floor_divide(local, SECONDS_PER_DAY);
    parts->ns = floor_remainder(local, SECONDS_PER_DAY) * NS_PER_SECOND + nanoseconds;
    return calendar_has_day(parts->days) ? STATUS_OK : year_error(error);
}

const char *temporal_function_name(enum value_kind kind)
{
    switch (kind) {
    case VALUE_DATE:
        return "date";
    case VALUE_LOCAL_TIME:
        return "localtime";
    case VALUE_TIME:
        return "time";
    case VALUE_LOCAL_DATETIME:
        return "localdatetime";
    case VALUE_DATETIME:
        return "datetime";
    case VALUE_DURATION:
        return "duration";
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_TEXT:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
    case VALUE_KINDS:
        break;
    }
    return "";
}

static bool has_date(enum value_kind kind)
{
    return kind == VALUE_DATE || kind == VALUE_LOCAL_DATETIME || kind == VALUE_DATETIME;
}

static enum status year_error(struct error *error)
{
    return error_set(error, STATUS_USAGE, "the date is out of range: years go from -%lld to %lld",
                     (long long)CALENDAR_YEAR_MAX, (long long)CALENDAR_YEAR_MAX);
}
