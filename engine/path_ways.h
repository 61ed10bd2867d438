/* Hops of paths that are counted. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_WAYS_H
#define GYRE_ENGINE_PATH_WAYS_H

#include "engine/path_hop.h"

/* Lets paths go on by each flow; `ways` is how many end here. */
void path_count(struct path_hop *hop);

/* The same of a hop that is plain along flows begin .. end - 1 of a vertex, all links together. */
void path_count_plain(struct path_hop *hop, const struct timed_flows *flows, uint64_t begin,
                      uint64_t end);

/* sum += ways; too many end the search. */
void path_add_ways(struct path_lane *lane, uint64_t *sum, uint64_t ways);

#endif
