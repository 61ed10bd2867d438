/* A first clause of one temporal cycle, (a)-[*..]->(a). */
#ifndef GYRE_PIPELINE_HEAD_CYCLE_H
#define GYRE_PIPELINE_HEAD_CYCLE_H

#include "pipeline/heading.h"

/* Puts a STAGE_CYCLES in its place. False: the clause is no such cycle, or one that the search for
 * them cannot find; nothing has changed then. */
bool head_take_cycles(struct heading *heading);

#endif
