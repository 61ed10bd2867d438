/* The long-lived arrays of a graph, one by one, for those who account for its memory. */
#ifndef GYRE_GRAPH_ARRAY_H
#define GYRE_GRAPH_ARRAY_H

#include <stdint.h>

#include "graph/graph.h"

#define ARRAY_SHARED UINT32_MAX

struct graph_array {
    const char *name;     /* what it holds, as the field is called: "link_target", "values" */
    const char *property; /* whose column it belongs to, or NULL */
    uint32_t partition;   /* ARRAY_SHARED: of none */
    uint32_t node;        /* that it is meant to lie on, or NODE_INTERLEAVED */
    const void *start;
    uint64_t bytes; /* more than 0 */
};

typedef void (*graph_array_function)(const struct graph_array *array, void *context);

/* Shared arrays first, then by partition; empty ones are left out. */
void graph_visit_arrays(const struct graph *graph, graph_array_function function, void *context);

#endif
