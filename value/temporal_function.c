/* The functions that make dates, times and durations.
 *
 * A query runs at one instant, call->now: date(), date.transaction() and date.statement() are the
 * same throughout; only realtime() looks at the clock. Without an argument they depend on that
 * instant, so that they count as constant within a query, not from one to the next. */
#include <time.h>

#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/function.h"
#include "value/temporal.h"
#include "value/temporal_map.h"
#include "value/temporal_parts.h"

static enum status make(struct call *call, enum value_kind kind, const struct value *arguments,
                        uint32_t count, struct value *result);
static enum status make_of_text(struct call *call, enum value_kind kind, struct bytes text,
                                struct value *result);
static enum status make_of_other(struct call *call, enum value_kind kind, struct value other,
                                 struct value *result);
static enum status make_now(struct call *call, enum value_kind kind,
                            const struct value_instant *now, const struct value *arguments,
                            uint32_t count, struct value *result);
static enum status make_truncated(struct call *call, enum value_kind kind,
                                  const struct value *arguments, uint32_t count,
                                  struct value *result);
static enum status between(struct call *call, enum duration_between units,
                           const struct value *arguments, struct value *result);
static enum status from_epoch(struct call *call, __int128 ns, struct value *result);
static bool is_instant(struct value value);
static bool has_null(const struct value *arguments, uint32_t count);
static struct value_instant clock_now(void);

/* The functions of a kind: X, X.transaction and X.statement, X.realtime, X.truncate. */
#define KIND_FUNCTIONS(name, kind)                                                              \
    static enum status call_##name(struct call *call, const struct value *arguments,            \
                                   uint32_t count, struct value *result)                        \
    {                                                                                           \
        return make(call, kind, arguments, count, result);                                      \
    }                                                                                           \
    static enum status call_##name##_now(struct call *call, const struct value *arguments,      \
                                         uint32_t count, struct value *result)                  \
    {                                                                                           \
        return make_now(call, kind, &call->now, arguments, count, result);                      \
    }                                                                                           \
    static enum status call_##name##_realtime(struct call *call, const struct value *arguments, \
                                              uint32_t count, struct value *result)             \
    {                                                                                           \
        struct value_instant now = clock_now();                                                 \
        return make_now(call, kind, &now, arguments, count, result);                            \
    }                                                                                           \
    static enum status call_##name##_truncate(struct call *call, const struct value *arguments, \
                                              uint32_t count, struct value *result)             \
    {                                                                                           \
        return make_truncated(call, kind, arguments, count, result);                            \
    }

KIND_FUNCTIONS(date, VALUE_DATE)
KIND_FUNCTIONS(local_time, VALUE_LOCAL_TIME)
KIND_FUNCTIONS(time, VALUE_TIME)
KIND_FUNCTIONS(local_datetime, VALUE_LOCAL_DATETIME)
KIND_FUNCTIONS(datetime, VALUE_DATETIME)

#define BETWEEN_FUNCTION(name, units)                                                \
    static enum status call_##name(struct call *call, const struct value *arguments, \
                                   uint32_t count, struct value *result)             \
    {                                                                                \
        (void)count;                                                                 \
        return between(call, units, arguments, result);                              \
    }

BETWEEN_FUNCTION(between, BETWEEN_ALL)
BETWEEN_FUNCTION(in_months, BETWEEN_MONTHS)
BETWEEN_FUNCTION(in_days, BETWEEN_DAYS)
BETWEEN_FUNCTION(in_seconds, BETWEEN_SECONDS)

static function_call call_duration;
static function_call call_from_epoch;
static function_call call_from_epoch_millis;
static function_call call_timestamp;

