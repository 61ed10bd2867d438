/* The duration from one date or time to another.
 *
 * Months and days are counted by the clock on the wall of the first one's zone, and seconds by
 * instants, in the way in which temporal_add goes on: so that from + between(from, to) is `to`. */
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal_parts.h"

static enum status align(struct temporal_parts *from, struct temporal_parts *to,
                         struct error *error);
static enum status align_zone(struct temporal_parts *parts, const struct temporal_parts *other,
                              struct error *error);
static int64_t whole_days_until(const struct temporal_parts *from, const struct temporal_parts *to);
static int64_t months_until(const struct temporal_parts *from, const struct temporal_parts *to);

enum status duration_between(enum duration_between units, struct value from_value,
                             struct value to_value, struct pool *pool, struct value *result,
                             struct error *error)
{
    struct temporal_parts from = temporal_parts_of(from_value);
    struct temporal_parts to = temporal_parts_of(to_value);
    bool has_dates = from.has_date && to.has_date;
    int64_t months = 0;
    int64_t days = 0;
    *result = value_null();
    TRY(align(&from, &to, error));
    if (has_dates && (units == BETWEEN_ALL || units == BETWEEN_MONTHS)) {
        months = months_until(&from, &to);
    }
    if (units == BETWEEN_MONTHS) {
        return duration_make(months, 0, 0, pool, result, error);
    }
    /* From a month to a shorter one the day becomes less, never later than `to`. */
    (void)calendar_add_months(from.days, months, &from.days);
    if (has_dates && units != BETWEEN_SECONDS) {
        days = whole_days_until(&from, &to) - from.days;
    }
    if (units == BETWEEN_DAYS) {
        return duration_make(0, days, 0, pool, result, error);
    }
    from.days += days;
    if (from.has_date) {
        int32_t offset = from.zone.offset;
        TRY(temporal_settle(&from, &offset, error));
    }
    __int128 seconds = (__int128)temporal_utc_seconds(&to) - temporal_utc_seconds(&from);
    return duration_make(months, days,
                         seconds * NS_PER_SECOND + to.ns % NS_PER_SECOND - from.ns % NS_PER_SECOND,
                         pool, result, error);
}

/* Both get what either has, and `to` the zone of `from`. */
static enum status align(struct temporal_parts *from, struct temporal_parts *to,
                         struct error *error)
{
    if (from->has_date != to->has_date) {
        *(from->has_date ? &to->days : &from->days) = from->has_date ? from->days : to->days;
        from->has_date = true;
        to->has_date = true;
    }
    TRY(align_zone(from, to, error));
    TRY(align_zone(to, from, error));
    return from->has_zone ? temporal_move(to, from->zone, error) : STATUS_OK;
}

static enum status align_zone(struct temporal_parts *parts, const struct temporal_parts *other,
                              struct error *error)
{
    if (parts->has_zone || !other->has_zone) {
        return STATUS_OK;
    }
    parts->zone = other->zone;
    parts->has_zone = true;
    return parts->has_date ? temporal_settle(parts, NULL, error) : STATUS_OK;
}

/* The day of `to`, or the one before or after when the last day is not a whole one. */
static int64_t whole_days_until(const struct temporal_parts *from, const struct temporal_parts *to)
{
    if (to->days > from->days && to->ns < from->ns) {
        return to->days - 1;
    }
    return to->days < from->days && to->ns > from->ns ? to->days + 1 : to->days;
}

/* Months are counted with their days as fractions of 32, of which none has as many. */
static int64_t months_until(const struct temporal_parts *from, const struct temporal_parts *to)
{
    struct calendar_date first = calendar_date(from->days);
    struct calendar_date last = calendar_date(whole_days_until(from, to));
    int64_t first_packed = (first.year * 12 + first.month) * 32 + first.day;
    int64_t last_packed = (last.year * 12 + last.month) * 32 + last.day;
    return (last_packed - first_packed) / 32;
}
