/* One hop of paths, along the links of a vertex. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_STEP_H
#define GYRE_ENGINE_PATH_STEP_H

#include "engine/path_search.h"

/* Goes along the links of a unit of `owner`, for paths of `hops` flows. */
void path_step(struct path_lane *lane, const struct path_lane *owner, const struct path_unit *unit,
               uint32_t hops);

/* The first hop of a single flow, the next one of a unit, which then begins behind it. False: there
 * is none left. */
bool path_step_one(struct path_lane *lane, struct path_unit *unit);

#endif
