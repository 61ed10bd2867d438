/* What vertices and flows of the loader's graphs are to the language. */
#ifndef GYRE_PIPELINE_FLOW_ENTITIES_H
#define GYRE_PIPELINE_FLOW_ENTITIES_H

#include "pipeline/entities.h"

/* `graph` and the views outlive it. */
struct entities flow_entities(const struct graph *graph, const struct view *views);

#endif
