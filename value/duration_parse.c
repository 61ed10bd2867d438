/* Durations from text and from maps. */
#include "base/number.h"
#include "value/duration.h"
#include "value/temporal_fields.h"

enum {
    WHOLE_DIGITS_MAX = 19,
    FRACTION_DIGITS_MAX = 15, /* as many as a double holds */
    TEXT_BYTES_SHOWN = 60,
};

static const char *const unit_names[DURATION_UNITS] = {
    [DURATION_YEARS] = "years",
    [DURATION_QUARTERS] = "quarters",
    [DURATION_MONTHS] = "months",
    [DURATION_WEEKS] = "weeks",
    [DURATION_DAYS] = "days",
    [DURATION_HOURS] = "hours",
    [DURATION_MINUTES] = "minutes",
    [DURATION_SECONDS] = "seconds",
    [DURATION_MILLISECONDS] = "milliseconds",
    [DURATION_MICROSECONDS] = "microseconds",
    [DURATION_NANOSECONDS] = "nanoseconds",
};

/* What is left of a text, and the sum of what was read. */
struct reading {
    struct bytes text;
    struct duration_sum sum;
    int sign; /* of all of it */
};

static bool read_amounts(struct reading *reading);
static bool read_amount(struct reading *reading, bool is_time, int *least);
static bool read_clock(struct reading *reading);
static bool read_digits(struct reading *reading, size_t least, size_t most, int64_t *number);
static bool read_mark(struct reading *reading, char mark);

enum status duration_parse_text(struct bytes text, struct pool *pool, struct value *result,
                                struct error *error)
{
    struct reading reading = {.text = text, .sign = 1};
    *result = value_null();
    if (read_mark(&reading, '-')) {
        reading.sign = -1;
    } else {
        (void)read_mark(&reading, '+');
    }
    if (read_mark(&reading, 'P')) {
        struct reading amounts = reading;
        if (read_amounts(&amounts)) {
            return duration_sum_finish(&amounts.sum, pool, result, error);
        }
        if (read_clock(&reading)) {
            return duration_sum_finish(&reading.sum, pool, result, error);
        }
    }
    bool is_cut = text.size > TEXT_BYTES_SHOWN;
    return error_set(error, STATUS_USAGE,
                     "'%.*s%s' is no duration: write P1Y2M3W4DT5H6M7.5S, with any of its parts, or "
                     "P2012-02-02T14:37:21.545",
                     (int)(is_cut ? TEXT_BYTES_SHOWN : text.size), text.size != 0 ? text.data : "",
                     is_cut ? "..." : "");
}

enum status duration_from_map(struct value map, struct pool *pool, struct value *result,
                              struct error *error)
{
    struct duration_sum sum = {0};
    *result = value_null();
    if (map.count == 0) {
        return error_set(error, STATUS_USAGE,
                         "a duration wants at least one unit, as duration({days: 1})");
    }
    for (uint32_t index = 0; index < map.count; index++) {
        const struct value_entry *entry = &map.entries[index];
        uint32_t unit = temporal_name_find(entry->key, unit_names, DURATION_UNITS);
        if (unit == DURATION_UNITS || !bytes_equal(entry->key, bytes_of(unit_names[unit]))) {
            return temporal_name_error("a duration", entry->key, unit_names, DURATION_UNITS, error);
        }
        struct value number = entry->value;
        if (value_is_null(number)) {
            return STATUS_OK;
        }
        if (!value_is_number(number)) {
            return error_set(error, STATUS_USAGE, "%s of a duration is a number, not %s",
                             unit_names[unit], value_kind_phrase(number.kind));
        }
        if (number.kind == VALUE_INTEGER) {
            duration_sum_add(&sum, (enum duration_unit)unit, number.integer, 0);
        } else if (!duration_sum_add_number(&sum, (enum duration_unit)unit, number.real)) {
            return error_set(error, STATUS_USAGE, "no duration has %g %s", number.real,
                             unit_names[unit]);
        }
    }
    return duration_sum_finish(&sum, pool, result, error);
}

/* Amounts with their units, from the largest to the smallest, those of a time behind a T. */
static bool read_amounts(struct reading *reading)
{
    int least = 0;
    uint32_t count = 0;
    while (reading->text.size != 0 && reading->text.data[0] != 'T') {
        if (!read_amount(reading, false, &least)) {
            return false;
        }
        count++;
    }
    if (!read_mark(reading, 'T')) {
        return count != 0;
    }
    least = 0;
    bool is_read = reading->text.size != 0;
    while (is_read && reading->text.size != 0) {
        is_read = read_amount(reading, true, &least);
    }
    return is_read;
}

