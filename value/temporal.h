/* Dates, times and durations of openCypher 9: order, text, components, arithmetic, and what leads
 * from gyre's own times (nanoseconds since 1970 UTC) to them and back. The functions that queries
 * call (date, datetime, duration.between, ...) are the table temporal_functions of
 * value/function.h.
 *
 * The calendar is the proleptic Gregorian one, of the years -999,999,999 to 999,999,999; an offset
 * is at most 18 hours. Where a zone is needed and none is named, it is UTC. A named zone is looked
 * up in the system's database at each use (value/zone.h); what is computed from a value that exists
 * already (order, text, components) needs no look-up, since the value carries its offset.
 *
 * Results lie in the pool that is given. Errors are STATUS_USAGE, and STATUS_LIMIT or STATUS_FAILED
 * where the pool has no memory. Any thread may call any function. */
#ifndef GYRE_VALUE_TEMPORAL_H
#define GYRE_VALUE_TEMPORAL_H

#include "value/pool.h"

/* Enough for any of them, with a zone's name. */
enum { TEMPORAL_TEXT_BYTES = 160 };

static inline bool temporal_is(enum value_kind kind)
{
    return kind >= VALUE_DATE && kind <= VALUE_DURATION;
}

/* Of two values of the same kind: below 0, 0, above 0; 0 is the same as temporal_equal. With a time
 * zone, order is by the instant, then by the offset from west to east, then by the zone's name.
 * Durations are in order of their length with months of 30.436875 days. */
int temporal_order(struct value left, struct value right);

/* The same kind and nothing differs: 12:00Z and 13:00+01:00 are not equal, nor are P1D and
 * PT24H. */
bool temporal_equal(struct value left, struct value right);

/* Equal for equal values. */
uint64_t temporal_hash(struct value value);

/* ISO 8601, as openCypher prints it; what the function of the kind's name reads back as an equal
 * value. `text` has room for TEMPORAL_TEXT_BYTES. Returns the length; NUL-terminated. */
uint32_t temporal_text(struct value value, char *text);

/* A date or time and a duration, either first; two durations. A date takes of the duration's
 * seconds the whole days; a time of day takes seconds only, and goes round at midnight. */
enum status temporal_add(struct value left, struct value right, struct pool *pool,
                         struct value *result, struct error *error);

/* Also of two dates or times of the same kind: the duration from `right` to `left`, in days for
 * dates, in seconds for all others. */
enum status temporal_subtract(struct value left, struct value right, struct pool *pool,
                              struct value *result, struct error *error);

/* `duration` * `factor`, `duration` / `divisor`, each part for itself; fractions of months and days
 * go down to the next smaller unit. Not-a-number, a divisor of 0 and what does not fit are
 * errors. */
enum status temporal_scale(struct value duration, double factor, struct pool *pool,
                           struct value *result, struct error *error);
enum status temporal_divide(struct value duration, double divisor, struct pool *pool,
                            struct value *result, struct error *error);
enum status temporal_negate(struct value duration, struct pool *pool, struct value *result,
                            struct error *error);

/* `value.name`: year, dayOfWeek, epochMillis, minutesOfHour, ... Case is ignored. An error says
 * which names there are. */
enum status temporal_component(struct value value, struct bytes name, struct pool *pool,
                               struct value *result, struct error *error);

/* A DATETIME with offset 0. */
enum status temporal_from_ns(int64_t ns, struct pool *pool, struct value *result,
                             struct error *error);

/* False when the DATETIME is outside of what nanoseconds in 64 bits reach, 1677 to 2262. */
bool temporal_to_ns(struct value datetime, int64_t *ns);

enum status temporal_duration_from_ns(int64_t ns, struct pool *pool, struct value *result,
                                      struct error *error);

/* Days count as 24 hours. False when it has months, which have no fixed length, or does not fit. */
bool temporal_duration_to_ns(struct value duration, int64_t *ns);

#endif
