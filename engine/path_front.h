/* Where paths of one number of flows have arrived, made ready for the next hop. Inside the engine
 * only. */
#ifndef GYRE_ENGINE_PATH_FRONT_H
#define GYRE_ENGINE_PATH_FRONT_H

#include "engine/path_search.h"

/* Puts what the lane emitted in order, each list for itself, before others take it. */
void path_settle(struct path_lane *lane);

/* What all lanes emitted for this one becomes its arrivals and units; what has ended with `hops`
 * flows its kinds. */
void path_gather(struct path_lane *lane, uint32_t hops);

/* Forgets all arrivals, and what is known. */
void path_forget(struct path_lane *lane);

/* Adds units for all links of a vertex. False without memory. */
bool path_add_units(struct path_lane *lane, vertex_id vertex, uint64_t begin, uint64_t end);

/* The same for path_step_one, of some hundred flows each. */
bool path_add_single(struct path_lane *lane, vertex_id vertex);

/* Ends the search: there is no memory; or there are too many paths, unless nobody wants to know how
 * many. */
void path_fail_short(struct path_lane *lane);
void path_fail_full(struct path_lane *lane);

#endif
