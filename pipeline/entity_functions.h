/* Functions of the language that look at the graph: labels, type, keys, properties, id, startNode,
 * endNode, nodes, relationships, length, degrees, and what hunts ask of paths. */
#ifndef GYRE_PIPELINE_ENTITY_FUNCTIONS_H
#define GYRE_PIPELINE_ENTITY_FUNCTIONS_H

#include "value/function.h"

/* Their call.entities is a struct entities. */
extern const struct function_table entity_functions;

#endif
