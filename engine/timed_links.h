/* The links of a vertex that have a flow in the windows that a bound edge's flows leave. */
#ifndef GYRE_ENGINE_TIMED_LINKS_H
#define GYRE_ENGINE_TIMED_LINKS_H

#include "engine/search.h"

/* Lists in the step's frame the links of the walked neighbours that have a flow in
 * the windows; false when walking all of them is cheaper. Deterministic, so that a thief lists the
 * same. */
bool timed_links_enter(struct searcher *searcher, uint32_t step);

#endif
