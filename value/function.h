/* The functions of the language that need no graph. Those that need one are in
 * pipeline/entity_functions.c, in the same form. */
#ifndef GYRE_VALUE_FUNCTION_H
#define GYRE_VALUE_FUNCTION_H

#include "base/stop.h"
#include "value/pool.h"

/* What a call may use. */
struct call {
    struct pool *pool; /* where the result's memory comes from */
    struct error *error;
    const void *entities;     /* of functions over a graph: struct entities (pipeline/) */
    struct value_instant now; /* UTC; the same for a whole query */
    uint64_t *random;         /* state of rand(), of the query */
    struct stop *stop;        /* of the query; NULL: nobody ends it */
};

/* Arguments are as many as the function takes. STATUS_USAGE, with a text that says what was
 * expected and what came, for wrong arguments. Null in most arguments makes null: each function
 * sees to that itself. */
typedef enum status function_call(struct call *call, const struct value *arguments, uint32_t count,
                                  struct value *result);

struct function {
    const char *name; /* as documented, "toUpper", "duration.between"; found ignoring case */
    uint32_t least;   /* arguments */
    uint32_t most;    /* UINT32_MAX: any number */
    function_call *call;
    bool is_constant; /* the same arguments give the same result: false for rand, timestamp, ... */
};

struct function_table {
    const struct function *functions;
    uint32_t count;
};

/* Numbers, texts, lists, maps, conversions, addresses. */
extern const struct function_table value_functions;
/* date, time, localtime, datetime, localdatetime, duration and what goes with them. */
extern const struct function_table temporal_functions;

/* NULL when the table has none of that name. */
const struct function *function_find(const struct function_table *table, struct bytes name);

#endif