/* [+-]digits[.digits]unit */
static bool read_amount(struct reading *reading, bool is_time, int *least)
{
    static const struct {
        char letters[5];
        enum duration_unit units[4];
    } forms[2] = {
        {"YMWD", {DURATION_YEARS, DURATION_MONTHS, DURATION_WEEKS, DURATION_DAYS}},
        {"HMS", {DURATION_HOURS, DURATION_MINUTES, DURATION_SECONDS}},
    };
    int sign = reading->sign;
    if (read_mark(reading, '-')) {
        sign = -sign;
    } else {
        (void)read_mark(reading, '+');
    }
    int64_t whole;
    int64_t fraction = 0;
    uint32_t fraction_digits = 0;
    if (!read_digits(reading, 1, WHOLE_DIGITS_MAX, &whole)) {
        return false;
    }
    if (read_mark(reading, '.') || read_mark(reading, ',')) {
        size_t before = reading->text.size;
        if (!read_digits(reading, 1, FRACTION_DIGITS_MAX, &fraction)) {
            return false;
        }
        fraction_digits = (uint32_t)(before - reading->text.size);
    }
    const char *letters = forms[is_time].letters;
    const char *unit = reading->text.size != 0 && reading->text.data[0] != '\0'
                           ? strchr(letters + *least, reading->text.data[0])
                           : NULL;
    if (unit == NULL) {
        return false;
    }
    *least = (int)(unit - letters) + 1;
    duration_sum_add(&reading->sum, forms[is_time].units[unit - letters], sign * whole,
                     sign * ((double)fraction / power_of_ten(fraction_digits)));
    return read_mark(reading, *unit);
}

/* YYYY-MM-DD[THH:MM[:SS[.f]]], or without dashes and colons. */
static bool read_clock(struct reading *reading)
{
    static const struct {
        enum duration_unit unit;
        char mark;
    } parts[6] = {
        {DURATION_YEARS, '\0'}, {DURATION_MONTHS, '-'},  {DURATION_DAYS, '-'},
        {DURATION_HOURS, 'T'},  {DURATION_MINUTES, ':'}, {DURATION_SECONDS, ':'},
    };
    bool is_extended = reading->text.size > 4 && reading->text.data[4] == '-';
    for (uint32_t part = 0; part < 6 && (part < 3 || reading->text.size != 0); part++) {
        bool has_mark = part == 3 || (part > 0 && is_extended);
        size_t digits = part == 0 ? 4 : 2;
        int64_t number;
        if ((has_mark && !read_mark(reading, parts[part].mark)) ||
            !read_digits(reading, digits, digits, &number)) {
            return false;
        }
        duration_sum_add(&reading->sum, parts[part].unit, reading->sign * number, 0);
        if (part == 5 && read_mark(reading, '.')) {
            size_t before = reading->text.size;
            if (!read_digits(reading, 1, FRACTION_DIGITS_MAX, &number)) {
                return false;
            }
            double fraction =
                (double)number / power_of_ten((uint32_t)(before - reading->text.size));
            duration_sum_add(&reading->sum, DURATION_SECONDS, 0, reading->sign * fraction);
        }
    }
    return reading->text.size == 0;
}

static bool read_digits(struct reading *reading, size_t least, size_t most, int64_t *number)
{
    struct bytes text = reading->text;
    int64_t value = 0;
    size_t count = 0;
    bool is_overflow = false;
    while (count < text.size && count < most && text.data[count] >= '0' &&
           text.data[count] <= '9') {
        is_overflow |= __builtin_mul_overflow(value, 10, &value);
        is_overflow |= __builtin_add_overflow(value, text.data[count] - '0', &value);
        count++;
    }
    *number = value;
    reading->text = bytes_view(text.data + count, text.size - count);
    return count >= least && !is_overflow;
}

static bool read_mark(struct reading *reading, char mark)
{
    struct bytes text = reading->text;
    if (text.size == 0 || text.data[0] != mark) {
        return false;
    }
    reading->text = bytes_view(text.data + 1, text.size - 1);
    return true;
}
