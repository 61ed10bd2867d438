/* Patterns of one edge whose links are scanned: flows go straight from their links into the batch,
 * where nothing but filters of flows and vertices is asked of them. Such are the questions of those
 * who explore flows, by groups and by rows. */
#ifndef GYRE_ENGINE_SEARCH_STRAIGHT_H
#define GYRE_ENGINE_SEARCH_STRAIGHT_H

#include "engine/search.h"

/* Whether the search is one of these. To be asked when its predicates are compiled. */
bool straight_fits(const struct search *search);

/* Takes the flows of a link, at most SEARCH_BLOCK, that pass the edge's filter. Its ends are bound,
 * and pass. */
void straight_take(struct searcher *searcher, uint32_t edge, const struct partition *partition,
                   uint32_t link);

#endif
