/* How vertices, flows and paths of a graph are called in reports: the key, the row in the input,
 * (1.2.3.4)-[17]->(5.6.7.8). */
#ifndef GYRE_REPORT_NAMING_H
#define GYRE_REPORT_NAMING_H

#include "graph/graph.h"
#include "value/text.h"

struct value_naming naming_of(const struct graph *graph);

#endif
