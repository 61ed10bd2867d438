/* The links of a vertex that have a flow in the windows that a bound edge's flows leave. */
#ifndef GYRE_ENGINE_TIMED_LINKS_H
#define GYRE_ENGINE_TIMED_LINKS_H

#include "engine/search.h"

/* Lists in the step's frame the links of the walked neighbours that have a flow in the windows;
 * false when walking all of them is cheaper, or there is no memory for the list. The order of the
 * list is the same for whoever makes it from the same partial match. */
bool timed_links_enter(struct searcher *searcher, uint32_t step);

/* The flows of a bound edge's link that the windows leave. */
struct timing {
    uint32_t edge;
    uint32_t first;
    uint32_t last;
};

/* The bound edge whose flows leave the least time for flows of `edge`. */
struct timing timed_links_timing(const struct searcher *searcher, uint32_t edge);

#endif