static const struct function functions[] = {
    {"date", 0, 1, call_date, true},
    {"date.transaction", 0, 1, call_date_now, false},
    {"date.statement", 0, 1, call_date_now, false},
    {"date.realtime", 0, 1, call_date_realtime, false},
    {"date.truncate", 1, 3, call_date_truncate, true},
    {"localtime", 0, 1, call_local_time, true},
    {"localtime.transaction", 0, 1, call_local_time_now, false},
    {"localtime.statement", 0, 1, call_local_time_now, false},
    {"localtime.realtime", 0, 1, call_local_time_realtime, false},
    {"localtime.truncate", 1, 3, call_local_time_truncate, true},
    {"time", 0, 1, call_time, true},
    {"time.transaction", 0, 1, call_time_now, false},
    {"time.statement", 0, 1, call_time_now, false},
    {"time.realtime", 0, 1, call_time_realtime, false},
    {"time.truncate", 1, 3, call_time_truncate, true},
    {"localdatetime", 0, 1, call_local_datetime, true},
    {"localdatetime.transaction", 0, 1, call_local_datetime_now, false},
    {"localdatetime.statement", 0, 1, call_local_datetime_now, false},
    {"localdatetime.realtime", 0, 1, call_local_datetime_realtime, false},
    {"localdatetime.truncate", 1, 3, call_local_datetime_truncate, true},
    {"datetime", 0, 1, call_datetime, true},
    {"datetime.transaction", 0, 1, call_datetime_now, false},
    {"datetime.statement", 0, 1, call_datetime_now, false},
    {"datetime.realtime", 0, 1, call_datetime_realtime, false},
    {"datetime.truncate", 1, 3, call_datetime_truncate, true},
    {"datetime.fromEpoch", 1, 2, call_from_epoch, true},
    {"datetime.fromEpochMillis", 1, 1, call_from_epoch_millis, true},
    {"duration", 1, 1, call_duration, true},
    {"duration.between", 2, 2, call_between, true},
    {"duration.inMonths", 2, 2, call_in_months, true},
    {"duration.inDays", 2, 2, call_in_days, true},
    {"duration.inSeconds", 2, 2, call_in_seconds, true},
    {"timestamp", 0, 0, call_timestamp, false},
};

const struct function_table temporal_functions = {functions,
                                                  sizeof functions / sizeof functions[0]};

static enum status make(struct call *call, enum value_kind kind, const struct value *arguments,
                        uint32_t count, struct value *result)
{
    *result = value_null();
    if (count == 0) {
        return make_now(call, kind, &call->now, NULL, 0, result);
    }
    if (has_null(arguments, 1)) {
        return STATUS_OK;
    }
    if (arguments[0].kind == VALUE_TEXT) {
        return make_of_text(call, kind, value_text_view(arguments[0]), result);
    }
    if (arguments[0].kind == VALUE_MAP) {
        return temporal_from_map(kind, arguments[0], &call->now, call->pool, result, call->error);
    }
    if (is_instant(arguments[0])) {
        return make_of_other(call, kind, arguments[0], result);
    }
    return error_set(call->error, STATUS_USAGE,
                     "%s() takes a text, a map, or another date or time, not %s",
                     temporal_function_name(kind), value_kind_phrase(arguments[0].kind));
}

static enum status make_of_text(struct call *call, enum value_kind kind, struct bytes text,
                                struct value *result)
{
    struct temporal_parts parts;
    TRY(temporal_parse(kind, text, &parts, call->error));
    return temporal_build(kind, &parts, call->pool, result, call->error);
}

/* A date is its midnight; a time has no date that could be guessed. */
static enum status make_of_other(struct call *call, enum value_kind kind, struct value other,
                                 struct value *result)
{
    struct temporal_parts parts = temporal_parts_of(other);
    bool wants_date = kind != VALUE_TIME && kind != VALUE_LOCAL_TIME;
    if (wants_date ? !parts.has_date : !parts.has_time) {
        return error_set(call->error, STATUS_USAGE, "%s has no %s to make a %s of",
                         value_kind_phrase(other.kind), wants_date ? "date" : "time",
                         temporal_function_name(kind));
    }
    return temporal_build(kind, &parts, call->pool, result, call->error);
}

/* In UTC, or in the zone that an argument names. */
static enum status make_now(struct call *call, enum value_kind kind,
                            const struct value_instant *now, const struct value *arguments,
                            uint32_t count, struct value *result)
{
    struct temporal_zone zone = {0};
    struct temporal_parts parts;
    *result = value_null();
    if (count != 0 && has_null(arguments, 1)) {
        return STATUS_OK;
    }
    if (count != 0 && arguments[0].kind != VALUE_TEXT) {
        return error_set(call->error, STATUS_USAGE, "a time zone is a text, not %s",
                         value_kind_phrase(arguments[0].kind));
    }
    if (count != 0) {
        TRY(temporal_zone_parse(value_text_view(arguments[0]), &zone, call->error));
    }
    TRY(temporal_at(zone, now->seconds, now->nanoseconds, &parts, call->error));
    return temporal_build(kind, &parts, call->pool, result, call->error);
}

