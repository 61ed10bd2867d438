/* Patterns that are temporal cycles (query/ring.h), found by the search for cycles, as rows for the
 * same sink, where laying them on links one by one would cost more. */
#ifndef GYRE_ENGINE_MATCH_RING_H
#define GYRE_ENGINE_MATCH_RING_H

#include "engine/match.h"
#include "engine/search.h"

/* Sets plan->ring where that is cheaper, or `cycles` wants it. */
void match_ring_choose(struct plan *plan, const struct bound_query *query,
                       const struct filters *filters, enum match_cycles cycles);

/* Searches for search->plan->ring. An interrupt or a limit, which the stop tells of, is no error
 * here. */
enum status match_ring_run(struct search *search, const struct match_options *options,
                           struct budget *budget, struct match_statistics *statistics,
                           struct error *error);

#endif
