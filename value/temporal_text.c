/* Dates, times and durations as text. */
#include "value/temporal.h"

#include "base/check.h"
#include "base/number.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal_parts.h"

static char *put_date(char *at, int64_t days);
static char *put_time(char *at, int64_t ns);
static char *put_padded(char *at, uint64_t value, uint32_t width);
static char *put_fraction(char *at, uint32_t ns, uint32_t step);
static char *put_duration(char *at, const struct value_duration *duration);
static char *put_amount(char *at, int64_t amount, char unit);

uint32_t temporal_text(struct value value, char *text)
{
    char *at = text;
    if (value.kind == VALUE_DURATION) {
        at = put_duration(at, value.duration);
        *at = '\0';
        return (uint32_t)(at - text);
    }
    struct temporal_parts parts = temporal_parts_of(value);
    if (parts.has_date) {
        at = put_date(at, parts.days);
    }
    if (parts.has_date && parts.has_time) {
        *at++ = 'T';
    }
    if (parts.has_time) {
        at = put_time(at, parts.ns);
    }
    if (parts.has_zone) {
        at = temporal_put_offset(at, parts.zone.offset);
    }
    if (parts.zone.name.size != 0) {
        *at++ = '[';
        memcpy(at, parts.zone.name.data, parts.zone.name.size);
        at += parts.zone.name.size;
        *at++ = ']';
    }
    *at = '\0';
    DCHECK(at - text < TEMPORAL_TEXT_BYTES);
    return (uint32_t)(at - text);
}

char *temporal_put_offset(char *at, int32_t offset)
{
    if (offset == 0) {
        *at++ = 'Z';
        return at;
    }
    uint32_t seconds = (uint32_t)(offset < 0 ? -offset : offset);
    *at++ = offset < 0 ? '-' : '+';
    at = put_padded(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_padded(at, seconds / 60 % 60, 2);
    if (seconds % 60 != 0) {
        *at++ = ':';
        at = put_padded(at, seconds % 60, 2);
    }
    return at;
}

/* A year of more than four digits has a sign, without which it could not be told from what
 * follows. */
static char *put_date(char *at, int64_t days)
{
    struct calendar_date date = calendar_date(days);
    if (date.year < 0 || date.year > 9999) {
        *at++ = date.year < 0 ? '-' : '+';
    }
    at = put_padded(at, (uint64_t)(date.year < 0 ? -date.year : date.year), 4);
    *at++ = '-';
    at = put_padded(at, (uint64_t)date.month, 2);
    *at++ = '-';
    return put_padded(at, (uint64_t)date.day, 2);
}

/* Seconds only where there are any; fractions in threes. */
static char *put_time(char *at, int64_t ns)
{
    uint64_t seconds = (uint64_t)(ns / NS_PER_SECOND);
    uint32_t fraction = (uint32_t)(ns % NS_PER_SECOND);
    at = put_padded(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_padded(at, seconds / 60 % 60, 2);
    if (seconds % 60 != 0 || fraction != 0) {
        *at++ = ':';
        at = put_padded(at, seconds % 60, 2);
        at = put_fraction(at, fraction, 3);
    }
    return at;
}

static char *put_padded(char *at, uint64_t value, uint32_t width)
{
    char digits[NUMBER_TEXT_BYTES];
    uint32_t length = integer_format((int64_t)value, digits);
    for (; width > length; width--) {
        *at++ = '0';
    }
    memcpy(at, digits, length);
    return at + length;
}

/* Nothing for 0; else as many digits as it takes, in steps. */
static char *put_fraction(char *at, uint32_t ns, uint32_t step)
{
    if (ns == 0) {
        return at;
    }
    *at++ = '.';
    char digits[9];
    for (uint32_t digit = 9; digit > 0; digit--) {
        digits[digit - 1] = (char)('0' + ns % 10);
        ns /= 10;
    }
    uint32_t size = 9;
    while (size > step && memcmp(digits + size - step, "000", step) == 0) {
        size -= step;
    }
    memcpy(at, digits, size);
    return at + size;
}

/* Each unit has its own sign. Hours are not made days, nor days months: they are no fixed number of
 * one another. */
static char *put_duration(char *at, const struct value_duration *duration)
{
    __int128 ns = duration_ns(duration);
    *at++ = 'P';
    at = put_amount(at, duration->months / 12, 'Y');
    at = put_amount(at, duration->months % 12, 'M');
    at = put_amount(at, duration->days, 'D');
    bool is_empty = duration->months == 0 && duration->days == 0;
    if (ns == 0 && !is_empty) {
        return at;
    }
    *at++ = 'T';
    at = put_amount(at, (int64_t)(ns / (3600 * NS_PER_SECOND)), 'H');
    at = put_amount(at, (int64_t)(ns / (60 * NS_PER_SECOND) % 60), 'M');
    int64_t rest = (int64_t)(ns % (60 * NS_PER_SECOND));
    if (rest != 0 || ns == 0) {
        uint64_t size = (uint64_t)(rest < 0 ? -rest : rest);
        if (rest < 0) {
            *at++ = '-';
        }
        at = put_padded(at, size / (uint64_t)NS_PER_SECOND, 1);
        at = put_fraction(at, (uint32_t)(size % (uint64_t)NS_PER_SECOND), 1);
        *at++ = 'S';
    }
    return at;
}

static char *put_amount(char *at, int64_t amount, char unit)
{
    if (amount == 0) {
        return at;
    }
    at += integer_format(amount, at);
    *at++ = unit;
    return at;
}
