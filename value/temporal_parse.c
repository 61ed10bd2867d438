/* Dates and times read from text, in all forms of openCypher 9: ISO 8601's calendar, week, quarter
 * and ordinal dates, extended (with dashes and colons) and compact.
 *
 * What is wrong is said first by the part that sees it ("there is no month 13"); what the text was
 * taken for goes before it. */
#include "base/check.h"
#include "base/time_text.h"
#include "value/calendar.h"
#include "value/temporal_fields.h"
#include "value/temporal_parts.h"
#include "value/zone.h"

enum {
    FRACTION_DIGITS = 9,
    YEAR_DIGITS_MAX = 9,
    TEXT_BYTES_SHOWN = 60,
    SLASH_DATE_BYTES = 10, /* "2011/08/16" */
};

static enum status parse_kind(enum value_kind kind, struct bytes text, struct temporal_parts *parts,
                              struct error *error);
static bool parse_slashes(struct bytes text, struct temporal_parts *parts);
static enum status parse_date(struct bytes text, int64_t *days, struct error *error);
static bool parse_date_tail(struct bytes tail, struct temporal_day *day);
static bool parse_compact_date(struct bytes text, struct temporal_day *day);
static enum status parse_time(struct bytes text, int64_t *ns, struct error *error);
static bool parse_fraction(struct bytes digits, int64_t *ns);
static enum status parse_zone_tail(enum value_kind kind, struct bytes text,
                                   struct temporal_parts *parts, struct error *error);
static enum status settle_given(struct temporal_parts *parts, struct bytes name,
                                struct error *error);
static enum status parse_offset(struct bytes text, int32_t *offset, struct error *error);
static bool parse_number(struct bytes digits, int64_t *number);
static size_t digit_count(struct bytes text);
static struct bytes after(struct bytes text, size_t size);
static enum status form_error(struct error *error, const char *form);

enum status temporal_parse(enum value_kind kind, struct bytes text, struct temporal_parts *parts,
                           struct error *error)
{
    struct temporal_parts none = {.has_date = kind != VALUE_LOCAL_TIME && kind != VALUE_TIME,
                                  .has_time = kind != VALUE_DATE,
                                  .has_zone = kind == VALUE_DATETIME || kind == VALUE_TIME};
    *parts = none;
    if (text.size == 0) {
        return error_set(error, STATUS_USAGE, "an empty text is no %s",
                         temporal_function_name(kind));
    }
    if (kind == VALUE_DATETIME && parse_slashes(text, parts)) {
        return STATUS_OK;
    }
    enum status status = parse_kind(kind, text, parts, error);
    if (status == STATUS_USAGE) {
        bool is_cut = text.size > TEXT_BYTES_SHOWN;
        error_add_context(error, "'%.*s%s' is no %s", (int)(is_cut ? TEXT_BYTES_SHOWN : text.size),
                          text.data, is_cut ? "..." : "", temporal_function_name(kind));
    }
    return status;
}

enum status temporal_zone_parse(struct bytes text, struct temporal_zone *zone, struct error *error)
{
    *zone = (struct temporal_zone){0};
    if (text.size != 0 && (text.data[0] == '+' || text.data[0] == '-')) {
        return parse_offset(text, &zone->offset, error);
    }
    if (!bytes_equal(text, bytes_of("Z"))) {
        zone->name = text;
        if (text.size == 0) {
            return error_set(error, STATUS_USAGE, "a time zone has no name");
        }
    }
    return STATUS_OK;
}

static enum status parse_kind(enum value_kind kind, struct bytes text, struct temporal_parts *parts,
                              struct error *error)
{
    struct bytes time = text;
    const char *mark = memchr(text.data, 'T', text.size);
    if (parts->has_date) {
        /* A zone's name may hold a T; a date never does. */
        struct bytes date = text;
        date.size = mark != NULL ? (size_t)(mark - text.data) : text.size;
        TRY(parse_date(date, &parts->days, error));
        if (mark == NULL) {
            return STATUS_OK;
        }
        time = after(text, date.size + 1);
        if (!parts->has_time) {
            return error_set(error, STATUS_USAGE, "a date has no time");
        }
    } else if (mark == text.data) {
        time = after(text, 1);
    }
    size_t size = 0;
    while (size < time.size && strchr("Z+-[", time.data[size]) == NULL) {
        size++;
    }
    TRY(parse_time(bytes_view(time.data, size), &parts->ns, error));
    return parse_zone_tail(kind, after(time, size), parts, error);
}

/* Times as Argus writes them, 2011/08/16 10:01:46.972101, and ISO 8601 with a blank in its midst,
 * which base/time_text.h reads in UTC. */
