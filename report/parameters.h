/* What $name stands for in a query: the caller's parameters, and the rows that INTO kept. */
#ifndef GYRE_REPORT_PARAMETERS_H
#define GYRE_REPORT_PARAMETERS_H

#include "gyre.h"
#include "value/pool.h"

/* Zeroed: none. */
struct parameters {
    struct pool pool;
    struct value map;
};

/* A caller's parameter hides a view of the same name. */
enum status parameters_open(struct parameters *parameters, const struct gyre_graph *graph,
                            const struct gyre_query_options *options, struct error *error);
void parameters_close(struct parameters *parameters);

#endif
