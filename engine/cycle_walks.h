/* Counts the cycles of one root where vertices may repeat, without following paths: the flows of
 * the root are gone through in time, and each hands the numbers of ways that lead to its source, by
 * number of hops, on to its target. Where equal times may follow each other no flow may be used
 * twice, so that flows of one time are put together in all ways first; there are few of these.
 *
 * Once for each first flow, since the window depends on it: the cost is the number of first flows
 * times the flows in a window times the hops, however many cycles there are. */
#ifndef GYRE_ENGINE_CYCLE_WALKS_H
#define GYRE_ENGINE_CYCLE_WALKS_H

#include "engine/cycle_search.h"

/* Whether the query's cycles are counted in this way. */
bool walks_suit(const struct cycle_search *search);

/* Counts the cycles that begin with the flows kept[first_next .. first_end - 1] of the searcher,
 * where the root has been explored. False when the search is to end. */
bool walks_count(struct cycle_searcher *searcher);

#endif
