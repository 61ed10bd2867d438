/* Equality, equivalence, comparison and order, as openCypher 9 has them.
 *
 * Three relations that differ at null, NaN and between kinds:
 *   equality     `=`: true, false or null; 1 = 1.0; null in anything makes null unless the rest
 *                already differs; NaN equals nothing; different kinds are not equal
 *   equivalence  DISTINCT, grouping, collect(DISTINCT): null is null, NaN is NaN; 1 is 1.0
 *   order        ORDER BY, min, max: total; ascending: map, vertex, edge, list, path, datetime,
 *                local datetime, date, time, local time, duration, text, boolean, number (NaN
 *                last), null last
 *
 * Lists may have millions of items: comparing them ends soon after an interrupt of `stop` (NULL:
 * never), with an answer that means nothing. Who gives a stop looks at it before going on from
 * there. */
#ifndef GYRE_VALUE_COMPARE_H
#define GYRE_VALUE_COMPARE_H

#include <stdint.h>

#include "base/stop.h"
#include "value/value.h"

/* BOOL or NULL. */
struct value value_equal(struct value left, struct value right, struct stop *stop);

/* `<`, `<=`, `>`, `>=`: numbers, texts (by code points), booleans, lists (item by item), dates and
 * times of one kind, durations
 * without months (a day has 24 hours); NULL for anything else, NaN makes false. */
enum value_comparison { COMPARE_LESS, COMPARE_LESS_EQUAL, COMPARE_GREATER, COMPARE_GREATER_EQUAL };
struct value value_compare(enum value_comparison comparison, struct value left, struct value right,
                           struct stop *stop);

bool value_equivalent(struct value left, struct value right, struct stop *stop);

/* Equal for equivalent values. */
uint64_t value_hash(struct value value);

/* Below 0, 0, above 0. */
int value_order(struct value left, struct value right, struct stop *stop);

/* `item IN list`: BOOL or NULL; `list` is a list. */
struct value value_in(struct value item, struct value list, struct stop *stop);

#endif
