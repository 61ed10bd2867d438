/* The work of a section on some rows, cut into morsels of about equal work, in order: so many rows
 * each, or parts of the work of a row (pattern.h) where it begins with all vertices, or at one
 * whose links are many. (Leis, Boncz, Kemper, Neumann: Morsel-Driven Parallelism, 2014.) */
#ifndef GYRE_PIPELINE_MORSEL_H
#define GYRE_PIPELINE_MORSEL_H

#include "pipeline/pattern.h"

struct morsel {
    uint64_t row_begin;
    uint64_t row_end;
    struct pattern_part part; /* of the only row; slice_count 0: all of each row */
};

struct morsel_list {
    struct morsel *morsels; /* in the pool */
    uint64_t count;
};

/* Rows to be divided. */
struct morsel_rows {
    const struct pattern_division *division;
    const struct graph *graph;
    uint64_t count;
    uint32_t worker_count;
    const struct value *vertices; /* [count * stride]: of the division's slot; NULL: it has none */
    uint32_t stride;
    uint64_t weight_max; /* of a morsel; 0: as equal shares say */
};

enum status morsels_make(struct morsel_list *list, const struct morsel_rows *rows,
                         struct pool *pool, struct error *error);

#endif
