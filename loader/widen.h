/* What a worker learnt of the columns whose type turned out to be too narrow. */
#ifndef GYRE_LOADER_WIDEN_H
#define GYRE_LOADER_WIDEN_H

#include "loader/layout.h"
#include "loader/reject.h"

/* The first row of the worst value of one column. */
struct widening {
    enum type type; /* TYPE_NULL: none */
    struct place place;
    char text[64];
};

/* Records that `field` does not fit `column`. */
void widening_add(struct widening *widening, const struct header_column *column, struct bytes field,
                  struct place place);

/* Takes over `other`, when it widens more, or as much and earlier. */
void widening_merge(struct widening *widening, const struct widening *other);

/* Gives the column the type that was learnt, and says so in a note. */
void widening_apply(const struct widening *widening, struct header_column *column, const char *file,
                    uint64_t line, struct load_report *report);

#endif
