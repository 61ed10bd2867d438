/* A path over vertices that has closed: from a list of flows per step to the number of cycles, or
 * to each one. The last frame of the searcher is the root again, with the closing flows. */
#ifndef GYRE_ENGINE_CYCLE_LEAF_H
#define GYRE_ENGINE_CYCLE_LEAF_H

#include "engine/cycle_search.h"

/* Counts the cycles on the path of all frames, without finding each one unless flows may repeat.
 * False when the search is to end. */
bool leaf_take(struct cycle_searcher *searcher);

/* Goes on with a path that another worker has begun to unfold. */
bool leaf_resume(struct cycle_searcher *searcher, const struct cycle_task *task);

#endif
