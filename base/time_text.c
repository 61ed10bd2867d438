/* Times and durations between text and nanoseconds.
 *
 * A time is read as its first 16 bytes, to the minute, and the rest, so that the minute can be
 * remembered from row to row. Sums are made in 128 bits, or with a check, so that a time outside of
 * 64 bits of nanoseconds is refused and never wraps. */
#include "base/time_text.h"

#include <endian.h>

#include "base/check.h"
#include "base/number.h"

enum {
    DATE_TEXT_BYTES = 10,
    MINUTE_TEXT_BYTES = 16,
    SECOND_TEXT_BYTES = 19,
    MICROSECOND_TEXT_BYTES = 26,
    ZONE_TEXT_BYTES = 6,
    FRACTION_DIGITS = 9,
    SECONDS_PER_DAY = 86400,
};

struct civil_date {
    int64_t year;
    uint32_t month; /* 1..12 */
    uint32_t day;   /* 1..31 */
};

static bool two_digits(const char *text, uint32_t *value);
static bool date_parse(const char *text, int64_t *days);
static bool minute_parse(const char *text, int64_t *seconds);
static bool second_parse(struct bytes tail, int64_t *ns);
static bool fraction_parse(struct bytes digits, int64_t *ns);
static bool micro_tail_parse(const char *tail, int64_t *ns);
static bool zone_parse(struct bytes zone, int64_t *seconds_east);
static bool zone_take(struct bytes *text, int64_t *seconds_east);
static bool time_assemble(int64_t seconds, int64_t ns, time_ns *time);
static int64_t days_of_date(struct civil_date date);
static struct civil_date date_of_days(int64_t days);
static char *padded_write(char *at, uint64_t value, uint32_t width);
static char *fraction_write(char *at, uint32_t ns, uint32_t digit_step);
static char *component_write(char *at, uint64_t value, char unit);
static bool duration_unit(struct bytes suffix, int64_t *ns);

bool time_parse(struct bytes text, time_ns *time)
{
    if (text.size < DATE_TEXT_BYTES) {
        return false;
    }
    bool is_iso = text.data[4] == '-';
    int64_t seconds;
    if (text.size == DATE_TEXT_BYTES) {
        int64_t days;
        if (!is_iso || !date_parse(text.data, &days)) {
            return false;
        }
        return time_assemble(days * SECONDS_PER_DAY, 0, time);
    }
    int64_t seconds_east = 0;
    if (is_iso && !zone_take(&text, &seconds_east)) {
        return false;
    }
    if (text.size < (is_iso ? MINUTE_TEXT_BYTES : SECOND_TEXT_BYTES) ||
        !minute_parse(text.data, &seconds)) {
        return false;
    }
    int64_t ns = 0;
    if (text.size > MINUTE_TEXT_BYTES &&
        !second_parse(bytes_view(text.data + MINUTE_TEXT_BYTES, text.size - MINUTE_TEXT_BYTES),
                      &ns)) {
        return false;
    }
    return time_assemble(seconds - seconds_east, ns, time);
}

/* The cache holds a minute only when its text was a valid one, so that what follows it, seconds
 * and perhaps a zone behind microseconds, is all that is left to check. */
