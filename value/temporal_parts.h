/* A date or time taken apart: what parsing, maps, truncation and arithmetic work on before a value
 * is made of it. Belongs to the temporal files of this floor. */
#ifndef GYRE_VALUE_TEMPORAL_PARTS_H
#define GYRE_VALUE_TEMPORAL_PARTS_H

#include "value/pool.h"

/* By name or, with an empty name, by its offset. With a name, `offset` is the one that the zone has
 * at the time that it goes with, once that is settled. */
struct temporal_zone {
    int32_t offset; /* seconds east of Greenwich */
    struct bytes name;
};

/* All by the clock of its zone. What is not there is 0, and UTC. */
struct temporal_parts {
    int64_t days; /* since 1970-01-01 */
    int64_t ns;   /* since midnight, below NS_PER_DAY */
    struct temporal_zone zone;
    bool has_date;
    bool has_time;
    bool has_zone;
};

/* Of any date or time; not of a duration. */
struct temporal_parts temporal_parts_of(struct value value);

/* A value of `kind` from settled parts; what the kind has and the parts have not is 0, what it has
 * not is left out. STATUS_USAGE when the year is out of range. */
enum status temporal_build(enum value_kind kind, const struct temporal_parts *parts,
                           struct pool *pool, struct value *result, struct error *error);

/* Finds the offset of a zone with a name, from the date and time; where its clocks were set forward
 * over that time, moves on to one that there is. `preferred`: where the time came twice, the offset
 * to take (NULL: the first). `parts` have a date. */
enum status temporal_settle(struct temporal_parts *parts, const int32_t *preferred,
                            struct error *error);

/* The same instant by the clock of another zone; `parts` are settled. */
enum status temporal_move(struct temporal_parts *parts, struct temporal_zone zone,
                          struct error *error);

/* So much later; `parts` are settled. Without a date it goes round at midnight. */
enum status temporal_advance(struct temporal_parts *parts, int64_t seconds, int32_t nanoseconds,
                             struct error *error);

/* Seconds since 1970 UTC; `parts` are settled. */
int64_t temporal_utc_seconds(const struct temporal_parts *parts);

/* The parts of `utc` by the clock of a zone. */
enum status temporal_at(struct temporal_zone zone, int64_t utc, uint32_t nanoseconds,
                        struct temporal_parts *parts, struct error *error);

/* Reads "+02:00", "Z", "Europe/Stockholm"; whether there is a zone of that name is seen when it is
 * settled. */
enum status temporal_zone_parse(struct bytes text, struct temporal_zone *zone, struct error *error);

/* Reads what a value of `kind` may be written as; all parts that it has are there and settled, the
 * zone's name is borrowed from the text. */
enum status temporal_parse(enum value_kind kind, struct bytes text, struct temporal_parts *parts,
                           struct error *error);

/* An offset as it is printed: "Z", "+02:00", "-02:05:07". Returns what follows its end. */
char *temporal_put_offset(char *at, int32_t offset);

/* "date", "localtime", ...: the function of a kind. */
const char *temporal_function_name(enum value_kind kind);

#endif
