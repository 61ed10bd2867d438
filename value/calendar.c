/* The proleptic Gregorian calendar.
 *
 * Days are counted in eras of 400 years, 146,097 days each, with years that begin in March, so that
 * the leap day is the last of its year (H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
#include "value/calendar.h"

enum {
    DAYS_PER_ERA = 146097,
    YEARS_PER_ERA = 400,
    DAYS_BEFORE_1970 = 719468, /* since 0000-03-01 */
    MONDAY_SHIFT = 3,          /* 1970-01-01 was a Thursday, three days after a Monday */
};

static int32_t quarter_first_month(int32_t quarter);

bool calendar_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t calendar_month_days(int64_t year, int32_t month)
{
    static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && calendar_is_leap(year));
}

int32_t calendar_quarter_days(int64_t year, int32_t quarter)
{
    int32_t days = 0;
    for (int32_t month = 0; month < 3; month++) {
        days += calendar_month_days(year, quarter_first_month(quarter) + month);
    }
    return days;
}

/* December 28th is always in the last week. */
int32_t calendar_year_weeks(int64_t year)
{
    return calendar_week(calendar_days((struct calendar_date){year, 12, 28})).week;
}

int64_t calendar_days(struct calendar_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = floor_divide(year, YEARS_PER_ERA);
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t month = date.month + (date.month > 2 ? -3 : 9);
    int64_t day_of_year = (153 * month + 2) / 5;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970 + (date.day - 1);
}

struct calendar_date calendar_date(int64_t days)
{
    int64_t shifted = days + DAYS_BEFORE_1970;
    int64_t era = floor_divide(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct calendar_date date;
    date.day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = (int32_t)(month < 10 ? month + 3 : month - 9);
    date.year = year_of_era + era * YEARS_PER_ERA + (date.month <= 2);
    return date;
}

/* January 4th is always in week 1. */
int64_t calendar_days_of_week(struct calendar_week week)
{
    int64_t fourth = calendar_days((struct calendar_date){week.year, 1, 4});
    int64_t monday = fourth - floor_remainder(fourth + MONDAY_SHIFT, 7);
    return monday + ((int64_t)week.week - 1) * 7 + week.day - 1;
}

/* The year of a week is that of its Thursday. */
struct calendar_week calendar_week(int64_t days)
{
    int32_t day = (int32_t)floor_remainder(days + MONDAY_SHIFT, 7);
    int64_t thursday = days - day + 3;
    struct calendar_week week = {.year = calendar_date(thursday).year, .day = day + 1};
    week.week = (calendar_day_of_year(thursday) - 1) / 7 + 1;
    return week;
}

int32_t calendar_day_of_year(int64_t days)
{
    int64_t year = calendar_date(days).year;
    return (int32_t)(days - calendar_days((struct calendar_date){year, 1, 1})) + 1;
}

int32_t calendar_day_of_quarter(int64_t days)
{
    struct calendar_date date = calendar_date(days);
    date.month = quarter_first_month((date.month + 2) / 3);
    date.day = 1;
    return (int32_t)(days - calendar_days(date)) + 1;
}

bool calendar_add_months(int64_t days, int64_t months, int64_t *result)
{
    struct calendar_date date = calendar_date(days);
    int64_t month;
    if (__builtin_add_overflow(date.year * 12 + date.month - 1, months, &month)) {
        return false;
    }
    date.year = floor_divide(month, 12);
    date.month = (int32_t)floor_remainder(month, 12) + 1;
    if (date.year < -CALENDAR_YEAR_MAX || date.year > CALENDAR_YEAR_MAX) {
        return false;
    }
    int32_t last = calendar_month_days(date.year, date.month);
    date.day = date.day > last ? last : date.day;
    *result = calendar_days(date);
    return true;
}

static int32_t quarter_first_month(int32_t quarter)
{
    return quarter * 3 - 2;
}