bool time_parse_cached(struct time_cache *cache, struct bytes text, time_ns *time)
{
    if (UNLIKELY(text.size < SECOND_TEXT_BYTES)) {
        return time_parse(text, time);
    }
    if (UNLIKELY(memcmp(text.data, cache->minute, MINUTE_TEXT_BYTES) != 0 || !cache->is_set)) {
        int64_t seconds;
        if (!minute_parse(text.data, &seconds) || !time_assemble(seconds, 0, &cache->base)) {
            return time_parse(text, time);
        }
        memcpy(cache->minute, text.data, MINUTE_TEXT_BYTES);
        cache->is_set = true;
    }
    const char *tail = text.data + MINUTE_TEXT_BYTES;
    int64_t ns;
    if (LIKELY(text.size == MICROSECOND_TEXT_BYTES && micro_tail_parse(tail, &ns)) ||
        second_parse(bytes_view(tail, text.size - MINUTE_TEXT_BYTES), &ns)) {
        return !__builtin_add_overflow(cache->base, ns, time);
    }
    int64_t seconds_east;
    if (text.size > MICROSECOND_TEXT_BYTES && text.data[4] == '-' && micro_tail_parse(tail, &ns) &&
        zone_parse(
            bytes_view(text.data + MICROSECOND_TEXT_BYTES, text.size - MICROSECOND_TEXT_BYTES),
            &seconds_east)) {
        return !__builtin_add_overflow(cache->base, ns - seconds_east * NS_PER_SECOND, time);
    }
    return time_parse(text, time);
}

uint32_t time_format(time_ns time, char *text)
{
    int64_t seconds = time / NS_PER_SECOND - (time % NS_PER_SECOND < 0);
    uint32_t ns = (uint32_t)(time % NS_PER_SECOND + (time % NS_PER_SECOND < 0) * NS_PER_SECOND);
    int64_t days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0);
    uint32_t second = (uint32_t)(seconds - days * SECONDS_PER_DAY);
    struct civil_date date = date_of_days(days);
    char *at = padded_write(text, (uint64_t)date.year, 4);
    *at++ = '-';
    at = padded_write(at, date.month, 2);
    *at++ = '-';
    at = padded_write(at, date.day, 2);
    *at++ = 'T';
    at = padded_write(at, second / 3600, 2);
    *at++ = ':';
    at = padded_write(at, second / 60 % 60, 2);
    *at++ = ':';
    at = padded_write(at, second % 60, 2);
    at = fraction_write(at, ns, 3);
    *at++ = 'Z';
    *at = '\0';
    return (uint32_t)(at - text);
}

uint32_t duration_format(int64_t duration_ns, char *text)
{
    char *at = text;
    uint64_t left = duration_ns < 0 ? 0 - (uint64_t)duration_ns : (uint64_t)duration_ns;
    uint32_t ns = (uint32_t)(left % (uint64_t)NS_PER_SECOND);
    uint64_t seconds = left / (uint64_t)NS_PER_SECOND;
    uint64_t second_of_day = seconds % SECONDS_PER_DAY;
    if (duration_ns < 0) {
        *at++ = '-';
    }
    *at++ = 'P';
    at = component_write(at, seconds / SECONDS_PER_DAY, 'D');
    if (second_of_day != 0 || ns != 0 || seconds == 0) {
        *at++ = 'T';
        at = component_write(at, second_of_day / 3600, 'H');
        at = component_write(at, second_of_day / 60 % 60, 'M');
        if (second_of_day % 60 != 0 || ns != 0 || left == 0) {
            at += integer_format((int64_t)(second_of_day % 60), at);
            at = fraction_write(at, ns, 1);
            *at++ = 'S';
        }
    }
    *at = '\0';
    return (uint32_t)(at - text);
}

bool duration_parse(struct bytes text, int64_t *duration_ns)
{
    size_t number_size = 0;
    while (number_size < text.size &&
           (text.data[number_size] == '.' ||
            (text.data[number_size] >= '0' && text.data[number_size] <= '9'))) {
        number_size++;
    }
    struct decimal decimal;
    int64_t unit_ns;
    if (!decimal_parse(bytes_view(text.data, number_size), &decimal) ||
        !duration_unit(bytes_view(text.data + number_size, text.size - number_size), &unit_ns)) {
        return false;
    }
    __int128 ns = (__int128)decimal.mantissa * unit_ns / (int64_t)power_of_ten(decimal.scale);
    if (ns > INT64_MAX) {
        return false;
    }
    *duration_ns = (int64_t)ns;
    return true;
}

