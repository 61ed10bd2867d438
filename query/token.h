/* The tokens of a query, all at once; internal to the parser. */
#ifndef GYRE_QUERY_TOKEN_H
#define GYRE_QUERY_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "query/source.h"

struct token {
    int kind;
    bool has_comma;   /* an opening bracket: there is a comma directly in it */
    bool has_bar;     /* or a | */
    uint32_t partner; /* an opening bracket: the closing one */
    struct source_span span;
};

#endif
