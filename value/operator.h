/* Arithmetic and the other operators that are neither logic nor comparison. Null in, null out.
 * Errors (STATUS_USAGE, text without a place) are wrong kinds, integer overflow, division of an
 * integer by zero. */
#ifndef GYRE_VALUE_OPERATOR_H
#define GYRE_VALUE_OPERATOR_H

#include "value/pool.h"

/* Numbers; text + anything that has a text; list + list, list + item; dates and times + duration;
 * duration + duration. */
enum status value_add(struct value left, struct value right, struct pool *pool,
                      struct value *result, struct error *error);
/* Also date - duration, duration - duration, datetime - datetime (a duration in seconds). */
enum status value_subtract(struct value left, struct value right, struct pool *pool,
                           struct value *result, struct error *error);
enum status value_multiply(struct value left, struct value right, struct pool *pool,
                           struct value *result, struct error *error);
enum status value_divide(struct value left, struct value right, struct pool *pool,
                         struct value *result, struct error *error);
enum status value_remainder(struct value left, struct value right, struct pool *pool,
                            struct value *result, struct error *error);
/* Always a float. */
enum status value_power(struct value left, struct value right, struct pool *pool,
                        struct value *result, struct error *error);
enum status value_negate(struct value operand, struct pool *pool, struct value *result,
                         struct error *error);

/* BOOL or NULL; NULL when either is no text. */
struct value value_starts_with(struct value left, struct value right);
struct value value_ends_with(struct value left, struct value right);
struct value value_contains(struct value left, struct value right);

/* `left =~ right`: the whole text matches the regular expression (value/regex.h says which there
 * are); NULL when either is no text. Wrong expressions are errors, and so is a `stop` (NULL:
 * none) of what takes long. */
enum status value_matches(struct value left, struct value right, struct stop *stop,
                          struct value *result, struct error *error);

/* `container[index]` of a list (negative from the end, beyond the ends null) or a map. */
enum status value_index(struct value container, struct value index, struct value *result,
                        struct error *error);

/* `list[from..to]`; VALUE_NULL bounds make null, `has_from`/`has_to` false means the end. */
enum status value_slice(struct value list, bool has_from, struct value from, bool has_to,
                        struct value to, struct value *result, struct error *error);

/* Components of dates, times and durations, `value.name`: date.year, duration.minutes, ...
 * NULL-kind when there is none of that name, which is an error with `error` set. */
enum status value_component(struct value value, struct bytes name, struct pool *pool,
                            struct value *result, struct error *error);

#endif
