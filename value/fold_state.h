/* Inside of aggregates: what fold.c folds one by one, and fold_part.c as parts of a whole. */
#ifndef GYRE_VALUE_FOLD_STATE_H
#define GYRE_VALUE_FOLD_STATE_H

#include "value/fold.h"
#include "value/fold_number.h"
#include "value/value_set.h"

enum fold_function {
    FOLD_COUNT,
    FOLD_SUM,
    FOLD_AVG,
    FOLD_MIN,
    FOLD_MAX,
    FOLD_COLLECT,
    FOLD_DEVIATION,
    FOLD_DEVIATION_WHOLE,
    FOLD_PERCENTILE_BETWEEN,
    FOLD_PERCENTILE_AMONG,
};

struct fold_kind {
    const char *name;
    enum fold_function function;
    uint32_t parameters;
};

/* The least or greatest value so far. */
struct fold_best {
    struct value value;
    char *text; /* the room that a text has, used again for the next one */
    uint32_t text_bytes;
    uint64_t place; /* of a part: that of its row */
};

/* All values, of percentiles and lists. */
struct fold_values {
    struct pool_items items;
    struct value *joined; /* the items, side by side; NULL: they are in `items` */
    struct fold_percentile percentile;
};

struct fold_state {
    const struct fold_kind *kind;
    struct pool *pool;
    const uint64_t *place;    /* of the next row; NULL: it is no part */
    struct value_set *seen;   /* when DISTINCT; else NULL. A part takes what is in it when merged */
    struct pool_items places; /* of a part: those of the values that it keeps */
    bool is_disordered;       /* they are not ascending */
    int64_t count;            /* values taken */
    union {                   /* by kind */
        struct fold_best best;
        struct fold_sum sum;
        struct fold_deviation deviation;
        struct fold_values values;
    };
};

/* It keeps all values. */
static inline bool fold_has_values(const struct fold_kind *kind)
{
    return kind->function == FOLD_COLLECT || kind->parameters > 0;
}

/* It keeps those that it takes, or those that differ. */
static inline bool fold_keeps_values(const struct fold_state *state)
{
    return state->seen != NULL || fold_has_values(state->kind);
}

/* fold.c */

/* Takes a value that is not null, and of a DISTINCT one new. `is_kept`: it lies in the state's pool
 * already. */
enum status fold_take_new(struct fold_state *state, struct value value, bool is_kept,
                          struct error *error);

/* Of a DISTINCT one: *value becomes the one that is kept. */
enum status fold_see(struct fold_state *state, struct value *value, bool *is_new,
                     struct error *error);

/* fold_part.c: of a part that keeps values. */

/* The next value that it keeps stands where the next row does. */
enum status fold_keep_place(struct fold_state *state, struct error *error);

/* Keeps a value of a DISTINCT one, of which nothing is taken before parts are merged. */
enum status fold_see_in_part(struct fold_state *state, struct value value, struct error *error);

#endif
