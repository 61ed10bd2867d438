/* Numbers that name a day or a time of day, checked. */
#include "value/temporal_fields.h"

#include <stdio.h>

#include "base/time_text.h"
#include "value/calendar.h"

enum {
    EDITS_MAX = 2,
    NAMES_BYTES = 512,
    NAME_BYTES_SHOWN = 40,
};

static int64_t part_last(struct temporal_day day);

enum status temporal_day_find(struct temporal_day day, int64_t *days, struct error *error)
{
    static const char *const part_names[] = {"month", "week", "quarter", ""};
    const char *part_name = part_names[day.form];
    long long year = day.year;
    if (year < -CALENDAR_YEAR_MAX || year > CALENDAR_YEAR_MAX) {
        return error_set(error, STATUS_USAGE,
                         "the year %lld is out of range: years go from -%lld to %lld", year,
                         (long long)CALENDAR_YEAR_MAX, (long long)CALENDAR_YEAR_MAX);
    }
    if (day.form != DATE_ORDINAL && (day.part < 1 || day.part > part_last(day))) {
        return day.form == DATE_WEEK
                   ? error_set(error, STATUS_USAGE, "there is no week %lld in %lld",
                               (long long)day.part, year)
                   : error_set(error, STATUS_USAGE, "there is no %s %lld", part_name,
                               (long long)day.part);
    }
    if (day.day < 1 || day.day > temporal_day_last(day)) {
        return day.form == DATE_ORDINAL
                   ? error_set(error, STATUS_USAGE, "there is no day %lld in %lld",
                               (long long)day.day, year)
                   : error_set(error, STATUS_USAGE, "there is no day %lld in %s %lld of %lld",
                               (long long)day.day, part_name, (long long)day.part, year);
    }
    int32_t part = (int32_t)day.part;
    int32_t day_number = (int32_t)day.day;
    switch (day.form) {
    case DATE_CALENDAR:
        *days = calendar_days((struct calendar_date){day.year, part, day_number});
        break;
    case DATE_WEEK:
        *days = calendar_days_of_week((struct calendar_week){day.year, part, day_number});
        break;
    case DATE_QUARTER:
        *days = calendar_days((struct calendar_date){day.year, part * 3 - 2, day_number});
        break;
    case DATE_ORDINAL:
        *days = calendar_days((struct calendar_date){day.year, 1, day_number});
        break;
    }
    return STATUS_OK;
}

struct temporal_day temporal_day_of(enum temporal_date_form form, int64_t days)
{
    struct calendar_date date = calendar_date(days);
    struct temporal_day day = {.form = form, .year = date.year};
    switch (form) {
    case DATE_CALENDAR:
        day.part = date.month;
        day.day = date.day;
        break;
    case DATE_WEEK: {
        struct calendar_week week = calendar_week(days);
        day.year = week.year;
        day.part = week.week;
        day.day = week.day;
        break;
    }
    case DATE_QUARTER:
        day.part = (date.month + 2) / 3;
        day.day = calendar_day_of_quarter(days);
        break;
    case DATE_ORDINAL:
        day.day = calendar_day_of_year(days);
        break;
    }
    return day;
}

int64_t temporal_day_last(struct temporal_day day)
{
    switch (day.form) {
    case DATE_CALENDAR:
        return calendar_month_days(day.year, (int32_t)day.part);
    case DATE_WEEK:
        return 7;
    case DATE_QUARTER:
        return calendar_quarter_days(day.year, (int32_t)day.part);
    case DATE_ORDINAL:
        break;
    }
    return calendar_is_leap(day.year) ? 366 : 365;
}

enum status temporal_time_find(int64_t hour, int64_t minute, int64_t second, int64_t ns,
                               int64_t *ns_of_day, struct error *error)
{
    const struct {
        const char *name;
        int64_t value;
        int64_t most;
    } fields[] = {
        {"hour", hour, 23},
        {"minute", minute, 59},
        {"second", second, 59},
    };
    for (uint32_t field = 0; field < sizeof fields / sizeof fields[0]; field++) {
        if (fields[field].value < 0 || fields[field].value > fields[field].most) {
            return error_set(error, STATUS_USAGE, "there is no %s %lld", fields[field].name,
                             (long long)fields[field].value);
        }
    }
    *ns_of_day = ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND + ns;
    return STATUS_OK;
}

/* Most names are told apart by their first letter, which costs less than a call. */
uint32_t temporal_name_find(struct bytes name, const char *const *names, uint32_t count)
{
    int letter = name.size != 0 ? name.data[0] | 0x20 : 0;
    uint32_t index = 0;
    while (index < count && ((names[index][0] | 0x20) != letter ||
                             !bytes_equal_ignoring_case(name, bytes_of(names[index])))) {
        index++;
    }
    return index;
}

enum status temporal_name_error(const char *what, struct bytes name, const char *const *names,
                                uint32_t count, struct error *error)
{
    const char *nearest = NULL;
    uint32_t distance = EDITS_MAX + 1;
    char all[NAMES_BYTES];
    size_t used = 0;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t edits = bytes_edit_distance(name, bytes_of(names[index]), EDITS_MAX);
        if (edits < distance) {
            nearest = names[index];
            distance = edits;
        }
        int length =
            snprintf(all + used, sizeof all - used, "%s%s", index == 0 ? "" : ", ", names[index]);
        used += length > 0 && (size_t)length < sizeof all - used ? (size_t)length : 0;
    }
    int shown = (int)(name.size < NAME_BYTES_SHOWN ? name.size : NAME_BYTES_SHOWN);
    return nearest != NULL ? error_set(error, STATUS_USAGE, "%s has no '%.*s'; did you mean %s?",
                                       what, shown, name.data, nearest)
                           : error_set(error, STATUS_USAGE, "%s has no '%.*s', but %s", what, shown,
                                       name.data, all);
}

static int64_t part_last(struct temporal_day day)
{
    return day.form == DATE_CALENDAR ? 12
           : day.form == DATE_WEEK   ? calendar_year_weeks(day.year)
                                     : 4;
}
