/* POSIX rules of time zones. What a rule says east, gyre counts positive: the rule counts west. */
#include "value/zone_rule.h"

#include "value/calendar.h"

enum {
    DEFAULT_CHANGE_SECONDS = 2 * 3600, /* of the day, when a rule names none */
    CHANGE_HOURS_MAX = 167,
    OFFSET_HOURS_MAX = 24,
    LAST_WEEK = 5, /* of the month, whether it has four or five such days */
};

/* When clocks change, each year. */
struct change {
    enum {
        DAY_OF_MONTH_WEEK,    /* Mm.w.d */
        DAY_WITHOUT_LEAP_DAY, /* Jn, 1..365, February 29th is never counted */
        DAY_OF_YEAR,          /* n, 0..365 */
    } form;
    int32_t month;
    int32_t week;
    int32_t day;     /* of the week, 0 Sunday; or n */
    int32_t seconds; /* after midnight by the clock before the change */
};

struct rule {
    int32_t standard;
    int32_t summer;
    bool has_summer;
    struct change start; /* of summer time */
    struct change end;
};

/* What is left to read. Each take_ function reads one thing off its front. */
static bool take_rule(struct bytes *text, struct rule *rule);
static bool take_name(struct bytes *text);
static bool take_number(struct bytes *text, int32_t least, int32_t most, int32_t *number);
static bool take_seconds(struct bytes *text, int32_t hours_max, int32_t *seconds);
static bool take_change(struct bytes *text, struct change *change);
static bool take_character(struct bytes *text, char character);
static int64_t change_in_year(const struct change *change, int64_t year);

/* A year has two changes, of which the later ones may lie in the year before or after by the clock
 * of Greenwich: so those of three years are looked at. */
bool zone_rule_span(struct bytes text, int64_t utc, struct zone_span *span)
{
    struct rule rule = {0};
    if (!take_rule(&text, &rule) || text.size != 0) {
        return false;
    }
    *span = (struct zone_span){INT64_MIN, INT64_MAX, rule.standard};
    if (!rule.has_summer) {
        return true;
    }
    int64_t year = calendar_date(floor_divide(utc, SECONDS_PER_DAY)).year;
    for (int64_t near = year - 1; near <= year + 1; near++) {
        const struct {
            int64_t at;
            int32_t offset;
        } changes[] = {
            {change_in_year(&rule.start, near) - rule.standard, rule.summer},
            {change_in_year(&rule.end, near) - rule.summer, rule.standard},
        };
        for (uint32_t change = 0; change < 2; change++) {
            if (changes[change].at > utc) {
                span->to = changes[change].at < span->to ? changes[change].at : span->to;
            } else if (changes[change].at >= span->from) {
                span->from = changes[change].at;
                span->offset = changes[change].offset;
            }
        }
    }
    return true;
}

static bool take_rule(struct bytes *text, struct rule *rule)
{
    int32_t west;
    if (!take_name(text) || !take_seconds(text, OFFSET_HOURS_MAX, &west)) {
        return false;
    }
    rule->standard = -west;
    if (text->size == 0) {
        return true;
    }
    rule->has_summer = true;
    rule->summer = rule->standard + 3600;
    if (!take_name(text)) {
        return false;
    }
    if (text->size != 0 && text->data[0] != ',') {
        if (!take_seconds(text, OFFSET_HOURS_MAX, &west)) {
            return false;
        }
        rule->summer = -west;
    }
    return take_character(text, ',') && take_change(text, &rule->start) &&
           take_character(text, ',') && take_change(text, &rule->end);
}

/* Letters, or anything between < and >. */
static bool take_name(struct bytes *text)
{
    size_t size = 0;
    if (text->size != 0 && text->data[0] == '<') {
        const char *close = memchr(text->data, '>', text->size);
        size = close != NULL ? (size_t)(close - text->data) + 1 : 0;
    } else {
        while (size < text->size && ((text->data[size] | 0x20) >= 'a') &&
               ((text->data[size] | 0x20) <= 'z')) {
            size++;
        }
    }
    *text = bytes_view(text->data + size, text->size - size);
    return size >= 3;
}

static bool take_number(struct bytes *text, int32_t least, int32_t most, int32_t *number)
{
    int32_t value = 0;
    size_t size = 0;
    for (; size < text->size && text->data[size] >= '0' && text->data[size] <= '9'; size++) {
        value = value * 10 + (text->data[size] - '0');
        if (value > most) {
            return false;
        }
    }
    *number = value;
    *text = bytes_view(text->data + size, text->size - size);
    return size != 0 && value >= least;
}

/* [+-]h[:mm[:ss]] */
static bool take_seconds(struct bytes *text, int32_t hours_max, int32_t *seconds)
{
    bool is_negative = take_character(text, '-');
    if (!is_negative) {
        (void)take_character(text, '+');
    }
    int32_t hours;
    int32_t part = 0;
    if (!take_number(text, 0, hours_max, &hours)) {
        return false;
    }
    *seconds = hours * 3600;
    for (int32_t unit = 60; unit > 0 && take_character(text, ':'); unit /= 60) {
        if (!take_number(text, 0, 59, &part)) {
            return false;
        }
        *seconds += part * unit;
    }
    *seconds = is_negative ? -*seconds : *seconds;
    return true;
}

static bool take_change(struct bytes *text, struct change *change)
{
    bool is_taken;
    if (take_character(text, 'M')) {
        change->form = DAY_OF_MONTH_WEEK;
        is_taken = take_number(text, 1, 12, &change->month) && take_character(text, '.') &&
                   take_number(text, 1, LAST_WEEK, &change->week) && take_character(text, '.') &&
                   take_number(text, 0, 6, &change->day);
    } else if (take_character(text, 'J')) {
        change->form = DAY_WITHOUT_LEAP_DAY;
        is_taken = take_number(text, 1, 365, &change->day);
    } else {
        change->form = DAY_OF_YEAR;
        is_taken = take_number(text, 0, 365, &change->day);
    }
    change->seconds = DEFAULT_CHANGE_SECONDS;
    if (is_taken && take_character(text, '/')) {
        is_taken = take_seconds(text, CHANGE_HOURS_MAX, &change->seconds);
    }
    return is_taken;
}

static bool take_character(struct bytes *text, char character)
{
    if (text->size == 0 || text->data[0] != character) {
        return false;
    }
    *text = bytes_view(text->data + 1, text->size - 1);
    return true;
}

/* By the clock before the change. */
static int64_t change_in_year(const struct change *change, int64_t year)
{
    int64_t days = calendar_days((struct calendar_date){year, 1, 1});
    switch (change->form) {
    case DAY_OF_YEAR:
        days += change->day;
        break;
    case DAY_WITHOUT_LEAP_DAY:
        days += change->day - 1 + (calendar_is_leap(year) && change->day >= 60);
        break;
    case DAY_OF_MONTH_WEEK: {
        int64_t first = calendar_days((struct calendar_date){year, change->month, 1});
        int64_t weekday = floor_remainder(first + 4, 7); /* 0: Sunday */
        int64_t day = floor_remainder(change->day - weekday, 7) + (change->week - 1) * 7;
        days = first + (day < calendar_month_days(year, change->month) ? day : day - 7);
        break;
    }
    }
    return days * SECONDS_PER_DAY + change->seconds;
}