/* truncate(unit [, value = now [, map]]) */
static enum status make_truncated(struct call *call, enum value_kind kind,
                                  const struct value *arguments, uint32_t count,
                                  struct value *result)
{
    struct value map = {.kind = VALUE_MAP};
    struct value value;
    *result = value_null();
    if (has_null(arguments, count)) {
        return STATUS_OK;
    }
    if (count == 1) {
        TRY(make_now(call, VALUE_DATETIME, &call->now, NULL, 0, &value));
    } else {
        value = arguments[1];
    }
    if (count == 3) {
        map = arguments[2];
    }
    if (arguments[0].kind != VALUE_TEXT || !is_instant(value) || map.kind != VALUE_MAP) {
        return error_set(call->error, STATUS_USAGE,
                         "%s.truncate() takes the name of a unit, a date or time, and a map",
                         temporal_function_name(kind));
    }
    return temporal_truncate(kind, value_text_view(arguments[0]), value, map, &call->now,
                             call->pool, result, call->error);
}

static enum status call_duration(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    (void)count;
    *result = value_null();
    switch (arguments[0].kind) {
    case VALUE_NULL:
        return STATUS_OK;
    case VALUE_DURATION:
        *result = arguments[0];
        return STATUS_OK;
    case VALUE_TEXT:
        return duration_parse_text(value_text_view(arguments[0]), call->pool, result, call->error);
    case VALUE_MAP:
        return duration_from_map(arguments[0], call->pool, result, call->error);
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_LIST:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_KINDS:
        break;
    }
    return error_set(call->error, STATUS_USAGE, "duration() takes a text or a map, not %s",
                     value_kind_phrase(arguments[0].kind));
}

static enum status between(struct call *call, enum duration_between units,
                           const struct value *arguments, struct value *result)
{
    static const char *const names[] = {
        [BETWEEN_ALL] = "between",
        [BETWEEN_MONTHS] = "inMonths",
        [BETWEEN_DAYS] = "inDays",
        [BETWEEN_SECONDS] = "inSeconds",
    };
    *result = value_null();
    if (has_null(arguments, 2)) {
        return STATUS_OK;
    }
    if (!is_instant(arguments[0]) || !is_instant(arguments[1])) {
        return error_set(call->error, STATUS_USAGE,
                         "duration.%s() takes two dates or times, not %s and %s", names[units],
                         value_kind_phrase(arguments[0].kind),
                         value_kind_phrase(arguments[1].kind));
    }
    return duration_between(units, arguments[0], arguments[1], call->pool, result, call->error);
}

/* fromEpoch(seconds [, nanoseconds]) */
static enum status call_from_epoch(struct call *call, const struct value *arguments, uint32_t count,
                                   struct value *result)
{
    *result = value_null();
    if (has_null(arguments, count)) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_INTEGER || arguments[count - 1].kind != VALUE_INTEGER) {
        return error_set(call->error, STATUS_USAGE,
                         "datetime.fromEpoch() takes seconds and nanoseconds, both integers");
    }
    int64_t nanoseconds = count == 2 ? arguments[1].integer : 0;
    return from_epoch(call, (__int128)arguments[0].integer * NS_PER_SECOND + nanoseconds, result);
}

static enum status call_from_epoch_millis(struct call *call, const struct value *arguments,
                                          uint32_t count, struct value *result)
{
    *result = value_null();
    if (has_null(arguments, count)) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_INTEGER) {
        return error_set(call->error, STATUS_USAGE,
                         "datetime.fromEpochMillis() takes milliseconds, an integer, not %s",
                         value_kind_phrase(arguments[0].kind));
    }
    return from_epoch(call, (__int128)arguments[0].integer * 1000000, result);
}

static enum status from_epoch(struct call *call, __int128 ns, struct value *result)
{
    struct temporal_parts parts;
    __int128 seconds = ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0);
    if (seconds != (int64_t)seconds) {
        seconds = INT64_MAX; /* out of range too */
    }
    TRY(temporal_at((struct temporal_zone){0}, (int64_t)seconds,
                    (uint32_t)(ns - seconds * NS_PER_SECOND), &parts, call->error));
    return temporal_build(VALUE_DATETIME, &parts, call->pool, result, call->error);
}

/* Milliseconds since 1970. */
static enum status call_timestamp(struct call *call, const struct value *arguments, uint32_t count,
                                  struct value *result)
{
    (void)arguments;
    (void)count;
    *result = value_integer(call->now.seconds * 1000 + call->now.nanoseconds / 1000000);
    return STATUS_OK;
}

static bool is_instant(struct value value)
{
    return temporal_is(value.kind) && value.kind != VALUE_DURATION;
}

static bool has_null(const struct value *arguments, uint32_t count)
{
    bool has_any = false;
    for (uint32_t index = 0; index < count; index++) {
        has_any |= value_is_null(arguments[index]);
    }
    return has_any;
}

static struct value_instant clock_now(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (struct value_instant){.seconds = now.tv_sec, .nanoseconds = (uint32_t)now.tv_nsec};
}
