/* Numbers that name a day or a time of day, checked: "there is no month 13". Belongs to the
 * temporal files of this floor. */
#ifndef GYRE_VALUE_TEMPORAL_FIELDS_H
#define GYRE_VALUE_TEMPORAL_FIELDS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* The ways in which a day of a year is named. */
enum temporal_date_form {
    DATE_CALENDAR, /* part: month; day of the month */
    DATE_WEEK,     /* part: week; day of the week; the year is that of the week */
    DATE_QUARTER,  /* part: quarter; day of the quarter */
    DATE_ORDINAL,  /* no part; day of the year */
};

struct temporal_day {
    enum temporal_date_form form;
    int64_t year;
    int64_t part;
    int64_t day;
};

/* Days since 1970-01-01. STATUS_USAGE when there is no such day. */
enum status temporal_day_find(struct temporal_day day, int64_t *days, struct error *error);

/* How a day is named in a form. */
struct temporal_day temporal_day_of(enum temporal_date_form form, int64_t days);

/* The largest day that there is in a year and part that there are. */
int64_t temporal_day_last(struct temporal_day day);

/* Nanoseconds since midnight; `ns` are those of the second, and below 10^9. */
enum status temporal_time_find(int64_t hour, int64_t minute, int64_t second, int64_t ns,
                               int64_t *ns_of_day, struct error *error);

/* The index of a name, its case ignored; `count` when it is none of them. */
uint32_t temporal_name_find(struct bytes name, const char *const *names, uint32_t count);

/* "<what> has no 'yaer'; did you mean year?", or which names there are when none is near. */
enum status temporal_name_error(const char *what, struct bytes name, const char *const *names,
                                uint32_t count, struct error *error);

#endif
