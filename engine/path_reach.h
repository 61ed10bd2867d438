/* Hops where it is enough that there are paths. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_REACH_H
#define GYRE_ENGINE_PATH_REACH_H

#include "engine/path_hop.h"

/* Lets those go on that nobody else on the link does better than; `ways` is 1 if some end here. */
void path_reach(struct path_hop *hop);

#endif