static bool parse_slashes(struct bytes text, struct temporal_parts *parts)
{
    int64_t ns;
    if (text.size <= SLASH_DATE_BYTES || (text.data[4] != '/' && text.data[10] != ' ') ||
        !time_parse(text, &ns)) {
        return false;
    }
    parts->days = floor_divide(ns, NS_PER_DAY);
    parts->ns = floor_remainder(ns, NS_PER_DAY);
    return true;
}

static enum status parse_date(struct bytes text, int64_t *days, struct error *error)
{
    static const char forms[] =
        "write 2015-07-21, 2015-W30-2, 2015-Q3-21, 2015-202, 2015-07 or 2015";
    struct temporal_day day = {DATE_CALENDAR, 0, 1, 1};
    bool has_sign = text.size != 0 && (text.data[0] == '+' || text.data[0] == '-');
    bool is_negative = has_sign && text.data[0] == '-';
    text = after(text, has_sign);
    size_t digits = digit_count(text);
    if (!has_sign && digits > 4) {
        if (digits != text.size || !parse_compact_date(text, &day)) {
            return form_error(error, forms);
        }
        return temporal_day_find(day, days, error);
    }
    if (digits == 0 || digits > YEAR_DIGITS_MAX || (!has_sign && digits != 4) ||
        !parse_number(bytes_view(text.data, digits), &day.year) ||
        !parse_date_tail(after(text, digits), &day)) {
        return form_error(error, forms);
    }
    day.year = is_negative ? -day.year : day.year;
    return temporal_day_find(day, days, error);
}

/* YYYYMM, YYYYDDD, YYYYMMDD. */
static bool parse_compact_date(struct bytes text, struct temporal_day *day)
{
    if (text.size < 6 || text.size > 8 || !parse_number(bytes_view(text.data, 4), &day->year)) {
        return false;
    }
    if (text.size == 7) {
        day->form = DATE_ORDINAL;
        return parse_number(after(text, 4), &day->day);
    }
    return parse_number(bytes_view(text.data + 4, 2), &day->part) &&
           (text.size == 6 || parse_number(after(text, 6), &day->day));
}

/* What follows the year: nothing; -MM, -MM-DD, -DDD; -Www, -Www-D, WwwD; -Qq, -Qq-DD, QqDD. */
static bool parse_date_tail(struct bytes tail, struct temporal_day *day)
{
    if (tail.size == 0) {
        return true;
    }
    bool has_dash = tail.data[0] == '-';
    tail = after(tail, has_dash);
    char mark = tail.size != 0 ? tail.data[0] : '\0';
    bool has_mark = mark == 'W' || mark == 'Q';
    if (!has_dash && !has_mark) {
        return false;
    }
    tail = after(tail, has_mark);
    size_t digits = digit_count(tail);
    if (!has_mark && digits == 3) {
        day->form = DATE_ORDINAL;
        return digits == tail.size && parse_number(tail, &day->day);
    }
    day->form = mark == 'W' ? DATE_WEEK : mark == 'Q' ? DATE_QUARTER : DATE_CALENDAR;
    size_t part_digits = day->form == DATE_QUARTER ? 1 : 2;
    size_t day_digits = day->form == DATE_WEEK ? 1 : 2;
    if (digits < part_digits || !parse_number(bytes_view(tail.data, part_digits), &day->part)) {
        return false;
    }
    tail = after(tail, part_digits);
    if (tail.size != 0 && tail.data[0] == '-') {
        tail = after(tail, 1);
    } else if (tail.size != 0 && !has_mark) {
        return false;
    } else if (tail.size == 0) {
        return true;
    }
    return tail.size == day_digits && parse_number(tail, &day->day);
}

static enum status parse_time(struct bytes text, int64_t *ns, struct error *error)
{
    static const char forms[] = "write 21:40:32.142, 214032.142, 21:40, 2140 or 21";
    int64_t numbers[3] = {0};
    int64_t fraction = 0;
    bool is_extended = text.size > 2 && text.data[2] == ':';
    uint32_t count = 0;
    while (count < 3 && (count == 0 || text.size != 0)) {
        if (count > 0 && is_extended) {
            if (text.data[0] != ':') {
                return form_error(error, forms);
            }
            text = after(text, 1);
        }
        if (text.size < 2 || !parse_number(bytes_view(text.data, 2), &numbers[count])) {
            return form_error(error, forms);
        }
        text = after(text, 2);
        count++;
    }
    if (text.size != 0 && ((text.data[0] != '.' && text.data[0] != ',') ||
                           !parse_fraction(after(text, 1), &fraction))) {
        return form_error(error, forms);
    }
    return temporal_time_find(numbers[0], numbers[1], numbers[2], fraction, ns, error);
}

