/* Functions over paths, and over the lists of flows and vertices that paths are made of. */
#ifndef GYRE_PIPELINE_PATH_FUNCTIONS_H
#define GYRE_PIPELINE_PATH_FUNCTIONS_H

#include "value/function.h"

function_call call_length;
function_call call_nodes;
function_call call_relationships;

/* Of a path or a list of flows: each StartTime at or after the one before; in the strict form after
 * it. True of one flow, or none. */
function_call call_ascending;
function_call call_strictly_ascending;

/* Of a path or a list of flows: the last one's StartTime - the first one's; of none, null. */
function_call call_span;

/* Of vertices, or of one list of vertices: no two are the same. Of a path: none is met twice, but
 * that it may end where it began. */
function_call call_unique_vertices;

#endif
