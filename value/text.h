/* Values as text. */
#ifndef GYRE_VALUE_TEXT_H
#define GYRE_VALUE_TEXT_H

#include "base/status.h"
#include "value/pool.h"

/* How vertices, flows and paths are written: a function of whoever knows the graph, which makes a
 * TEXT in the pool. */
struct value_naming {
    enum status (*name)(void *context, struct value entity, struct pool *pool, struct value *text,
                        struct error *error);
    void *context;
    bool edges_are_numbers;  /* so that JSON has them without quotes */
    bool times_have_seconds; /* of datetimes in UTC, 00 too, as columns of times are written */
};

/* As a query would write it: 'text' quoted, [1, 2.0], {a: null}, dates quoted in ISO 8601. Makes a
 * TEXT in the pool. Keys of maps come in ascending order. */
enum status value_to_literal(struct value value, const struct value_naming *naming,
                             struct pool *pool, struct value *text, struct error *error);

/* As toString() gives it and reports show it: texts, dates and times bare; lists and maps as
 * value_to_literal. Null is "null". A TEXT is given back as it is, without a copy. */
enum status value_to_text(struct value value, const struct value_naming *naming, struct pool *pool,
                          struct value *text, struct error *error);

/* As JSON: texts, dates, times and entities as strings, NaN and infinities as null. */
enum status value_to_json(struct value value, const struct value_naming *naming, struct pool *pool,
                          struct value *text, struct error *error);

#endif