static bool parse_fraction(struct bytes digits, int64_t *ns)
{
    if (digits.size > FRACTION_DIGITS || !parse_number(digits, ns)) {
        return false;
    }
    for (size_t digit = digits.size; digit < FRACTION_DIGITS; digit++) {
        *ns *= 10;
    }
    return true;
}

/* What follows the time: an offset, the name of a zone in brackets, both or nothing. */
static enum status parse_zone_tail(enum value_kind kind, struct bytes text,
                                   struct temporal_parts *parts, struct error *error)
{
    if (text.size == 0) {
        return STATUS_OK;
    }
    if (!parts->has_zone) {
        return error_set(error, STATUS_USAGE, "a %s has no time zone",
                         temporal_function_name(kind));
    }
    const char *bracket = memchr(text.data, '[', text.size);
    struct bytes offset = text;
    offset.size = bracket != NULL ? (size_t)(bracket - text.data) : text.size;
    if (offset.size != 0) {
        struct temporal_zone zone;
        TRY(temporal_zone_parse(offset, &zone, error));
        parts->zone.offset = zone.offset;
        if (zone.name.size != 0) {
            return form_error(error, "an offset is written as +02:00, +0200, +02 or Z");
        }
    }
    struct bytes name = after(text, offset.size);
    if (name.size == 0) {
        return STATUS_OK;
    }
    if (kind == VALUE_TIME) {
        return error_set(error, STATUS_USAGE,
                         "the offset of a zone with a name depends on the date, and a time has "
                         "none: write an offset as +02:00");
    }
    if (name.size < 3 || name.data[name.size - 1] != ']') {
        return form_error(error, "a zone is written as [Europe/Stockholm]");
    }
    name = bytes_view(name.data + 1, name.size - 2);
    if (offset.size == 0) {
        parts->zone.name = name;
        return temporal_settle(parts, NULL, error);
    }
    return settle_given(parts, name, error);
}

/* With an offset and a name, which have to agree. */
static enum status settle_given(struct temporal_parts *parts, struct bytes name,
                                struct error *error)
{
    int32_t given = parts->zone.offset;
    parts->zone.name = name;
    TRY(temporal_settle(parts, &given, error));
    if (parts->zone.offset == given) {
        return STATUS_OK;
    }
    char texts[2][16];
    *temporal_put_offset(texts[0], parts->zone.offset) = '\0';
    *temporal_put_offset(texts[1], given) = '\0';
    return error_set(error, STATUS_USAGE, "the offset of %.*s is %s then, not %s", (int)name.size,
                     name.data, texts[0], texts[1]);
}

/* [+-]HH[:MM[:SS]] or without the colons. */
static enum status parse_offset(struct bytes text, int32_t *offset, struct error *error)
{
    static const char forms[] = "an offset is written as +02:00, +0200, +02 or Z";
    bool is_negative = text.data[0] == '-';
    int64_t numbers[3] = {0};
    text = after(text, 1);
    bool is_extended = text.size > 2 && text.data[2] == ':';
    for (uint32_t count = 0; count < 3 && (count == 0 || text.size != 0); count++) {
        if (count > 0 && is_extended) {
            if (text.data[0] != ':') {
                return form_error(error, forms);
            }
            text = after(text, 1);
        }
        if (text.size < 2 || !parse_number(bytes_view(text.data, 2), &numbers[count])) {
            return form_error(error, forms);
        }
        text = after(text, 2);
    }
    int64_t seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2];
    if (text.size != 0 || numbers[1] > 59 || numbers[2] > 59) {
        return form_error(error, forms);
    }
    if (seconds > ZONE_OFFSET_MAX) {
        return error_set(error, STATUS_USAGE, "an offset is 18 hours at most");
    }
    *offset = (int32_t)(is_negative ? -seconds : seconds);
    return STATUS_OK;
}

/* Digits only, 18 at most. */
static bool parse_number(struct bytes digits, int64_t *number)
{
    if (digits.size == 0 || digits.size > 18 || digit_count(digits) != digits.size) {
        return false;
    }
    int64_t value = 0;
    for (size_t index = 0; index < digits.size; index++) {
        value = value * 10 + (digits.data[index] - '0');
    }
    *number = value;
    return true;
}

static size_t digit_count(struct bytes text)
{
    size_t count = 0;
    while (count < text.size && text.data[count] >= '0' && text.data[count] <= '9') {
        count++;
    }
    return count;
}

static struct bytes after(struct bytes text, size_t size)
{
    return bytes_view(text.data + size, text.size - size);
}

static enum status form_error(struct error *error, const char *form)
{
    return error_set(error, STATUS_USAGE, "%s", form);
}