static bool two_digits(const char *text, uint32_t *value)
{
    uint32_t high = (uint32_t)(unsigned char)text[0] - '0';
    uint32_t low = (uint32_t)(unsigned char)text[1] - '0';
    *value = high * 10 + low;
    return high <= 9 && low <= 9;
}

/* `YYYY-MM-DD`, or with slashes: whether the two are the same is seen here, which of them it is by
 * the callers. */
static bool date_parse(const char *text, int64_t *days)
{
    static const uint8_t month_days[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t century;
    uint32_t year_of_century;
    struct civil_date date;
    if (!two_digits(text, &century) || !two_digits(text + 2, &year_of_century) ||
        !two_digits(text + 5, &date.month) || !two_digits(text + 8, &date.day) ||
        text[4] != text[7] || (text[4] != '-' && text[4] != '/')) {
        return false;
    }
    date.year = century * 100 + year_of_century;
    bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    if (date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > month_days[date.month - 1] || (date.month == 2 && date.day == 29 && !is_leap)) {
        return false;
    }
    *days = days_of_date(date);
    return true;
}

/* The first 16 bytes of a time. A `T` goes with dashes only. */
static bool minute_parse(const char *text, int64_t *seconds)
{
    int64_t days;
    uint32_t hour;
    uint32_t minute;
    bool is_parted = text[10] == ' ' || (text[10] == 'T' && text[4] == '-');
    if (!is_parted || text[13] != ':' || !two_digits(text + 11, &hour) ||
        !two_digits(text + 14, &minute) || hour > 23 || minute > 59 || !date_parse(text, &days)) {
        return false;
    }
    *seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60;
    return true;
}

/* `:SS` or `:SS.fraction`, up to the end. */
static bool second_parse(struct bytes tail, int64_t *ns)
{
    uint32_t second;
    if (tail.size < 3 || tail.data[0] != ':' || !two_digits(tail.data + 1, &second) ||
        second > 59) {
        return false;
    }
    int64_t fraction = 0;
    if (tail.size > 3 && (tail.data[3] != '.' ||
                          !fraction_parse(bytes_view(tail.data + 4, tail.size - 4), &fraction))) {
        return false;
    }
    *ns = second * NS_PER_SECOND + fraction;
    return true;
}

static bool fraction_parse(struct bytes digits, int64_t *ns)
{
    if (digits.size < 1 || digits.size > FRACTION_DIGITS) {
        return false;
    }
    int64_t value = 0;
    for (size_t index = 0; index < FRACTION_DIGITS; index++) {
        uint32_t digit =
            index < digits.size ? (uint32_t)(unsigned char)digits.data[index] - '0' : 0;
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ns = value;
    return true;
}

/* `:SS.ffffff`, ten bytes, without a loop. The last eight are read as one little-endian word, whose
 * two lowest bytes (`S.`) are replaced by zeros; neighbouring digits are then joined into pairs,
 * fours and the whole by three multiplications. */
static bool micro_tail_parse(const char *tail, int64_t *ns)
{
    uint64_t word;
    memcpy(&word, tail + 2, sizeof word);
    word = (le64toh(word) & ~UINT64_C(0xffff)) | UINT64_C(0x3030);
    uint64_t digits = word - UINT64_C(0x3030303030303030);
    uint64_t above_nine = digits + UINT64_C(0x7676767676767676);
    uint32_t tens = (uint32_t)(unsigned char)tail[1] - '0';
    uint32_t ones = (uint32_t)(unsigned char)tail[2] - '0';
    bool is_bad = ((digits | above_nine) & UINT64_C(0x8080808080808080)) != 0;
    is_bad |= tail[0] != ':';
    is_bad |= tail[3] != '.';
    is_bad |= tens > 5;
    is_bad |= ones > 9;
    digits = (digits * 10 + (digits >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    digits = (digits * 100 + (digits >> 16)) & UINT64_C(0x0000ffff0000ffff);
    digits = (digits * 10000 + (digits >> 32)) & UINT64_C(0x00000000ffffffff);
    *ns = (int64_t)(tens * 10 + ones) * NS_PER_SECOND + (int64_t)digits * 1000;
    return !is_bad;
}

/* `+HH:MM` or `+HHMM`, or with a minus. */
static bool zone_parse(struct bytes zone, int64_t *seconds_east)
{
    uint32_t hours;
    uint32_t minutes;
    bool has_colon = zone.size == ZONE_TEXT_BYTES;
    if ((zone.size != ZONE_TEXT_BYTES && zone.size != ZONE_TEXT_BYTES - 1) ||
        (zone.data[0] != '+' && zone.data[0] != '-') || (has_colon && zone.data[3] != ':') ||
        !two_digits(zone.data + 1, &hours) || !two_digits(zone.data + 3 + has_colon, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    int64_t seconds = hours * 3600 + minutes * 60;
    *seconds_east = zone.data[0] == '-' ? -seconds : seconds;
    return true;
}

/* Takes `Z`, `+HH:MM`, `-HH:MM`, `+HHMM` or `-HHMM` away from the end, if it is there. */
static bool zone_take(struct bytes *text, int64_t *seconds_east)
{
    *seconds_east = 0;
    if (text->data[text->size - 1] == 'Z') {
        text->size--;
        return true;
    }
    for (size_t size = ZONE_TEXT_BYTES; size >= ZONE_TEXT_BYTES - 1; size--) {
        if (text->size < MINUTE_TEXT_BYTES + size) {
            continue;
        }
        struct bytes zone = bytes_view(text->data + text->size - size, size);
        if (zone.data[0] == '+' || zone.data[0] == '-') {
            text->size -= size;
            return zone_parse(zone, seconds_east);
        }
    }
    return true;
}

static bool time_assemble(int64_t seconds, int64_t ns, time_ns *time)
{
    __int128 sum = (__int128)seconds * NS_PER_SECOND + ns;
    if (sum < INT64_MIN || sum > INT64_MAX) {
        return false;
    }
    *time = (int64_t)sum;
    return true;
}

/* The proleptic Gregorian calendar, in years that begin on the first of March, so that the leap day
 * is the last of its year, and in eras of 400 years (H. Hinnant, "chrono-compatible low-level date
 * algorithms", 2014). Days count from 1970-01-01, which is day 719,468 from 0000-03-01. */
static int64_t days_of_date(struct civil_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil_date date_of_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct civil_date date;
    date.day = (uint32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    date.month = (uint32_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    date.year = year_of_era + era * 400 + (date.month <= 2);
    return date;
}

static char *padded_write(char *at, uint64_t value, uint32_t width)
{
    for (uint32_t place = width; place-- > 0;) {
        at[place] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

/* A point and as many digits as are needed, in steps; nothing for zero. */
static char *fraction_write(char *at, uint32_t ns, uint32_t digit_step)
{
    if (ns == 0) {
        return at;
    }
    *at++ = '.';
    padded_write(at, ns, FRACTION_DIGITS);
    uint32_t digits = FRACTION_DIGITS;
    uint32_t step_value = digit_step == 3 ? 1000 : 10;
    while (ns % step_value == 0) {
        ns /= step_value;
        digits -= digit_step;
    }
    return at + digits;
}

static char *component_write(char *at, uint64_t value, char unit)
{
    if (value == 0) {
        return at;
    }
    at += integer_format((int64_t)value, at);
    *at++ = unit;
    return at;
}

static bool duration_unit(struct bytes suffix, int64_t *ns)
{
    static const struct {
        const char *suffix;
        int64_t ns;
    } units[] = {{"", 1000000000},   {"s", 1000000000},    {"ms", 1000000},
                 {"m", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000}};
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        if (bytes_equal(suffix, bytes_of(units[index].suffix))) {
            *ns = units[index].ns;
            return true;
        }
    }
    return false;
}
