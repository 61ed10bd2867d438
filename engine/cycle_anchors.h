/* Cycles by the vertex at which they begin, for who asks which vertices these are, or how many
 * begin at each: one number per vertex, of all workers. Inside the engine only. */
#ifndef GYRE_ENGINE_CYCLE_ANCHORS_H
#define GYRE_ENGINE_CYCLE_ANCHORS_H

#include "engine/cycle_search.h"

/* Gives the search room to count in, which `counts` owns. */
enum status anchors_open(struct cycle_search *search, struct cycle_counts *counts,
                         struct error *error);

/* False: no memory. Nothing is done where the search has no such room. */
bool anchors_add(struct cycle_searcher *searcher, vertex_id anchor, uint64_t amount);
void anchors_subtract(struct cycle_searcher *searcher, vertex_id anchor, uint64_t amount);

/* Lists what was counted, when the search has ended. */
enum status anchors_list(const struct cycle_search *search, struct cycle_counts *counts,
                         struct error *error);

#endif
