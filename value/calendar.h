/* The proleptic Gregorian calendar: days since 1970-01-01 against years, months, weeks, quarters.
 * No state, no errors: callers ask whether a date is one before they build it. */
#ifndef GYRE_VALUE_CALENDAR_H
#define GYRE_VALUE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_YEAR_MAX INT64_C(999999999)     /* and as many before year 0 */
#define CALENDAR_DAYS_MIN INT64_C(-365243219162) /* -999999999-01-01 */
#define CALENDAR_DAYS_MAX INT64_C(365241780471)  /* 999999999-12-31 */
#define SECONDS_PER_DAY INT64_C(86400)
#define NS_PER_DAY INT64_C(86400000000000)

struct calendar_date {
    int64_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

/* ISO 8601: week 1 is the one with the year's first Thursday; days count from Monday, 1. */
struct calendar_week {
    int64_t year; /* may be the one before or after that of the date */
    int32_t week; /* 1..53 */
    int32_t day;  /* 1..7 */
};

/* Rounded down, as the remainder is never negative. `divisor` is above 0. */
static inline int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

static inline int64_t floor_remainder(int64_t value, int64_t divisor)
{
    return value % divisor + (value % divisor < 0 ? divisor : 0);
}

bool calendar_is_leap(int64_t year);
int32_t calendar_month_days(int64_t year, int32_t month);
int32_t calendar_quarter_days(int64_t year, int32_t quarter);
int32_t calendar_year_weeks(int64_t year);

static inline bool calendar_has_year(int64_t year)
{
    return year >= -CALENDAR_YEAR_MAX && year <= CALENDAR_YEAR_MAX;
}

static inline bool calendar_has_day(int64_t days)
{
    return days >= CALENDAR_DAYS_MIN && days <= CALENDAR_DAYS_MAX;
}

/* `month` 1..12; `day` may be any number, counted from the first of the month. */
int64_t calendar_days(struct calendar_date date);
struct calendar_date calendar_date(int64_t days);

/* `week` and `day` may be any number. */
int64_t calendar_days_of_week(struct calendar_week week);
struct calendar_week calendar_week(int64_t days);

/* 1..366 and 1..92. */
int32_t calendar_day_of_year(int64_t days);
int32_t calendar_day_of_quarter(int64_t days);

/* The same day of another month; the last one of that month where it has fewer days. False when
 * the year is out of range. */
bool calendar_add_months(int64_t days, int64_t months, int64_t *result);

#endif
