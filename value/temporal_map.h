/* Dates and times from maps, {year: 1984, week: 10} or {date: other, day: 28}, and truncated ones,
 * whose maps are of the same kind. Belongs to the temporal files of this floor. */
#ifndef GYRE_VALUE_TEMPORAL_MAP_H
#define GYRE_VALUE_TEMPORAL_MAP_H

#include "value/pool.h"
#include "value/temporal_parts.h"

/* NULL when an entry of the map is null. `now` is for maps of nothing but a time zone, and for the
 * offset of a time in a zone that has a name. */
enum status temporal_from_map(enum value_kind kind, struct value map,
                              const struct value_instant *now, struct pool *pool,
                              struct value *result, struct error *error);

/* As temporal_from_map, with `parts` to begin with; fractions of the second that the map has are
 * added to those of `parts`, and have to be below `room_ns`. An empty map is allowed. */
enum status temporal_from_parts(enum value_kind kind, struct temporal_parts parts, int64_t room_ns,
                                struct value map, const struct value_instant *now,
                                struct pool *pool, struct value *result, struct error *error);

/* `value`, any date or time, cut down to a whole `unit` ("month"), as a value of `kind`, with the
 * entries of `map` set in what was cut off. */
enum status temporal_truncate(enum value_kind kind, struct bytes unit, struct value value,
                              struct value map, const struct value_instant *now, struct pool *pool,
                              struct value *result, struct error *error);

#endif
