/* Durations: made of numbers with fractions, of text, of maps. Belongs to the temporal files of
 * this floor; what others need is in value/temporal.h. */
#ifndef GYRE_VALUE_DURATION_H
#define GYRE_VALUE_DURATION_H

#include "value/pool.h"

/* A duration being summed up: what is left of a unit that has no whole number of smaller ones is
 * kept as nanoseconds, of a month of 30.436875 days and of a day of 24 hours. Each sum is wide
 * enough for any number of terms that a text or a map has. */
struct duration_sum {
    __int128 months;
    __int128 days;
    __int128 ns;
    double month_rest; /* fractions of a month */
    double day_rest;   /* fractions of a day */
    double ns_rest;    /* fractions of a nanosecond */
};

enum duration_unit {
    DURATION_YEARS,
    DURATION_QUARTERS,
    DURATION_MONTHS,
    DURATION_WEEKS,
    DURATION_DAYS,
    DURATION_HOURS,
    DURATION_MINUTES,
    DURATION_SECONDS,
    DURATION_MILLISECONDS,
    DURATION_MICROSECONDS,
    DURATION_NANOSECONDS,
    DURATION_UNITS,
};

/* Adds `whole` + `fraction` units; |fraction| < 1. */
void duration_sum_add(struct duration_sum *sum, enum duration_unit unit, int64_t whole,
                      double fraction);

/* As duration_sum_add, of a number; false when it is not finite or too large. */
bool duration_sum_add_number(struct duration_sum *sum, enum duration_unit unit, double number);

/* STATUS_USAGE when it does not fit. */
enum status duration_sum_finish(const struct duration_sum *sum, struct pool *pool,
                                struct value *result, struct error *error);

/* A value of these parts, of which `ns` may have any size. */
enum status duration_make(int64_t months, int64_t days, __int128 ns, struct pool *pool,
                          struct value *result, struct error *error);

/* Nanoseconds of the seconds part. */
static inline __int128 duration_ns(const struct value_duration *duration)
{
    return (__int128)duration->seconds * 1000000000 + duration->nanoseconds;
}

/* ISO 8601: "P1Y2M3W4DT5H6M7.5S" with signs and fractions anywhere, "-P1D",
 * "P2012-02-02T14:37:21.545". */
enum status duration_parse_text(struct bytes text, struct pool *pool, struct value *result,
                                struct error *error);

/* {days: 1.5, hours: -2}; NULL when a number is null. */
enum status duration_from_map(struct value map, struct pool *pool, struct value *result,
                              struct error *error);

/* From `from` to `to`, any two dates or times. What one lacks (a date, a zone) it takes from the
 * other; a date is its midnight; without any date there are no months or days. */
enum duration_between {
    BETWEEN_ALL, /* months, then days, then seconds */
    BETWEEN_MONTHS,
    BETWEEN_DAYS,
    BETWEEN_SECONDS,
};
enum status duration_between(enum duration_between units, struct value from, struct value to,
                             struct pool *pool, struct value *result, struct error *error);

#endif
